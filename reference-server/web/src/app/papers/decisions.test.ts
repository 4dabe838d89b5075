import { beforeEach, expect, test } from "vitest";
import { FakeRoom, person } from "../../dev/fake.svelte";
import type { Poll, SecretVote } from "../../sdk";
import { prefs } from "../prefs.svelte";
import { decisionsOf } from "./decisions";

const poll = (change: Partial<Poll>): Poll => ({
  id: "poll_1", by: person(0).id, at: 1, question: "Is it clear?", answers: { kind: "yes_no" }, several: false, anonymous: false, quiz: false, stage: "published", voted: 3, cast: false, votes: [], written: [], said: [], uncounted: 0, counts: [2, 1], in_front: false, ...change,
});

const vote: SecretVote = {
  id: "vote_1", by: person(0).id, at: 5, question: "Who leads?", choices: ["Kim", null], most: 1, voters: "members", key: "", stage: "closed", entitled: 5, given: 5, cast: 5, took: true, counts: [3, 2],
};

function decided(polls: Poll[], votes: SecretVote[] = []): readonly string[] {
  const model = new FakeRoom([person(0), person(1)], { polls, votes });
  return decisionsOf(model.state, model.self);
}

beforeEach(() => {
  prefs.locale = "en";
});

test("what was published is a decision, with counts and without names", () => {
  const votes = [{ by: person(1).id, choices: [0] }];
  expect(decided([poll({ votes }), poll({ id: "poll_2", stage: "closed" }), poll({ id: "poll_3", stage: "open" })])).toEqual(["Is it clear?: Yes 2, No 1"]);
  expect(decided([poll({ question: null })])).toEqual(["Text removed: Yes 2, No 1"]);
});

test("an anonymous poll says what was counted, that some were not, and nothing of too few", () => {
  const anonymous = { anonymous: true, voted: 7, counts: [4, 2] };
  expect(decided([poll({ ...anonymous, uncounted: 1 })])).toEqual([
    "Is it clear? (anonymous): Yes 4, No 2. One vote could not be counted without showing it.",
  ]);
  const few = poll({ ...anonymous, voted: 3, uncounted: 3, counts: [0, 0] });
  expect(decided([few])).toEqual(["Is it clear? (anonymous): Fewer than five voted. So that nobody can be recognised there is no result."]);
});

test("a secret vote that is over stands among them, in the order they were asked", () => {
  const asked = [poll({ at: 9, question: "Tea?" }), poll({ at: 2 })];
  expect(decided(asked, [vote, { ...vote, id: "vote_2", stage: "open" }])).toEqual([
    "Is it clear?: Yes 2, No 1",
    "Who leads? (secret): Kim 3, Text removed 2",
    "Tea?: Yes 2, No 1",
  ]);
});
