// What a poll says to one: its choices in words, its counts, and what one may do with it.

import type { KnownPoll, MeetingState, Participant, Poll, PollAnswers, PollSaid } from "../../../sdk";
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
    case "text":
      return [];
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

/** What was answered in words of one's own, as far as one may know it; `null` if one may not, or where there are choices. */
export function saidIn(poll: Poll, self: Participant | undefined): readonly PollSaid[] | null {
  if (poll.answers.kind !== "text" || (poll.anonymous && counted(poll) === 0)) return null;
  if (poll.counts !== undefined) return poll.said;
  if (poll.anonymous || !seesVotes(poll, self)) return null;
  const times = new Map<string | null, number>();
  for (const { text } of poll.written) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].map(([text, count]) => ({ text, times: count })).sort((one, other) => other.times - one.times);
}

/** Answers in one line, with how often they were given. */
export function saidText(said: readonly PollSaid[]): string {
  return said.map(({ text, times }) => t(times > 1 ? "poll.said_times" : "poll.said", { text: text ?? t("poll.erased"), count: times })).join(", ");
}

/** Whether a vote has it wholly right; `null` where it is no quiz, or one may not know it yet. */
export function isRight(poll: Poll, choices: readonly number[]): boolean | null {
  const right = poll.key?.right;
  if (right === undefined) return null;
  return choices.every((at) => right.includes(at)) && (!poll.several || choices.length === right.length);
}

/** How many had it wholly right, as far as one may know it; `null` if one may not. */
export function whollyRight(poll: Poll, self: Participant | undefined): number | null {
  if (poll.key === undefined || (poll.anonymous && counted(poll) === 0)) return null;
  if (poll.key.wholly !== undefined) return poll.key.wholly;
  if (poll.anonymous || !seesVotes(poll, self)) return null;
  return poll.votes.filter((vote) => isRight(poll, vote.choices) === true).length;
}

/** What is right in a quiz, in words; empty where it is none, or one may not know it yet. */
export function rightChoices(poll: Poll): string {
  const choices = choicesOf(poll.answers);
  return (poll.key?.right ?? []).map((at) => choices[at] ?? "?").join(", ");
}

/** The polls whose results are said in the chat, by when. */
export function toldPolls(state: MeetingState): readonly Told[] {
  return state.polls.flatMap((poll) => (poll.told_at === undefined ? [] : [{ poll, at: poll.told_at, by: poll.told_by }])).sort((a, b) => a.at - b.at);
}

export interface Told {
  readonly poll: Poll;
  readonly at: number;
  /** Who published it, where one was there. */
  readonly by?: string | undefined;
}

/** What came of a published poll, in one sentence. */
export function resultText(poll: Poll): string {
  const question = poll.question ?? t("poll.erased");
  const right = poll.key === undefined ? "" : ` ${t("poll.right_are", { choices: rightChoices(poll) })}`;
  if (poll.anonymous && counted(poll) === 0) return `${question} ${t("poll.few")}${right}`;
  if (poll.answers.kind === "text") return `${question} ${saidText(poll.said)}. ${t("poll.answered", { count: poll.voted })}.`;
  const counts = choicesOf(poll.answers).map((choice, at) => `${choice}: ${poll.counts?.[at] ?? 0}`);
  return `${question} ${counts.join(", ")}. ${t("poll.turnout", { count: poll.voted })}.${right}`;
}

/** The result that is in front of everyone, if one is. */
export function resultInFront(state: MeetingState): Poll | undefined {
  return state.polls.find((poll) => poll.in_front);
}

/** How many votes the counts are of. */
export function counted(poll: Poll): number {
  return poll.voted - poll.uncounted;
}

/** Whether one has voted. */
export function hasVoted(poll: Poll, self: Participant | undefined): boolean {
  return poll.cast || ownVote(poll, self) !== null || ownText(poll, self) !== null;
}

/** What one chose oneself; `null` before one voted. */
export function ownVote(poll: Poll, self: Participant | undefined): readonly number[] | null {
  return poll.votes.find((vote) => vote.by === self?.id)?.choices ?? null;
}

/** What one wrote oneself under one's name; `null` before one did. */
export function ownText(poll: Poll, self: Participant | undefined): string | null {
  return poll.written.find((answer) => answer.by === self?.id)?.text ?? null;
}

/** What one chose, as far as this page knows it: of an anonymous vote only until it is loaded again. */
export function ownChoice(poll: KnownPoll, self: Participant | undefined): readonly number[] | null {
  return poll.chosen ?? ownVote(poll, self);
}

/** The poll that is open, if one is. */
export function openPoll(state: MeetingState): Poll | undefined {
  return state.polls.find((poll) => poll.stage === "open");
}
