import { expect, test } from "vitest";
import { inward } from "./inside";

test("a panel moves as far as it must to be on the page, and no further", () => {
  expect(inward(20, 340, 360)).toBe(0);
  expect(inward(-90, 250, 360)).toBe(100);
  expect(inward(60, 400, 360)).toBe(-50);
  expect(inward(60, 420, 360)).toBe(-50);
});
