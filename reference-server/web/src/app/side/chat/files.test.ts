// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SharedFile } from "../../../sdk";
import { FakeRoom, person } from "../../../dev/fake.svelte";
import { prefs } from "../../prefs.svelte";
import Chat from "../Chat.svelte";
import { sizeText } from "./size";
import { accepted, takes } from "./take";

const onclose = (): void => undefined;
const people = [person(0), person(1), person(2)];
const file = (n: number, from: number, change: Partial<SharedFile> = {}): SharedFile => ({
  id: `file_${n}`, from: person(from).id, name: person(from).name, at: n, file_name: `${n}.pdf`, group: "documents", bytes: 1_500, ...change,
});
const names = (): (string | undefined)[] => screen.queryAllByTestId("chat-file").map((one) => one.dataset["name"]);

beforeEach(() => {
  prefs.locale = "en";
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(cleanup);

test("what is taken is known before anything is sent", () => {
  const rules = { bytes: 10, endings: ["pdf", "png"] };
  expect(takes(rules, { name: "a.PDF", size: 10 })).toBe("taken");
  expect(takes(rules, { name: "a.pdf.exe", size: 1 })).toBe("type");
  expect(takes(rules, { name: "pdf", size: 1 })).toBe("type");
  expect(takes(rules, { name: "a.pdf", size: 0 })).toBe("empty");
  expect(takes(rules, { name: "a.pdf", size: 11 })).toBe("too_large");
  expect(accepted(rules)).toBe(".pdf,.png");
});

test("a length is said as people say it", () => {
  expect(sizeText(812, "en")).toBe("812 byte");
  expect(sizeText(4_300, "en")).toBe("4.3 kB");
  expect(sizeText(30_000_000, "de")).toBe("30 MB");
});

test("files stand between the lines, and private ones with whom they are", async () => {
  const said = { id: "msg_2", from: person(1).id, name: person(1).name, text: "there", at: 2 };
  const model = new FakeRoom(people, { chat: [said], files: [file(1, 1), file(3, 1, { to: person(0).id }), file(4, 2)] });
  render(Chat, { model, onclose, onpolls: onclose });
  expect(names()).toEqual(["1.pdf", "4.pdf"]);
  const order = [...document.querySelectorAll<HTMLElement>("[data-message]")].map((one) => one.dataset["message"]);
  expect(order).toEqual(["file_1", "msg_2", "file_4"]);
  const last = screen.getAllByTestId("chat-file")[1];
  last?.focus();
  await fireEvent.keyDown(last ?? document.body, { key: "ArrowUp" });
  await tick();
  expect(document.activeElement?.getAttribute("data-message")).toBe("msg_2");
  const tab = screen.getAllByTestId("chat-tab").find((one) => one.dataset["name"] === person(1).name);
  await fireEvent.click(tab ?? document.body);
  expect(names()).toEqual(["3.pdf"]);
});

test("one's own is deleted, a moderator takes public ones away, and a participant no other's", async () => {
  const files = [file(1, 1), file(2, 2)];
  const model = new FakeRoom(people, { files }, 1);
  const { unmount } = render(Chat, { model, onclose, onpolls: onclose });
  expect(screen.getAllByTestId("file-delete")).toHaveLength(1);
  await fireEvent.click(screen.getByTestId("file-delete"));
  expect(names()).toEqual(["2.pdf"]);
  unmount();
  render(Chat, { model: new FakeRoom(people, { files }), onclose, onpolls: onclose });
  expect(screen.getAllByTestId("file-delete")).toHaveLength(2);
});

test("a file is offered to be sent only where it may be", async () => {
  const model = new FakeRoom(people, { locks: ["files"] }, 1);
  const send = vi.spyOn(model, "sendFile");
  const { unmount } = render(Chat, { model, onclose, onpolls: onclose });
  expect(screen.queryByTestId("file-attach")).toBeNull();
  await fireEvent.drop(screen.getByTestId("chat-drop"), { dataTransfer: { files: [new File(["x"], "a.pdf")] } });
  expect(send).not.toHaveBeenCalled();
  unmount();

  const open = new FakeRoom(people, {}, 1);
  const sent = vi.spyOn(open, "sendFile");
  render(Chat, { model: open, onclose, onpolls: onclose });
  expect(screen.getByTestId("file-attach").getAttribute("aria-label")).toBe("Share a file with everyone");
  const given = new File(["x"], "a.pdf");
  await fireEvent.drop(screen.getByTestId("chat-drop"), { dataTransfer: { files: [given] } });
  expect(sent).toHaveBeenLastCalledWith(given, null);
  await fireEvent.paste(screen.getByTestId("chat-input"), { clipboardData: { files: [given] } });
  expect(sent).toHaveBeenCalledTimes(2);
});

test("what is on its way says how far it is, and is stopped", async () => {
  const model = new FakeRoom(people);
  const stop = vi.fn();
  model.uploads = [{ id: 1, name: "long.mp4", to: null, part: 0.4, stop }, { id: 2, name: "other.pdf", to: person(1).id, part: 0, stop: vi.fn() }];
  render(Chat, { model, onclose, onpolls: onclose });
  expect(screen.getAllByTestId("file-sending")).toHaveLength(1);
  expect(screen.getByRole("progressbar", { name: "Sending long.mp4" }).getAttribute("value")).toBe("0.4");
  await fireEvent.click(screen.getByRole("button", { name: "Stop sending long.mp4" }));
  expect(stop).toHaveBeenCalled();
});
