// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { flushSync, tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChatLine } from "../../../sdk";
import { FakeRoom, person } from "../../../dev/fake.svelte";
import { prefs } from "../../prefs.svelte";
import Chat from "../Chat.svelte";

const onclose = (): void => undefined;
const line = (n: number, from: number, text: string, change: Partial<ChatLine> = {}): ChatLine => ({
  id: `msg_${n}`, from: person(from).id, name: person(from).name, text, at: n, ...change,
});
const people = [person(0), person(1), person(2)];

beforeEach(() => {
  prefs.locale = "en";
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(cleanup);

function message(text: string): HTMLElement {
  const found = screen.getAllByTestId("chat-message").find((one) => one.textContent.includes(text));
  if (found === undefined) throw new Error(`no message says ${text}`);
  return found;
}

async function open(text: string): Promise<void> {
  await fireEvent.keyDown(message(text), { key: "Enter" });
}

test("arrow keys go from line to line, and one line is reached by Tab", async () => {
  const model = new FakeRoom(people, { chat: [line(1, 1, "one"), line(2, 1, "two"), line(3, 2, "three")] });
  render(Chat, { model, onclose, onpolls: onclose });
  const reached = () => screen.getAllByTestId("chat-message").map((one) => one.tabIndex);
  expect(reached()).toEqual([-1, -1, 0]);
  message("three").focus();
  await fireEvent.keyDown(message("three"), { key: "ArrowUp" });
  await tick();
  expect(document.activeElement).toBe(message("two"));
  expect(reached()).toEqual([-1, 0, -1]);
  await fireEvent.keyDown(message("two"), { key: "Home" });
  await tick();
  expect(document.activeElement).toBe(message("one"));
});

test("one's own line is edited, a moderator takes another's away, and nobody edits another's", async () => {
  const model = new FakeRoom(people, { chat: [line(1, 0, "mine"), line(2, 1, "theirs")] });
  const edit = vi.spyOn(model, "editChat");
  render(Chat, { model, onclose, onpolls: onclose });
  await open("theirs");
  expect(screen.queryByTestId("chat-edit")).toBeNull();
  await fireEvent.click(screen.getByTestId("chat-delete"));
  expect(message("deleted by the moderators").textContent).not.toContain("theirs");

  await open("mine");
  await fireEvent.click(screen.getByTestId("chat-edit"));
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  expect(input.value).toBe("mine");
  await fireEvent.input(input, { target: { value: "mine too" } });
  await fireEvent.keyDown(input, { key: "Enter" });
  expect(edit).toHaveBeenCalledWith("msg_1", "mine too");
  await tick();
  expect(message("mine too").textContent).toContain("Edited");
  expect(screen.queryByTestId("chat-about")).toBeNull();
});

test("Escape leaves editing, and the draft of before is still there", async () => {
  const model = new FakeRoom(people, { chat: [line(1, 0, "mine")] });
  render(Chat, { model, onclose, onpolls: onclose });
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  await fireEvent.input(input, { target: { value: "a draft" } });
  await open("mine");
  await fireEvent.click(screen.getByTestId("chat-edit"));
  expect(input.value).toBe("mine");
  await fireEvent.keyDown(input, { key: "Escape" });
  await tick();
  expect(input.value).toBe("a draft");
  expect(document.activeElement).toBe(message("mine"));
});

test("a participant is offered neither to delete another's line nor to empty the chat", async () => {
  const model = new FakeRoom(people, { chat: [line(1, 0, "hers")] }, 1);
  render(Chat, { model, onclose, onpolls: onclose });
  await open("hers");
  expect(screen.getByTestId("chat-answer")).toBeTruthy();
  expect(screen.queryByTestId("chat-delete")).toBeNull();
  await fireEvent.click(screen.getByTestId("chat-menu"));
  expect(screen.queryByTestId("chat-clear")).toBeNull();
  expect(screen.getByTestId("chat-save")).toBeTruthy();
});

test("an answer says what it answers, also once that is gone", async () => {
  const model = new FakeRoom(people, { chat: [line(1, 1, "a question"), line(2, 2, "yes", { answers: "msg_1" })] });
  const send = vi.spyOn(model, "sendChat");
  render(Chat, { model, onclose, onpolls: onclose });
  expect(within(message("yes")).getByTestId("chat-quote").textContent).toContain("a question");
  await open("a question");
  await fireEvent.click(screen.getByTestId("chat-answer"));
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  await fireEvent.input(input, { target: { value: "no" } });
  await fireEvent.keyDown(input, { key: "Enter" });
  expect(send).toHaveBeenCalledWith("no", { answers: "msg_1" });
  model.deleteChat("msg_1");
  flushSync();
  expect(within(message("yes")).getByTestId("chat-quote").textContent).toContain("Message deleted");
  model.clearChat();
  model.state = { ...model.state, chat: [line(2, 2, "yes", { answers: "msg_1" })] };
  flushSync();
  expect(within(message("yes")).getByTestId("chat-quote").textContent).toContain("no longer here");
});

test("a sign is put and taken back, and says whose it is", async () => {
  const model = new FakeRoom(people, { chat: [line(1, 1, "lunch?")] });
  render(Chat, { model, onclose, onpolls: onclose });
  await open("lunch?");
  const heart = screen.getAllByTestId("chat-react").find((one) => one.dataset["sign"] === "heart");
  if (heart === undefined) throw new Error("no heart is offered");
  await fireEvent.click(heart);
  const sign = screen.getByTestId("chat-sign");
  expect(sign.getAttribute("aria-label")).toBe("Heart: You");
  expect(sign.getAttribute("aria-pressed")).toBe("true");
  await fireEvent.click(sign);
  expect(screen.queryByTestId("chat-sign")).toBeNull();
});

test("private lines have a tab of their own, and are sent to one", async () => {
  const model = new FakeRoom(people, { privateChat: [line(1, 1, "psst", { to: person(0).id })] });
  const send = vi.spyOn(model, "sendChat");
  render(Chat, { model, onclose, onpolls: onclose });
  expect(screen.queryByTestId("chat-message")).toBeNull();
  const tab = screen.getAllByTestId("chat-tab").find((one) => one.dataset["name"] === person(1).name);
  if (tab === undefined) throw new Error("no tab is there");
  await fireEvent.click(tab);
  expect(message("psst")).toBeTruthy();
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  await fireEvent.input(input, { target: { value: "yes?" } });
  await fireEvent.keyDown(input, { key: "Enter" });
  expect(send).toHaveBeenCalledWith("yes?", { to: person(1).id });
});

test("who writes is named where they write, and a growing text stands below the lines", () => {
  const model = new FakeRoom(people);
  const until = Date.now() + 9_000;
  const writer = (n: number, text: string | null, alone = false) => ({ by: person(n).id, alone, text, until });
  model.writing = [writer(1, null), writer(2, "I cann")];
  render(Chat, { model, onclose, onpolls: onclose });
  expect(screen.getByTestId("writing").textContent).toBe(`${person(1).name} is writing…`);
  expect(screen.getByTestId("live-text").textContent).toContain("I cann");
  model.writing = [writer(1, null), writer(2, null), writer(1, null, true)];
  flushSync();
  expect(screen.getByTestId("writing").textContent).toBe(`${person(1).name} and ${person(2).name} are writing…`);
  expect(screen.queryByTestId("live-text")).toBeNull();
});

test("what one writes is shown while it grows only if one wants it, and to everyone alone", async () => {
  const model = new FakeRoom(people, { privateChat: [line(1, 1, "psst", { to: person(0).id })] });
  const typed = vi.spyOn(model, "typed");
  const shown = vi.spyOn(model, "showText");
  render(Chat, { model, onclose, onpolls: onclose });
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  await fireEvent.input(input, { target: { value: "a" } });
  expect(typed).toHaveBeenLastCalledWith(null);
  expect(shown).not.toHaveBeenCalled();
  prefs.liveText = true;
  flushSync();
  expect(shown).toHaveBeenLastCalledWith("a");
  await fireEvent.click(screen.getAllByTestId("chat-tab")[1] ?? input);
  expect(shown).toHaveBeenLastCalledWith("");
  shown.mockClear();
  await fireEvent.input(input, { target: { value: "for you" } });
  expect(typed).toHaveBeenLastCalledWith(person(1).id);
  expect(shown).not.toHaveBeenCalled();
  prefs.liveText = false;
});

test("under the lock a participant is offered the moderators alone", async () => {
  const model = new FakeRoom(people, { locks: ["private_chat"] }, 1);
  render(Chat, { model, onclose, onpolls: onclose });
  await fireEvent.click(screen.getByTestId("chat-new"));
  expect(screen.getAllByTestId("chat-person").map((one) => one.dataset["name"])).toEqual([person(0).name]);
});

test("a name is completed by keyboard and kept by id", async () => {
  const model = new FakeRoom(people);
  const send = vi.spyOn(model, "sendChat");
  render(Chat, { model, onclose, onpolls: onclose });
  const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
  input.focus();
  await fireEvent.input(input, { target: { value: "hi @cag" } });
  input.setSelectionRange(7, 7);
  await fireEvent.click(input);
  expect(screen.getByTestId("mention-list").textContent).toContain(person(2).name);
  await fireEvent.keyDown(input, { key: "Enter" });
  await tick();
  expect(input.value).toBe(`hi @${person(2).name} `);
  await fireEvent.keyDown(input, { key: "Enter" });
  expect(send).toHaveBeenCalledWith(`hi @${person(2).id} `, {});
  await tick();
  await tick();
  expect(screen.getByTestId("mention").textContent).toBe(`@${person(2).name}`);
});
