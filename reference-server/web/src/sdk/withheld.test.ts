import { expect, test } from "vitest";
import type { SlotTable } from "./slots";
import { soundOnly, withheldOf, withheldTable } from "./withheld";

const off = { participant: "par_a", source: "camera", what: "off" } as const;
const lowered = { participant: "par_a", source: "screen", what: "lowered" } as const;

test("what is withheld is known by person and source", () => {
  const table = withheldTable([off, lowered]);
  expect(withheldOf(table, "par_a", "camera")).toBe("off");
  expect(withheldOf(table, "par_a", "screen")).toBe("lowered");
  expect(withheldOf(table, "par_b", "camera")).toBeNull();
  expect(withheldOf(withheldTable([]), "par_a", "camera")).toBeNull();
});

test("sound is all there is when pictures are off and none comes", () => {
  const voice: SlotTable = new Map([["4", { participant: "par_a", source: "microphone" }]]);
  const picture: SlotTable = new Map([...voice, ["8", { participant: "par_b", source: "camera" }]]);
  expect(soundOnly(withheldTable([off]), voice)).toBe(true);
  expect(soundOnly(withheldTable([off]), picture)).toBe(false);
  expect(soundOnly(withheldTable([lowered]), voice)).toBe(false);
  expect(soundOnly(withheldTable([]), voice)).toBe(false);
});
