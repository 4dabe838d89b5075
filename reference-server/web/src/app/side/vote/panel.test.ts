// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync, tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SecretVote } from "../../../sdk";
import { FakeRoom, person } from "../../../dev/fake.svelte";
import { prefs } from "../../prefs.svelte";
import Polls from "../Polls.svelte";

const onclose = (): void => undefined;
const people = [person(0), person(1), person(2)];
const vote = (change: Partial<SecretVote> = {}): SecretVote => ({
  id: "vote_1", by: person(0).id, at: 1, question: "Who leads?", choices: ["Kim", "Lou"], most: 1, voters: "everyone", key: "AAAA",
  stage: "open", entitled: 3, given: 0, may: true, took: false, ...change,
});

beforeEach(() => {
  prefs.locale = "en";
});
afterEach(cleanup);

test("a moderator begins a secret vote, and others are offered no form", async () => {
  const model = new FakeRoom(people);
  const open = vi.spyOn(model, "openVote");
  render(Polls, { model, onclose });
  await fireEvent.input(screen.getByTestId("vote-question"), { target: { value: " Who leads? " } });
  for (const [at, text] of ["Kim", "Lou"].entries()) {
    await fireEvent.input(screen.getAllByTestId("vote-text")[at] as HTMLElement, { target: { value: text } });
  }
  await fireEvent.click(screen.getByTestId("vote-open"));
  expect(open).toHaveBeenCalledWith("Who leads?", ["Kim", "Lou"], 1, "members");
  cleanup();
  render(Polls, { model: new FakeRoom(people, {}, 1), onclose });
  expect(screen.queryByTestId("vote-form")).toBeNull();
});

test("a voter votes once, reads that the ballot is on its way, and sees counts at the end alone", async () => {
  const model = new FakeRoom(people, { votes: [vote()] }, 1);
  const cast = vi.spyOn(model, "castVote");
  render(Polls, { model, onclose });
  await fireEvent.click(screen.getByTestId("vote-cast"));
  expect(cast).not.toHaveBeenCalled();
  await fireEvent.click(screen.getAllByTestId("vote-choice")[1] as HTMLElement);
  await fireEvent.click(screen.getByTestId("vote-cast"));
  expect(cast).toHaveBeenCalledWith(expect.objectContaining({ id: "vote_1" }), [1]);
  await tick();
  expect(screen.getByTestId("vote-own").dataset["state"]).toBe("under_way");
  expect(screen.queryByTestId("vote-choice")).toBeNull();
  expect(screen.queryByTestId("poll-chart")).toBeNull();
  model.state = { ...model.state, votes: [vote({ stage: "closed", cast: 1, counts: [0, 1] })] };
  flushSync();
  expect(screen.getAllByTestId("poll-row").map((row) => row.dataset["count"])).toEqual(["0", "1"]);
});

test("who may not vote is told so, and who took a ballot elsewhere too", () => {
  render(Polls, { model: new FakeRoom(people, { votes: [vote({ may: false })] }, 1), onclose });
  expect(screen.getByText("You may not take part in this vote.")).toBeTruthy();
  cleanup();
  render(Polls, { model: new FakeRoom(people, { votes: [vote({ took: true })] }, 1), onclose });
  expect(screen.getByText(/already took your ballot/)).toBeTruthy();
});
