import { describe, expect, test } from "vitest";
import { elapsed } from "./room/elapsed";
import { shortcutOf } from "./room/shortcuts";
import { routeOf } from "./route";
import { groupLines } from "./side/chat/group";
import { hueOf, initials } from "./ui/initials";

describe("addresses", () => {
  test("a room's link carries its key in the fragment", () => {
    expect(routeOf({ pathname: "/r/room_07", hash: "#k-_9" })).toEqual({ page: "room", room: "room_07", key: "k-_9" });
  });
  test("anything else is the start page or nothing", () => {
    expect(routeOf({ pathname: "/", hash: "" })).toEqual({ page: "start" });
    expect(routeOf({ pathname: "/r/", hash: "#k" })).toEqual({ page: "unknown" });
    expect(routeOf({ pathname: "/r/a/../b", hash: "#k" })).toEqual({ page: "unknown" });
  });
});

describe("shortcuts", () => {
  const press = (key: string, target: object | null = null, change: object = {}) =>
    shortcutOf({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, target: target as EventTarget | null, ...change });
  test("are single letters", () => {
    expect(press("m")).toBe("microphone");
    expect(press("C")).toBe("chat");
    expect(press("x")).toBeNull();
    expect(press("c", null, { ctrlKey: true })).toBeNull();
    expect(press("m", null, { repeat: true })).toBeNull();
  });
  test("are letters and nothing more while someone types", () => {
    expect(press("m", { tagName: "TEXTAREA" })).toBeNull();
    expect(press("m", { tagName: "INPUT", type: "text" })).toBeNull();
    expect(press("m", { tagName: "DIV", isContentEditable: true })).toBeNull();
    expect(press("m", { tagName: "INPUT", type: "checkbox" })).toBe("microphone");
    expect(press("m", { tagName: "BUTTON" })).toBe("microphone");
  });
});

test("a length of time reads like a clock", () => {
  expect(elapsed(-5)).toBe("0:00");
  expect(elapsed(61_000)).toBe("1:01");
  expect(elapsed(3_661_000)).toBe("1:01:01");
});

test("initials are whole characters of any script", () => {
  expect(initials("Ann Sørensen")).toBe("AS");
  expect(initials("  émile ")).toBe("É");
  expect(initials("花 Hana")).toBe("花H");
  expect(initials("🎉")).toBe("?");
  expect(initials("")).toBe("?");
  expect(hueOf("par_1")).toBe(hueOf("par_1"));
});

test("lines of one person in a row stand under one name, for a while", () => {
  const line = (id: string, from: string, at: number) => ({ id, from, name: from, text: "x", at });
  const groups = groupLines([line("1", "a", 0), line("2", "a", 60_000), line("3", "b", 61_000), line("4", "b", 900_000)]);
  expect(groups.map((g) => g.kind === "lines" && [g.from, g.lines.length])).toEqual([["a", 2], ["b", 1], ["b", 1]]);
});
