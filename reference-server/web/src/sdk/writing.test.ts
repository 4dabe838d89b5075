import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RoomSignal } from "./proto";
import { LiveTextSender, reduceSignal, reduceWriting, stillWriting, TEXT_AGAIN_MS, TEXT_EVERY_MS, TEXT_HOLDS_MS, TYPING_EVERY_MS, TYPING_HOLDS_MS, TypingSender, type Writing } from "./writing";

const typing = (by: string, to?: string): RoomSignal => ({ type: "typing", by, ...(to === undefined ? {} : { to }) });
const grows = (by: string, text: string | null): RoomSignal => ({ type: "live_text", by, text });
const hear = (signals: readonly RoomSignal[]): Writing =>
  signals.reduce<Writing>((writing, signal) => reduceSignal(writing, signal, "par_me", 0), []);

describe("who writes", () => {
  test("is known for a while and then forgotten", () => {
    const writing = hear([typing("par_a"), typing("par_me")]);
    expect(writing).toEqual([{ by: "par_a", alone: false, text: null, until: TYPING_HOLDS_MS }]);
    expect(stillWriting(writing, TYPING_HOLDS_MS - 1)).toBe(writing);
    expect(stillWriting(writing, TYPING_HOLDS_MS)).toEqual([]);
  });

  test("to oneself alone is another thing than to everyone", () => {
    const writing = hear([typing("par_a", "par_me"), typing("par_a")]);
    expect(writing.map((one) => one.alone)).toEqual([true, false]);
    const line = { id: "msg_1", from: "par_a", name: "A", text: "x", at: 1 };
    expect(reduceWriting(writing, { type: "chat", line }).map((one) => one.alone)).toEqual([true]);
  });

  test("shows a text that grows in its place, until it is said or given up", () => {
    let writing = hear([grows("par_a", "Good"), grows("par_b", "I"), grows("par_a", "Good mor"), typing("par_a")]);
    expect(writing.map((one) => one.text)).toEqual(["Good mor", "I"]);
    expect(writing[0]?.until).toBe(TEXT_HOLDS_MS);
    writing = reduceSignal(writing, grows("par_b", null), "par_me", 1);
    expect(writing.map((one) => one.by)).toEqual(["par_a"]);
    expect(reduceWriting(writing, { type: "left", participant: "par_a" })).toEqual([]);
    expect(reduceWriting(writing, { type: "lock", lock: "chat", on: true, by: "par_m" })).toEqual([]);
  });

  test("is bounded", () => {
    expect(hear(Array.from({ length: 80 }, (_, n) => typing(`par_${n}`)))).toHaveLength(50);
  });
});

describe("saying that one writes", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is done once in a while, and at once for another conversation", () => {
    const told: (string | null)[] = [];
    const sender = new TypingSender((to) => told.push(to));
    sender.typed(null);
    sender.typed(null);
    sender.typed("par_a");
    expect(told).toEqual([null, "par_a"]);
    vi.advanceTimersByTime(TYPING_EVERY_MS);
    sender.typed("par_a");
    sender.said();
    sender.typed("par_a");
    expect(told).toHaveLength(4);
  });

  test("shows a text within half a second of each change, and rests with it", () => {
    const told: (string | null)[] = [];
    const sender = new LiveTextSender((text) => told.push(text));
    sender.changed("G");
    vi.advanceTimersByTime(0);
    for (const text of ["Go", "Goo", "Good"]) sender.changed(text);
    expect(told).toEqual(["G"]);
    vi.advanceTimersByTime(TEXT_EVERY_MS);
    expect(told).toEqual(["G", "Good"]);
    vi.advanceTimersByTime(TEXT_AGAIN_MS);
    expect(told).toEqual(["G", "Good", "Good"]);
    sender.changed(" ");
    vi.advanceTimersByTime(TEXT_EVERY_MS);
    expect(told.at(-1)).toBeNull();
    vi.advanceTimersByTime(TEXT_AGAIN_MS * 3);
    expect(told).toHaveLength(4);
  });

  test("keeps below what a meeting takes, however fast one types", () => {
    let told = 0;
    const sender = new LiveTextSender(() => (told += 1));
    for (let ms = 0; ms < 10_000; ms += 20) {
      sender.changed(`text ${ms}`);
      vi.advanceTimersByTime(20);
    }
    expect(told).toBeGreaterThanOrEqual(20);
    expect(told).toBeLessThan(30);
  });

  test("says nothing more once it was sent", () => {
    const told: (string | null)[] = [];
    const sender = new LiveTextSender((text) => told.push(text));
    sender.changed("Good");
    sender.said();
    sender.changed("");
    vi.advanceTimersByTime(TEXT_AGAIN_MS);
    expect(told).toEqual([]);
  });
});
