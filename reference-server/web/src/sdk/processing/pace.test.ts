import { expect, test } from "vitest";
import { Pace } from "./pace";

/** Six seconds of pictures that each take `ms`; how often less was done. */
function run(pace: Pace, ms: number, from: number): number {
  let lowered = 0;
  for (let now = from; now < from + 6_500; now += 100) if (pace.took(ms, now)) lowered += 1;
  return lowered;
}

test("a device that keeps up does all of it", () => {
  const pace = new Pace();
  expect(run(pace, 60, 0)).toBe(0);
  expect(pace.effort).toEqual({ longest: 1280, fps: 24 });
});

test("a slow one does less step by step, and not less than the least", () => {
  const pace = new Pace();
  expect(run(pace, 80, 0)).toBe(2);
  expect(pace.effort).toEqual({ longest: 480, fps: 8 });
  expect(run(pace, 500, 10_000)).toBe(0);
});

test("a few slow pictures among many are forgiven", () => {
  const pace = new Pace();
  for (let now = 0; now < 20_000; now += 100) expect(pace.took(now % 300 === 0 ? 900 : 20, now)).toBe(false);
});
