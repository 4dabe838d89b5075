import { expect, test } from "vitest";
import { hides, whyOf, type Circumstances } from "./why";

const well: Circumstances = { hidden: false, source: "camera", received: true, chosen: "auto", paused: false, withheld: null, quality: undefined };

test("a picture that comes as wished needs no reason", () => {
  expect(whyOf(well)).toBeNull();
  expect(whyOf({ ...well, chosen: "low", quality: "fair" })).toBeNull();
});

test("the other's connection is named only where nothing nearer explains it", () => {
  const bad = { ...well, quality: "poor" } as const;
  expect(whyOf(bad)).toBe("theirs");
  expect(whyOf({ ...well, quality: "lost" })).toBe("theirs");
  expect(whyOf({ ...bad, withheld: "lowered" })).toBe("lowered");
  expect(whyOf({ ...bad, withheld: "off" })).toBe("link");
  expect(whyOf({ ...bad, withheld: "off", paused: true })).toBe("saving");
  expect(whyOf({ ...bad, withheld: "off", paused: true, chosen: "off" })).toBe("off");
  expect(whyOf({ ...bad, chosen: "off", received: false })).toBe("cameras_off");
  expect(whyOf({ ...bad, source: "screen", received: false })).toBe("screens_off");
  expect(whyOf({ ...bad, received: false, hidden: true })).toBe("hidden");
});

test("only what leaves no picture hides one", () => {
  expect((["hidden", "cameras_off", "screens_off"] as const).every(hides)).toBe(true);
  expect((["off", "saving", "link", "lowered", "theirs", null] as const).map(hides)).toEqual([true, true, true, false, false, false]);
});
