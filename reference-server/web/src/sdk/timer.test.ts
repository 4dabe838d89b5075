import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RoomEvent, Timer } from "./proto";
import { reducePicked, reduceTimer, ServerClock, timerShows } from "./timer";

const frame = (at: number, event: RoomEvent) => ({ seq: at, at, event });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a timer runs, rests and goes on, and never shows less than nothing", () => {
  let timer: Timer | null = reduceTimer(null, frame(1_000, { type: "timer_set", span: 60_000, runs: true }));
  expect(timer && timerShows(timer, 11_000)).toBe(50_000);
  timer = reduceTimer(timer, frame(16_000, { type: "timer_paused" }));
  expect(timer && timerShows(timer, 90_000)).toBe(45_000);
  timer = reduceTimer(timer, frame(90_000, { type: "timer_resumed" }));
  expect(timer && timerShows(timer, 100_000)).toBe(35_000);
  expect(timer && timerShows(timer, 900_000)).toBe(0);
  expect(reduceTimer(timer, frame(1, { type: "timer_stopped" }))).toBeNull();
  const up = reduceTimer(timer, frame(5_000, { type: "timer_set", span: null, runs: true }));
  expect(up && timerShows(up, 8_000)).toBe(3_000);
});

test("who was picked is shown until they go", () => {
  const picked = reducePicked(null, frame(7, { type: "picked", participant: "par_a", by: "par_b" }));
  expect(picked).toEqual({ participant: "par_a", at: 7 });
  expect(reducePicked(picked, frame(8, { type: "left", participant: "par_a" }))).toBeNull();
});

test("the server's clock is reckoned by what came with the least delay", () => {
  const clock = new ServerClock();
  clock.greeted(6_000);
  expect(clock.ahead).toBe(5_000);
  clock.told(3_000);
  expect(clock.ahead).toBe(5_000);
  clock.told(6_200);
  expect(clock.ahead).toBe(5_200);
  clock.greeted(500);
  expect(clock.ahead).toBe(-500);
});
