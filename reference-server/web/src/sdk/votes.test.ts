import { expect, test } from "vitest";
import type { SecretVote } from "./proto";
import { MAX_VOTES, reduceVotes, type Votes } from "./votes";

const vote = (n: number): SecretVote => ({
  id: `vote_${n}`, by: "par_1", at: n, question: "Who?", choices: ["Kim", "Lou"], most: 1, voters: "members", key: "AAAA",
  stage: "open", entitled: 3, given: 0, took: false,
});
const opened = (n: number) => ({ type: "vote_opened", vote: vote(n) }) as const;

test("a vote is opened, taken part in, ended, and its counts are there", () => {
  let votes: Votes = reduceVotes([], opened(1));
  votes = reduceVotes(votes, { type: "vote_turnout", vote: "vote_1", given: 2 });
  expect(votes[0]).toMatchObject({ stage: "open", given: 2 });
  votes = reduceVotes(votes, { type: "vote_closing", vote: "vote_1", by: "par_1", until: 9 });
  expect(votes[0]).toMatchObject({ stage: "closing", until: 9 });
  votes = reduceVotes(votes, { type: "vote_closed", vote: "vote_1", cast: 2, counts: [2, 0] });
  expect(votes[0]).toMatchObject({ stage: "closed", cast: 2, counts: [2, 0] });
});

test("the oldest go first, and what is not known changes nothing", () => {
  let votes: Votes = [];
  for (let n = 0; n <= MAX_VOTES; n += 1) votes = reduceVotes(votes, opened(n));
  expect(votes).toHaveLength(MAX_VOTES);
  expect(reduceVotes(votes, { type: "vote_turnout", vote: "vote_0", given: 1 })).toBe(votes);
});
