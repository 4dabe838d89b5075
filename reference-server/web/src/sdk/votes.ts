// The secret votes that are kept, oldest first; at most the last is not over.

import type { RoomEvent, SecretVote } from "./proto";

export type Votes = readonly SecretVote[];

/** As many as the server keeps; the oldest go first. */
export const MAX_VOTES = 5;

export function reduceVotes(votes: Votes, event: RoomEvent): Votes {
  switch (event.type) {
    case "vote_opened":
      return [...votes.filter((vote) => vote.id !== event.vote.id).slice(-(MAX_VOTES - 1)), event.vote];
    case "vote_turnout":
      return changed(votes, event.vote, { given: event.given });
    case "vote_closing":
      return changed(votes, event.vote, { stage: "closing", until: event.until });
    case "vote_closed":
      return changed(votes, event.vote, { stage: "closed", cast: event.cast, counts: event.counts });
    default:
      return votes;
  }
}

function changed(votes: Votes, id: string, change: Partial<SecretVote>): Votes {
  return votes.some((vote) => vote.id === id) ? votes.map((vote) => (vote.id === id ? { ...vote, ...change } : vote)) : votes;
}
