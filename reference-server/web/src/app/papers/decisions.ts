// What everyone decided together, for the minutes: how many chose what, never who.

import type { MeetingState, Participant, Poll, SecretVote } from "../../sdk";
import { t } from "../i18n/index.svelte";
import { choicesOf, counted, countsOf, saidText } from "../side/poll/reading";
import { wordsOf } from "../side/vote/reading";

/** One line for each poll and secret vote whose results everyone was shown, first asked first. */
export function decisionsOf(state: MeetingState, self: Participant | undefined): readonly string[] {
  const polls = state.polls.filter((poll) => poll.stage === "published").map((poll) => ({ at: poll.at, line: polled(poll, self) }));
  const votes = state.votes.filter((vote) => vote.stage === "closed").map((vote) => ({ at: vote.at, line: voted(vote) }));
  return [...polls, ...votes].sort((one, other) => one.at - other.at).map(({ line }) => line);
}

function polled(poll: Poll, self: Participant | undefined): string {
  const question = poll.question ?? t("poll.erased");
  const asked = poll.anonymous ? `${question} (${t("poll.is_anonymous")})` : question;
  const counts = countsOf(poll, self);
  if (counts === null) return `${asked}: ${t("poll.few")}`;
  const chosen = poll.answers.kind === "text" ? saidText(poll.said) : withCounts(choicesOf(poll.answers), counts);
  const rest = poll.uncounted > 0 && counted(poll) > 0 ? `. ${t("poll.uncounted", { count: poll.uncounted })}` : "";
  return `${asked}: ${chosen}${rest}`;
}

function voted(vote: SecretVote): string {
  const question = vote.question ?? t("poll.erased");
  return `${question} (${t("vote.is_secret")}): ${withCounts(wordsOf(vote), vote.counts ?? [])}`;
}

function withCounts(choices: readonly string[], counts: readonly number[]): string {
  return choices.map((choice, at) => `${choice} ${counts[at] ?? 0}`).join(", ");
}
