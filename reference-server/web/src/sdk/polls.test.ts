import { expect, test } from "vitest";
import { castVote, MAX_POLLS, reducePolls, reducePollSignal, type Polls } from "./polls";
import type { Poll } from "./proto";

const poll = (n: number): Poll => ({
  id: `poll_${n}`, by: "par_1", at: n, question: "Clear?", answers: { kind: "yes_no" }, several: false, anonymous: false, quiz: false, stage: "open", voted: 0, cast: false, votes: [], written: [], said: [], uncounted: 0, in_front: false,
});
const started = (n: number) => ({ type: "poll_started", poll: poll(n) }) as const;

test("a poll is voted in, closed, published and withdrawn", () => {
  let polls: Polls = reducePolls([], started(1), 9);
  for (const choices of [[0], [1]]) polls = reducePolls(polls, { type: "voted", poll: "poll_1", vote: { by: "par_2", choices } }, 9);
  polls = reducePolls(polls, { type: "poll_turnout", poll: "poll_1", voted: 1 }, 9);
  expect(polls[0]).toMatchObject({ stage: "open", voted: 1, votes: [{ by: "par_2", choices: [1] }] });
  polls = reducePolls(polls, { type: "poll_closed", poll: "poll_1", by: "par_1", uncounted: 0 }, 9);
  expect(polls[0]).toMatchObject({ stage: "closed" });
  polls = reducePolls(polls, { type: "poll_published", poll: "poll_1", by: "par_1", counts: [0, 1], said: [] }, 9);
  expect(polls[0]).toMatchObject({ stage: "published", counts: [0, 1] });
  expect(reducePolls(polls, { type: "poll_withdrawn", poll: "poll_1", by: "par_1" }, 9)).toEqual([]);
});

test("the oldest polls go first, and what is not known changes nothing", () => {
  let polls: Polls = [];
  for (let n = 0; n <= MAX_POLLS; n += 1) polls = reducePolls(polls, started(n), 9);
  expect(polls).toHaveLength(MAX_POLLS);
  expect(polls[0]?.id).toBe("poll_1");
  expect(reducePolls(polls, { type: "poll_closed", poll: "poll_0", by: "par_1", uncounted: 0 }, 9)).toBe(polls);
});

test("an anonymous poll says how many voted and whether oneself did, and its counts once it is closed", () => {
  const asked = { type: "poll_started", poll: { ...poll(1), anonymous: true } } as const;
  let polls = reducePolls([], asked, 9);
  polls = reducePollSignal(polls, { type: "poll_turnout", poll: "poll_1", voted: 6 });
  polls = castVote(polls, "poll_1");
  expect(polls[0]).toMatchObject({ voted: 6, cast: true, votes: [] });
  polls = reducePolls(polls, { type: "poll_closed", poll: "poll_1", by: "par_1", uncounted: 1 }, 9);
  expect(reducePollSignal(polls, { type: "poll_turnout", poll: "poll_1", voted: 9 })[0]).toMatchObject({ voted: 6, uncounted: 1 });
  polls = reducePolls(polls, { type: "poll_tallied", poll: "poll_1", counts: [3, 2], said: [] }, 9);
  expect(polls[0]).toMatchObject({ stage: "closed", counts: [3, 2] });
  const named = reducePolls([], started(1), 9);
  expect(castVote(named, "poll_1")).toBe(named);
});

test("one result is in front of everyone until it is put away or something new is asked, and stays in the chat", () => {
  const published = (n: number) => ({ type: "poll_published" as const, poll: `poll_${n}`, by: "par_1", counts: [0, 1], said: [] });
  const front = (polls: Polls): string[] => polls.filter((poll) => poll.in_front).map((poll) => poll.id);
  let polls = reducePolls(reducePolls([], started(1), 1), published(1), 2);
  expect(front(polls)).toEqual(["poll_1"]);
  polls = reducePolls(polls, started(2), 3);
  expect(front(polls)).toEqual([]);
  polls = reducePolls(polls, published(2), 4);
  expect(front(polls)).toEqual(["poll_2"]);
  polls = reducePolls(polls, { type: "poll_put_away", poll: "poll_2", by: "par_1" }, 5);
  expect(front(polls)).toEqual([]);
  expect(polls.map((poll) => [poll.told_at, poll.told_by])).toEqual([[2, "par_1"], [4, "par_1"]]);
  polls = reducePolls(polls, { type: "chat_cleared", by: "par_1" }, 6);
  expect(polls.map((poll) => poll.told_at)).toEqual([undefined, undefined]);
});

test("what is right in a quiz is known to who asks, and to everyone once it is published", () => {
  let polls = reducePolls([], { type: "poll_started", poll: { ...poll(1), quiz: true } }, 1);
  polls = reducePolls(polls, { type: "poll_key_set", poll: "poll_1", key: { right: [0] } }, 1);
  expect(polls[0]?.key).toEqual({ right: [0] });
  polls = reducePolls(polls, { type: "poll_published", poll: "poll_1", by: "par_1", counts: [2, 1], said: [], key: { right: [0], wholly: 2 } }, 2);
  expect(polls[0]?.key).toEqual({ right: [0], wholly: 2 });
});

test("answers in words of one's own are replaced by the same person's, and are said without names once published", () => {
  let polls = reducePolls([], { type: "poll_started", poll: { ...poll(1), answers: { kind: "text" } } }, 1);
  for (const [by, text] of [["par_2", "Tea"], ["par_3", "Tea"], ["par_2", "Milk"]] as const) {
    polls = reducePolls(polls, { type: "poll_answered", poll: "poll_1", answer: { by, text } }, 1);
  }
  expect(polls[0]?.written).toEqual([{ by: "par_3", text: "Tea" }, { by: "par_2", text: "Milk" }]);
  const said = [{ text: "Milk", times: 1 }, { text: "Tea", times: 1 }];
  polls = reducePolls(polls, { type: "poll_published", poll: "poll_1", by: "par_1", counts: [], said }, 2);
  expect(polls[0]).toMatchObject({ stage: "published", said });
});
