// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync, tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Poll } from "../../../sdk";
import { FakeRoom, person } from "../../../dev/fake.svelte";
import { prefs } from "../../prefs.svelte";
import Chat from "../Chat.svelte";
import Polls from "../Polls.svelte";
import Result from "../../stage/Result.svelte";

const onclose = (): void => undefined;
const people = [person(0), person(1), person(2)];
const poll = (change: Partial<Poll> = {}): Poll => ({
  id: "poll_1", by: person(0).id, at: 1, question: "Is it clear?", answers: { kind: "yes_no" }, several: false, anonymous: false, quiz: false, stage: "open", voted: 0, cast: false, votes: [], written: [], said: [], uncounted: 0, in_front: false, ...change,
});

beforeEach(() => {
  prefs.locale = "en";
});
afterEach(cleanup);

test("a moderator asks in words of their own, and others are offered no form", async () => {
  const model = new FakeRoom(people);
  const start = vi.spyOn(model, "startPoll");
  render(Polls, { model, onclose });
  await fireEvent.input(screen.getByTestId("poll-question"), { target: { value: " Tea? " } });
  await fireEvent.change(screen.getByTestId("poll-kind"), { target: { value: "own" } });
  await fireEvent.click(screen.getByTestId("poll-more"));
  for (const [at, text] of ["Black", " ", "Green"].entries()) {
    await fireEvent.input(screen.getAllByTestId("poll-text")[at] as HTMLElement, { target: { value: text } });
  }
  await fireEvent.click(screen.getByTestId("poll-several"));
  await fireEvent.click(screen.getByTestId("poll-start"));
  expect(start).toHaveBeenCalledWith("Tea?", { kind: "own", texts: ["Black", "Green"] }, { several: true, anonymous: false, right: [] });
  await tick();
  expect(screen.queryByTestId("poll-form")).toBeNull();
  cleanup();
  render(Polls, { model: new FakeRoom(people, {}, 1), onclose });
  expect(screen.queryByTestId("poll-form")).toBeNull();
});

test("a participant votes, may think again, and sees no counts before they are published", async () => {
  const model = new FakeRoom(people, { polls: [poll()] }, 1);
  const vote = vi.spyOn(model, "vote");
  render(Polls, { model, onclose });
  const [yes, no] = screen.getAllByTestId("poll-choice");
  await fireEvent.click(screen.getByTestId("poll-vote"));
  expect(vote).not.toHaveBeenCalled();
  await fireEvent.click(yes as HTMLElement);
  await fireEvent.click(screen.getByTestId("poll-vote"));
  expect(vote).toHaveBeenLastCalledWith("poll_1", [0]);
  expect(screen.getByTestId("poll-turnout").textContent).toBe("1 has voted");
  await tick();
  expect(screen.getByTestId("poll-voted").textContent).toBe("You have voted.");
  await fireEvent.click(no as HTMLElement);
  await fireEvent.click(screen.getByTestId("poll-vote"));
  expect(vote).toHaveBeenLastCalledWith("poll_1", [1]);
  expect(screen.queryByTestId("poll-chart")).toBeNull();
  expect(screen.queryByTestId("poll-close")).toBeNull();
  model.state = { ...model.state, polls: [poll({ stage: "published", voted: 1, counts: [0, 1] })] };
  flushSync();
  expect(screen.getAllByTestId("poll-row").map((row) => row.dataset["count"])).toEqual(["0", "1"]);
});

test("whoever asks sees who chose what, closes, and publishes", async () => {
  const votes = [{ by: person(1).id, choices: [1] }];
  const model = new FakeRoom(people, { polls: [poll({ voted: 1, votes })] });
  render(Polls, { model, onclose });
  expect(screen.getAllByTestId("poll-row").map((row) => row.dataset["count"])).toEqual(["0", "1"]);
  expect(screen.getByText("Ben Okafor: No")).toBeTruthy();
  await fireEvent.click(screen.getByTestId("poll-close"));
  await fireEvent.click(screen.getByTestId("poll-publish"));
  expect(screen.getByTestId("poll").dataset["stage"]).toBe("published");
  await fireEvent.click(screen.getByTestId("poll-withdraw"));
  expect(screen.queryByTestId("poll")).toBeNull();
});

test("an anonymous vote is cast once, is shown to nobody, and fewer than five are not counted", async () => {
  const model = new FakeRoom(people, { polls: [poll({ anonymous: true })] }, 1);
  render(Polls, { model, onclose });
  expect(screen.getByTestId("poll-anonymous").textContent).toContain("Nobody learns what you choose");
  await fireEvent.click(screen.getAllByTestId("poll-choice")[0] as HTMLElement);
  await fireEvent.click(screen.getByTestId("poll-vote"));
  await tick();
  expect(screen.getByTestId("poll-voted").textContent).toContain("You have voted");
  expect(screen.queryByTestId("poll-choice")).toBeNull();
  model.state = { ...model.state, polls: [poll({ anonymous: true, stage: "published", voted: 4, uncounted: 4, counts: [0, 0] })] };
  flushSync();
  expect(screen.queryByTestId("poll-chart")).toBeNull();
  expect(screen.getByTestId("poll-few").textContent).toContain("Fewer than five");
  model.state = { ...model.state, polls: [poll({ anonymous: true, stage: "published", voted: 7, uncounted: 2, counts: [4, 1] })] };
  flushSync();
  expect(screen.getByTestId("poll-uncounted").textContent).toContain("2 votes");
  expect(screen.getAllByTestId("poll-row").map((row) => row.dataset["count"])).toEqual(["4", "1"]);
});

test("a text becomes a poll that can be changed before it starts", async () => {
  const model = new FakeRoom(people);
  const start = vi.spyOn(model, "startPoll");
  render(Polls, { model, onclose });
  const paste = screen.getByTestId("poll-paste");
  await fireEvent.input(paste, { target: { value: "Good morning" } });
  await fireEvent.click(screen.getByTestId("poll-read"));
  expect(screen.getByTestId("poll-reading").textContent).toContain("No answers");
  await fireEvent.input(paste, { target: { value: "Tea? A) Black B) Green" } });
  await fireEvent.click(screen.getByTestId("poll-read"));
  expect(screen.getAllByTestId("poll-text").map((field) => (field as HTMLInputElement).value)).toEqual(["Black", "Green"]);
  await fireEvent.input(screen.getAllByTestId("poll-text")[1] as HTMLElement, { target: { value: "White" } });
  await fireEvent.click(screen.getByTestId("poll-start"));
  expect(start).toHaveBeenCalledWith("Tea?", { kind: "own", texts: ["Black", "White"] }, { several: false, anonymous: false, right: [] });
});

test("a published result is in front of everyone and in the chat, between what was said before and after it", async () => {
  const said = (id: string, at: number) => ({ id, from: person(1).id, name: person(1).name, text: id, at });
  const told = poll({ stage: "published", voted: 4, counts: [3, 1], in_front: true, told_at: 5 });
  const model = new FakeRoom(people, { polls: [told], chat: [said("before", 4), said("after", 6)] }, 1);
  const onpolls = vi.fn();
  render(Chat, { model, onclose, onpolls });
  const log = screen.getByRole("log");
  expect(log.textContent.replaceAll(/\s+/g, " ")).toMatch(/before.*Is it clear\? Yes: 3, No: 1\. 4 have voted\..*after/);
  await fireEvent.click(screen.getByTestId("chat-result-show"));
  expect(onpolls).toHaveBeenCalledOnce();
  cleanup();

  const close = vi.fn();
  render(Result, { model, poll: told, onclose: close });
  expect(screen.getAllByTestId("poll-row").map((row) => row.dataset["count"])).toEqual(["3", "1"]);
  expect(screen.queryByTestId("result-put-away")).toBeNull();
  await fireEvent.click(screen.getByTestId("result-close"));
  expect(close).toHaveBeenCalledOnce();
  cleanup();
  const asker = new FakeRoom(people, { polls: [told] });
  render(Result, { model: asker, poll: told, onclose });
  await fireEvent.click(screen.getByTestId("result-put-away"));
  expect(asker.state.polls[0]?.in_front).toBe(false);
});

test("whoever asks a quiz marks what is right, by answer and not by field", async () => {
  const model = new FakeRoom(people);
  const start = vi.spyOn(model, "startPoll");
  render(Polls, { model, onclose });
  await fireEvent.input(screen.getByTestId("poll-question"), { target: { value: "Which are prime?" } });
  await fireEvent.change(screen.getByTestId("poll-kind"), { target: { value: "own" } });
  await fireEvent.click(screen.getByTestId("poll-more"));
  for (const [at, text] of ["2", "4", "7"].entries()) {
    await fireEvent.input(screen.getAllByTestId("poll-text")[at] as HTMLElement, { target: { value: text } });
  }
  await fireEvent.click(screen.getByTestId("poll-quiz"));
  expect((screen.getByTestId("poll-start") as HTMLButtonElement).disabled).toBe(true);
  await fireEvent.click(screen.getAllByTestId("poll-right")[2] as HTMLElement);
  await fireEvent.input(screen.getAllByTestId("poll-text")[1] as HTMLElement, { target: { value: " " } });
  await fireEvent.click(screen.getByTestId("poll-start"));
  expect(start).toHaveBeenCalledWith("Which are prime?", { kind: "own", texts: ["2", "7"] }, { several: false, anonymous: false, right: [1] });
});

test("in a quiz who asks sees who was right, and each voter what is right and whether they were", () => {
  const votes = [{ by: person(1).id, choices: [0, 2] }, { by: person(2).id, choices: [0] }];
  const asked = poll({ answers: { kind: "letters", count: 3 }, several: true, quiz: true, voted: 2, votes, key: { right: [0, 2] } });
  render(Polls, { model: new FakeRoom(people, { polls: [asked] }), onclose });
  expect(screen.getByTestId("poll-wholly").textContent).toBe("1 of 2 had it all right.");
  expect(screen.getByTestId("poll").textContent).toMatch(/Ben Okafor: A, C\s+\(all right\)/);
  cleanup();

  const published: Poll = { ...asked, stage: "published", counts: [2, 0, 1], key: { right: [0, 2], wholly: 1 } };
  for (const [self, verdict] of [[1, "You had it all right."], [2, "You did not have it all right."]] as const) {
    const own = { ...published, votes: votes.filter((vote) => vote.by === person(self).id) };
    render(Polls, { model: new FakeRoom(people, { polls: [own] }, self), onclose });
    expect(screen.getAllByTestId("poll-row").map((row) => row.dataset["right"])).toEqual(["true", "false", "true"]);
    expect(screen.getAllByTestId("poll-row")[0]?.textContent).toMatch(/A\s+Right\s+Your choice/);
    expect(screen.getByTestId("poll-verdict").textContent.trim()).toBe(verdict);
    cleanup();
  }
});

test("of an anonymous quiz the page remembers what one chose, and says whether it was right", async () => {
  const model = new FakeRoom(people, { polls: [poll({ anonymous: true, quiz: true, voted: 8 })] }, 1);
  render(Polls, { model, onclose });
  await fireEvent.click(screen.getAllByTestId("poll-choice")[1] as HTMLElement);
  await fireEvent.click(screen.getByTestId("poll-vote"));
  await tick();
  expect(screen.queryByTestId("poll-verdict")).toBeNull();
  model.state = { ...model.state, polls: model.state.polls.map((one) => ({ ...one, stage: "published", counts: [5, 4], key: { right: [1], wholly: 4 } })) };
  flushSync();
  expect(screen.getByTestId("poll-wholly").textContent).toBe("4 of 9 had it all right.");
  expect(screen.getByTestId("poll-verdict").dataset["right"]).toBe("true");
  expect(screen.queryByText("Who chose what")).toBeNull();
});

test("where people answer in their own words, each writes, may write again, and reads what all wrote once published", async () => {
  const model = new FakeRoom(people, { polls: [poll({ answers: { kind: "text" } })] }, 1);
  const answer = vi.spyOn(model, "answerPoll");
  render(Polls, { model, onclose });
  await fireEvent.click(screen.getByTestId("poll-vote"));
  expect(answer).not.toHaveBeenCalled();
  expect(screen.getByTestId("poll-seen").textContent).toContain("may show it to everyone");
  for (const words of ["Tea", "More tea"]) {
    await fireEvent.input(screen.getByTestId("poll-answer"), { target: { value: ` ${words} ` } });
    await fireEvent.click(screen.getByTestId("poll-vote"));
    expect(answer).toHaveBeenLastCalledWith("poll_1", words);
  }
  await tick();
  expect(screen.getByTestId("poll-turnout").textContent).toBe("1 has answered");
  expect(screen.queryByTestId("poll-said")).toBeNull();
  const said = [{ text: "More tea", times: 2 }, { text: null, times: 1 }];
  model.state = { ...model.state, polls: [poll({ answers: { kind: "text" }, stage: "published", voted: 3, counts: [], said, told_at: 5 })] };
  flushSync();
  expect(screen.getByTestId("poll-said").textContent).toMatch(/More tea\s+2 times\s*Text removed/);
  cleanup();
  render(Chat, { model, onclose, onpolls: vi.fn() });
  expect(screen.getByTestId("chat-result").textContent).toContain("“More tea” (2 times), “Text removed”. 3 have answered.");
});

test("whoever asks reads who wrote what, and offers no quiz where nothing can be marked", async () => {
  const written = [{ by: person(1).id, text: "Tea" }, { by: person(2).id, text: "Tea" }];
  render(Polls, { model: new FakeRoom(people, { polls: [poll({ answers: { kind: "text" }, voted: 2, written })] }), onclose });
  expect(screen.getByText("Ben Okafor: Tea")).toBeTruthy();
  expect(screen.getByTestId("poll-said").textContent).toMatch(/Tea\s+2 times/);
  cleanup();
  render(Polls, { model: new FakeRoom(people), onclose });
  await fireEvent.click(screen.getByTestId("poll-quiz"));
  await fireEvent.change(screen.getByTestId("poll-kind"), { target: { value: "text" } });
  expect(screen.queryByTestId("poll-quiz")).toBeNull();
});
