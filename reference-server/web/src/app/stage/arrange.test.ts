import { describe, expect, test } from "vitest";
import type { Participant, Source } from "../../sdk/proto";
import { arrange, fitGrid, fitStrip, remember, tileKey, type Wanted } from "./arrange";

const person = (id: string, ...sources: Source[]): Participant => ({
  id,
  name: id,
  role: "participant",
  standing: "member",
  connected: true,
  sources,
  muted: false,
  away: false,
  interpreter: false,
  exceptions: [],
});
const wanted = (change: Partial<Wanted>): Wanted => ({
  roster: [person("self", "camera"), person("a", "camera"), person("b")],
  self: "self",
  layout: "grid",
  pinned: null,
  spotlight: null,
  spoke: [],
  most: 9,
  mostBeside: 5,
  ...change,
});
const keys = (tiles: readonly { key: string }[]): string[] => tiles.map((tile) => tile.key);

describe("arranging", () => {
  test("a grid shows all alike, oneself last", () => {
    const { main, rest, hidden } = arrange(wanted({}));
    expect(main).toBeNull();
    expect(keys(rest)).toEqual(["a/camera", "b/camera", "self/camera"]);
    expect(hidden).toBe(0);
  });

  test("a shared screen takes the stage by itself, in either view", () => {
    const roster = [person("self"), person("a", "screen", "camera")];
    for (const layout of ["grid", "speaker", "presentation"] as const) {
      const { main, rest } = arrange(wanted({ roster, layout }));
      expect(main?.key).toBe("a/screen");
      expect(keys(rest)).toEqual(["a/camera", "self/camera"]);
    }
  });

  test("cameras alone leave the screen out, and the screen alone the cameras", () => {
    const roster = [person("self", "camera"), person("a", "screen", "camera"), person("b", "camera")];
    const cameras = arrange(wanted({ roster, layout: "cameras" }));
    expect([cameras.main, keys(cameras.rest)]).toEqual([null, ["a/camera", "b/camera", "self/camera"]]);
    expect(arrange(wanted({ roster, layout: "cameras", spotlight: "a" })).main?.key).toBe("a/camera");
    const screen = arrange(wanted({ roster, layout: "screen", spotlight: "b" }));
    expect([screen.main?.key, screen.rest, screen.hidden]).toEqual(["a/screen", [], 0]);
    expect(arrange(wanted({ layout: "screen" }))).toEqual({ main: null, rest: [], hidden: 0 });
  });

  test("a presentation stays large under the spotlight, and without one it is the face", () => {
    const roster = [person("self"), person("a", "screen"), person("b", "camera")];
    expect(arrange(wanted({ roster, layout: "presentation", spotlight: "b" })).main?.key).toBe("a/screen");
    expect(arrange(wanted({ layout: "presentation", spotlight: "b" })).main?.key).toBe("b/camera");
    expect(arrange(wanted({ roster, layout: "presentation", pinned: tileKey("b", "camera") })).main?.key).toBe("b/camera");
  });

  test("one's own screen is not shown back", () => {
    const { main } = arrange(wanted({ roster: [person("self", "screen"), person("a")] }));
    expect(main).toBeNull();
  });

  test("what someone enlarged wins over screen and speaker", () => {
    const roster = [person("self"), person("a", "screen"), person("b")];
    const { main, rest } = arrange(wanted({ roster, layout: "speaker", spoke: ["a"], pinned: tileKey("b", "camera") }));
    expect(main?.key).toBe("b/camera");
    expect(keys(rest)).toContain("a/screen");
  });

  test("the speaker view shows who spoke last, and before that a picture", () => {
    expect(arrange(wanted({ layout: "speaker", spoke: ["b", "a"] })).main?.key).toBe("b/camera");
    expect(arrange(wanted({ layout: "speaker" })).main?.key).toBe("a/camera");
    expect(arrange(wanted({ layout: "speaker", spoke: ["gone"] })).main?.key).toBe("a/camera");
  });

  test("when not all fit, speakers and oneself stay, in the order of before", () => {
    const roster = [person("self"), ...Array.from({ length: 20 }, (_, n) => person(`p${n}`))];
    const { rest, hidden } = arrange(wanted({ roster, most: 6, spoke: ["p17", "p3"] }));
    expect(keys(rest)).toEqual(["p0/camera", "p1/camera", "p3/camera", "p17/camera", "self/camera"]);
    expect(hidden).toBe(16);
  });

  test("the operator's machines have no tile", () => {
    const roster = [person("self"), { ...person("rec"), role: "service" as const }];
    expect(keys(arrange(wanted({ roster })).rest)).toEqual(["self/camera"]);
  });
});

test("who spoke last comes first, once each, and not without bound", () => {
  expect(remember(["a", "b"], ["b"])).toEqual(["b", "a"]);
  const same = ["a", "b"];
  expect(remember(same, ["a"])).toBe(same);
  expect(remember(same, [])).toBe(same);
  expect(remember(["a", "b", "c"], ["d"], 3)).toEqual(["d", "a", "b"]);
});

describe("fitting", () => {
  test.each([1, 2, 3, 5, 9, 16, 17])("%i tiles stay inside the stage and overlap nowhere", (count) => {
    for (const [width, height] of [[1400, 700], [360, 560], [900, 200], [200, 900]] as const) {
      const fit = fitGrid(count, width, height, 8);
      const rows = Math.ceil(count / fit.columns);
      expect(fit.columns * fit.width + (fit.columns - 1) * 8).toBeLessThanOrEqual(width);
      expect(rows * fit.height + (rows - 1) * 8).toBeLessThanOrEqual(height);
      expect(fit.width).toBeGreaterThan(0);
    }
  });

  test("two people share a wide stage side by side and a phone one above the other", () => {
    expect(fitGrid(2, 1400, 700, 8).columns).toBe(2);
    expect(fitGrid(2, 360, 600, 8).columns).toBe(1);
  });

  test("no space, no tiles", () => {
    expect(fitGrid(3, 0, 0, 8)).toEqual({ columns: 1, width: 0, height: 0 });
  });

  test("a strip holds no more than can be seen", () => {
    const beside = fitStrip(false, 1400, 700, 12);
    expect(beside.most * 84 + (beside.most - 1) * 12).toBeLessThanOrEqual(700);
    const below = fitStrip(true, 344, 560, 8);
    expect(below.most * below.size + (below.most - 1) * 8).toBeLessThanOrEqual(344);
  });
});
