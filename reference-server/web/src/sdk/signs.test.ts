import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Reaction, RoomSignal } from "./proto";
import { reduceSigns, SIGN_HOLDS_MS, SignBoard, type Signs } from "./signs";

const reacted = (by: string, reaction: Reaction = "clap"): RoomSignal => ({ type: "reacted", by, reaction });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a sign is shown for some seconds and then forgotten", () => {
  let changes = 0;
  const board = new SignBoard(() => (changes += 1));
  board.hear(reacted("par_a"));
  vi.advanceTimersByTime(1_000);
  board.hear(reacted("par_a"));
  board.hear({ type: "typing", by: "par_b" });
  expect(board.shown.map((sign) => sign.number)).toEqual([1, 2]);
  vi.advanceTimersByTime(SIGN_HOLDS_MS - 1_000);
  expect(board.shown.map((sign) => sign.number)).toEqual([2]);
  vi.advanceTimersByTime(1_000);
  expect(board.shown).toEqual([]);
  expect(changes).toBe(4);
});

test("in a storm the oldest give way, and a room that is left shows none", () => {
  let signs: Signs = [];
  for (let n = 0; n < 200; n += 1) signs = reduceSigns(signs, reacted(`par_${n}`), 0);
  expect(signs).toHaveLength(60);
  expect(signs.at(-1)).toMatchObject({ by: "par_199", number: 200 });
  const board = new SignBoard(() => undefined);
  board.hear(reacted("par_a"));
  board.clear();
  expect(board.shown).toEqual([]);
});
