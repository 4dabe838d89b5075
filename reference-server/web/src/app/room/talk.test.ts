import { beforeEach, expect, test, vi } from "vitest";
import { PushToTalk } from "./talk";

const door = { ready: vi.fn(() => true), open: vi.fn(), close: vi.fn() };
let talk: PushToTalk;
const key = (change: object = {}) => ({
  code: "Space",
  repeat: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  target: null as EventTarget | null,
  preventDefault: vi.fn(),
  ...change,
});
const at = (tagName: string, more: object = {}) => ({ target: { tagName, ...more } as unknown as EventTarget });

beforeEach(() => {
  vi.clearAllMocks();
  door.ready.mockReturnValue(true);
  talk = new PushToTalk(door);
});

test("opens while held and closes when let go, once each", () => {
  expect(talk.down(key())).toBe(true);
  expect(talk.down(key({ repeat: true }))).toBe(true);
  expect(door.open).toHaveBeenCalledTimes(1);
  expect(talk.up(key())).toBe(true);
  expect(talk.up(key())).toBe(false);
  expect(door.close).toHaveBeenCalledTimes(1);
});

test("leaves the space bar to who writes", () => {
  for (const target of [at("TEXTAREA"), at("INPUT"), at("SELECT"), at("DIV", { isContentEditable: true })]) {
    expect(talk.down(key(target))).toBe(false);
  }
  expect(door.open).not.toHaveBeenCalled();
});

test("leaves a button its space bar when the focus came by keys, not when it came by a click", () => {
  talk.down(key({ code: "Tab" }));
  expect(talk.down(key(at("BUTTON")))).toBe(false);
  talk.pointed();
  const press = key(at("BUTTON"));
  expect(talk.down(press)).toBe(true);
  expect(press.preventDefault).toHaveBeenCalled();
});

test("does nothing when there is no closed microphone, or with other keys held", () => {
  door.ready.mockReturnValue(false);
  expect(talk.down(key())).toBe(false);
  door.ready.mockReturnValue(true);
  expect(talk.down(key({ ctrlKey: true }))).toBe(false);
  expect(talk.down(key({ code: "KeyA" }))).toBe(false);
  expect(door.open).not.toHaveBeenCalled();
});

test("closes when the page loses the keyboard", () => {
  talk.down(key());
  talk.release();
  expect(door.close).toHaveBeenCalledTimes(1);
  expect(talk.held).toBe(false);
});
