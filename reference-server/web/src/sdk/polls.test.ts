import { expect, test } from "vitest";
import { MAX_POLLS, reducePolls, type Polls } from "./polls";
import type { Poll } from "./proto";

const poll = (n: number): Poll => ({
  id: `poll_${n}`, by: "par_1", at: n, question: "Clear?", answers: { kind: "yes_no" }, several: false, stage: "open", voted: 0, votes: [],
});
const started = (n: number) => ({ type: "poll_started", poll: poll(n) }) as const;

test("a poll is voted in, closed, published and withdrawn", () => {
  let polls: Polls = reducePolls([], started(1));
  for (const choices of [[0], [1]]) polls = reducePolls(polls, { type: "voted", poll: "poll_1", vote: { by: "par_2", choices } });
  polls = reducePolls(polls, { type: "poll_turnout", poll: "poll_1", voted: 1 });
  expect(polls[0]).toMatchObject({ stage: "open", voted: 1, votes: [{ by: "par_2", choices: [1] }] });
  polls = reducePolls(polls, { type: "poll_closed", poll: "poll_1", by: "par_1" });
  expect(polls[0]).toMatchObject({ stage: "closed" });
  polls = reducePolls(polls, { type: "poll_published", poll: "poll_1", by: "par_1", counts: [0, 1] });
  expect(polls[0]).toMatchObject({ stage: "published", counts: [0, 1] });
  expect(reducePolls(polls, { type: "poll_withdrawn", poll: "poll_1", by: "par_1" })).toEqual([]);
});

test("the oldest polls go first, and what is not known changes nothing", () => {
  let polls: Polls = [];
  for (let n = 0; n <= MAX_POLLS; n += 1) polls = reducePolls(polls, started(n));
  expect(polls).toHaveLength(MAX_POLLS);
  expect(polls[0]?.id).toBe("poll_1");
  expect(reducePolls(polls, { type: "poll_closed", poll: "poll_0", by: "par_1" })).toBe(polls);
});
