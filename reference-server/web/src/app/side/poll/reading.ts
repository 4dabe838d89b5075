// What a poll says to one: its choices in words, its counts, and what one may do with it.

import type { MeetingState, Participant, Poll, PollAnswers } from "../../../sdk";
import { t } from "../../i18n/index.svelte";

/** The choices in words, in their order. */
export function choicesOf(answers: PollAnswers): string[] {
  switch (answers.kind) {
    case "yes_no":
      return [t("poll.yes"), t("poll.no")];
    case "yes_no_abstain":
      return [t("poll.yes"), t("poll.no"), t("poll.abstain")];
    case "letters":
      return Array.from({ length: answers.count }, (_, at) => String.fromCharCode(65 + at));
    case "own":
      return answers.texts.map((text) => text ?? t("poll.erased"));
  }
}

/** Whether one sees who chose what: moderators do, and whoever asks. */
export function seesVotes(poll: Poll, self: Participant | undefined): boolean {
  return self !== undefined && (self.role === "moderator" || self.id === poll.by);
}

/** Whether one may ask everyone something. */
export function mayAsk(state: MeetingState, self: Participant | undefined): boolean {
  return self !== undefined && self.role !== "service" && (self.role === "moderator" || state.presenter === self.id);
}

/** How many chose each, as far as one may know it; `null` if one may not. */
export function countsOf(poll: Poll, self: Participant | undefined): number[] | null {
  if (poll.anonymous && counted(poll) === 0) return null;
  if (poll.counts !== undefined) return poll.counts;
  if (poll.anonymous || !seesVotes(poll, self)) return null;
  return choicesOf(poll.answers).map((_, at) => poll.votes.filter((vote) => vote.choices.includes(at)).length);
}

/** How many votes the counts are of. */
export function counted(poll: Poll): number {
  return poll.voted - poll.uncounted;
}

/** Whether one has voted. */
export function hasVoted(poll: Poll, self: Participant | undefined): boolean {
  return poll.cast || ownVote(poll, self) !== null;
}

/** What one chose oneself; `null` before one voted. */
export function ownVote(poll: Poll, self: Participant | undefined): readonly number[] | null {
  return poll.votes.find((vote) => vote.by === self?.id)?.choices ?? null;
}

/** The poll that is open, if one is. */
export function openPoll(state: MeetingState): Poll | undefined {
  return state.polls.find((poll) => poll.stage === "open");
}
