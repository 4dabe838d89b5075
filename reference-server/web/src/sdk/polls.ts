// The polls that are kept, oldest first; at most the last is open.

import type { Poll, PollVote, PollWritten, RoomEvent, RoomSignal } from "./proto";

/** A poll, and what this page remembers of it beside what the server says. */
export interface KnownPoll extends Poll {
  /** What one chose anonymously: known to nobody else, and forgotten with the page. */
  readonly chosen?: readonly number[];
  /** Who published it, where one was there. */
  readonly told_by?: string;
}

export type Polls = readonly KnownPoll[];

/** As many as the server keeps; the oldest go first. */
export const MAX_POLLS = 20;

/** The polls after `event`, which happened at `at`. */
export function reducePolls(polls: Polls, event: RoomEvent, at: number): Polls {
  switch (event.type) {
    case "poll_started":
      return [...withoutFront(polls).filter((poll) => poll.id !== event.poll.id).slice(-(MAX_POLLS - 1)), event.poll];
    case "poll_key_set":
      return changed(polls, event.poll, (poll) => ({ ...poll, key: event.key }));
    case "voted":
      return changed(polls, event.poll, (poll) => ({ ...poll, votes: voted(poll.votes, event.vote) }));
    case "poll_answered":
      return changed(polls, event.poll, (poll) => ({ ...poll, written: answered(poll.written, event.answer) }));
    case "poll_turnout":
      return changed(polls, event.poll, (poll) => ({ ...poll, voted: event.voted }));
    case "poll_closed":
      return changed(polls, event.poll, (poll) => ({ ...poll, stage: "closed", uncounted: event.uncounted }));
    case "poll_tallied":
      return changed(polls, event.poll, (poll) => ({ ...poll, counts: event.counts, said: event.said }));
    case "poll_published":
      return changed(withoutFront(polls), event.poll, (poll) => ({ ...poll, stage: "published", counts: event.counts, said: event.said, ...(event.key && { key: event.key }), in_front: true, told_at: at, told_by: event.by }));
    case "poll_put_away":
      return withoutFront(polls);
    case "chat_cleared":
      return polls.map(({ told_at: _, ...poll }) => poll);
    case "poll_withdrawn":
      return polls.some((poll) => poll.id === event.poll) ? polls.filter((poll) => poll.id !== event.poll) : polls;
    default:
      return polls;
  }
}

/** Of an anonymous poll that is open only signals tell how many have voted. */
export function reducePollSignal(polls: Polls, signal: RoomSignal): Polls {
  if (signal.type !== "poll_turnout") return polls;
  return changed(polls, signal.poll, (poll) => (poll.stage === "open" ? { ...poll, voted: signal.voted } : poll));
}

/** One's own vote is in; of an anonymous one no event says so. */
export function castVote(polls: Polls, id: string, chosen?: readonly number[]): Polls {
  if (!polls.some((poll) => poll.id === id && poll.anonymous)) return polls;
  return changed(polls, id, (poll) => ({ ...poll, cast: true, ...(chosen && { chosen }) }));
}

/** At most one result is in front of everyone. */
function withoutFront(polls: Polls): Polls {
  return polls.map((poll) => (poll.in_front ? { ...poll, in_front: false } : poll));
}

function changed(polls: Polls, id: string, change: (poll: KnownPoll) => KnownPoll): Polls {
  return polls.some((poll) => poll.id === id) ? polls.map((poll) => (poll.id === id ? change(poll) : poll)) : polls;
}

function voted(votes: readonly PollVote[], vote: PollVote): PollVote[] {
  return [...votes.filter((known) => known.by !== vote.by), vote];
}

function answered(written: readonly PollWritten[], answer: PollWritten): PollWritten[] {
  return [...written.filter((known) => known.by !== answer.by), answer];
}
