import { expect, test } from "vitest";
import { castVote, MAX_POLLS, reducePolls, reducePollSignal, type Polls } from "./polls";
import type { Poll } from "./proto";

const poll = (n: number): Poll => ({
  id: `poll_${n}`, by: "par_1", at: n, question: "Clear?", answers: { kind: "yes_no" }, several: false, anonymous: false, stage: "open", voted: 0, cast: false, votes: [], uncounted: 0,
});
const started = (n: number) => ({ type: "poll_started", poll: poll(n) }) as const;

test("a poll is voted in, closed, published and withdrawn", () => {
  let polls: Polls = reducePolls([], started(1));
  for (const choices of [[0], [1]]) polls = reducePolls(polls, { type: "voted", poll: "poll_1", vote: { by: "par_2", choices } });
  polls = reducePolls(polls, { type: "poll_turnout", poll: "poll_1", voted: 1 });
  expect(polls[0]).toMatchObject({ stage: "open", voted: 1, votes: [{ by: "par_2", choices: [1] }] });
  polls = reducePolls(polls, { type: "poll_closed", poll: "poll_1", by: "par_1", uncounted: 0 });
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
  expect(reducePolls(polls, { type: "poll_closed", poll: "poll_0", by: "par_1", uncounted: 0 })).toBe(polls);
});

test("an anonymous poll says how many voted and whether oneself did, and its counts once it is closed", () => {
  const asked = { type: "poll_started", poll: { ...poll(1), anonymous: true } } as const;
  let polls = reducePolls([], asked);
  polls = reducePollSignal(polls, { type: "poll_turnout", poll: "poll_1", voted: 6 });
  polls = castVote(polls, "poll_1");
  expect(polls[0]).toMatchObject({ voted: 6, cast: true, votes: [] });
  polls = reducePolls(polls, { type: "poll_closed", poll: "poll_1", by: "par_1", uncounted: 1 });
  expect(reducePollSignal(polls, { type: "poll_turnout", poll: "poll_1", voted: 9 })[0]).toMatchObject({ voted: 6, uncounted: 1 });
  polls = reducePolls(polls, { type: "poll_tallied", poll: "poll_1", counts: [3, 2] });
  expect(polls[0]).toMatchObject({ stage: "closed", counts: [3, 2] });
  const named = reducePolls([], started(1));
  expect(castVote(named, "poll_1")).toBe(named);
});
