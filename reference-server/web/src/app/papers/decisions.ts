// What everyone decided together, for the minutes: how many chose what, never who.

import type { MeetingState, Participant, Poll } from "../../sdk";
import { t } from "../i18n/index.svelte";
import { choicesOf, counted, countsOf } from "../side/poll/reading";

/** One line for each poll whose results everyone was shown, first asked first. */
export function decisionsOf(state: MeetingState, self: Participant | undefined): readonly string[] {
  return state.polls.filter((poll) => poll.stage === "published").map((poll) => decision(poll, self));
}

function decision(poll: Poll, self: Participant | undefined): string {
  const question = poll.question ?? t("poll.erased");
  const asked = poll.anonymous ? `${question} (${t("poll.is_anonymous")})` : question;
  const counts = countsOf(poll, self);
  if (counts === null) return `${asked}: ${t("poll.few")}`;
  const chosen = choicesOf(poll.answers).map((choice, at) => `${choice} ${counts[at] ?? 0}`);
  const rest = poll.uncounted > 0 && counted(poll) > 0 ? `. ${t("poll.uncounted", { count: poll.uncounted })}` : "";
  return `${asked}: ${chosen.join(", ")}${rest}`;
}
