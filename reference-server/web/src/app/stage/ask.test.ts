import { describe, expect, test } from "vitest";
import { person } from "../../dev/fake.svelte";
import type { PictureChoice } from "../live/pictures.svelte";
import { tileKey } from "./arrange";
import { ask, askUnnamed, MOST_SAVING, paused, SMALL, type Shown } from "./ask";

function shown(n: number, change: { source?: "camera" | "screen"; height?: number; chosen?: PictureChoice } = {}): Shown {
  const participant = person(n);
  const source = change.source ?? "camera";
  const tile = { key: tileKey(participant.id, source), participant, source, own: false };
  return { tile, height: change.height ?? 720, chosen: change.chosen ?? "auto" };
}
const key = (n: number): string => tileKey(person(n).id, "camera");
const heights = (all: readonly Shown[], saving: boolean, pausing = new Set<string>()): number[] =>
  ask(all, saving, pausing).map((wish) => wish.height);

describe("what is asked for", () => {
  test("is as high as the tile, unless one chose otherwise for a person", () => {
    expect(heights([shown(1), shown(2, { chosen: "low" }), shown(3, { chosen: "off" })], false)).toEqual([720, SMALL, 0]);
    expect(heights([shown(1, { chosen: "low", height: 90 })], false)).toEqual([90]);
  });

  test("is small to save data, but for a screen; and nothing where it pauses", () => {
    const all = [shown(1), shown(1, { source: "screen" }), shown(2), shown(3, { height: 0 })];
    expect(heights(all, true, new Set([key(2)]))).toEqual([SMALL, 720, 0, 0]);
  });

  test("is the next speaker's too where not all have a tile, as small as the smallest, unless data is saved", () => {
    const named = ask([shown(1), shown(2, { height: 90 }), shown(3, { height: 0 })], false, new Set());
    expect(askUnnamed("all", 2, false, named)).toEqual([{ speaker: 0, height: 90 }]);
    expect(askUnnamed("all", 0, false, named)).toEqual([]);
    expect(askUnnamed("all", 2, true, named)).toEqual([]);
    expect(askUnnamed("all", 2, false, [])).toEqual([]);
  });

  test("says that no camera is to come even where nothing is named, or the server would choose", () => {
    for (const received of ["screens", "none"] as const) {
      expect(askUnnamed(received, 2, false, [])).toEqual([{ speaker: 0, height: 0 }]);
    }
  });

  test("stays below a camera's lowest layer in the steps it is told in", () => {
    expect(SMALL).toBeLessThanOrEqual(180);
    expect(SMALL % 16).toBe(0);
  });
});

describe("to save data", () => {
  test("the large one stays, then screens, then who spoke last", () => {
    const all = [shown(1), shown(2), shown(3), shown(4), shown(5, { source: "screen" }), shown(6)];
    const pausing = paused(all, key(3), [person(6).id, person(2).id]);
    expect([...pausing].sort()).toEqual([key(1), key(4)]);
    expect(all.length - pausing.size).toBe(MOST_SAVING);
  });

  test("what is off anyway takes no place", () => {
    const all = [shown(1, { chosen: "off" }), ...[2, 3, 4, 5].map((n) => shown(n))];
    expect(paused(all, null, []).size).toBe(0);
    expect([...paused([...all, shown(6)], null, [])]).toEqual([key(6)]);
  });
});
