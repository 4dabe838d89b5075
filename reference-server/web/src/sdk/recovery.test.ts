import { describe, expect, test } from "vitest";
import { withLayers } from "./layers";
import { reduceQuality } from "./quality";
import { nextStep, type Situation } from "./recovery";

const well: Situation = {
  session: true,
  kept: true,
  status: "connected",
  proven: true,
  forMs: 60_000,
  tries: 0,
  sinceTryMs: Infinity,
  short: false,
};
const step = (change: Partial<Situation>) => nextStep({ ...well, ...change });

describe("what is next for sound and picture", () => {
  test("nothing while they flow", () => {
    expect(step({})).toEqual({ act: "nothing" });
  });

  test("nothing while nobody can be asked, whatever is broken", () => {
    for (const status of ["interrupted", "failed", "connecting"] as const) {
      expect(step({ session: false, status })).toEqual({ act: "nothing" });
    }
    expect(step({ session: false, kept: false })).toEqual({ act: "nothing" });
  });

  test("a short silence is waited out, a longer one looks for new paths", () => {
    expect(step({ status: "interrupted", forMs: 500 })).toEqual({ act: "wait", ms: 1_500 });
    expect(step({ status: "interrupted", forMs: 2_000 })).toEqual({ act: "restart" });
  });

  test("a failed path is left at once", () => {
    expect(step({ status: "failed", forMs: 0 })).toEqual({ act: "restart" });
  });

  test("tries come further and further apart, and after three in vain the connection is replaced", () => {
    expect(step({ status: "failed", tries: 1, sinceTryMs: 500 })).toEqual({ act: "wait", ms: 1_500 });
    expect(step({ status: "failed", tries: 2, sinceTryMs: 4_000 })).toEqual({ act: "restart" });
    expect(step({ status: "failed", tries: 3, sinceTryMs: 6_000 })).toEqual({ act: "renew" });
    expect(step({ status: "failed", tries: 30, sinceTryMs: 9_000 })).toEqual({ act: "wait", ms: 1_000 });
  });

  test("what the server no longer has is made anew", () => {
    expect(step({ kept: false })).toEqual({ act: "renew" });
    expect(step({ kept: false, status: "interrupted", forMs: 0 })).toEqual({ act: "renew" });
  });

  test("a connection that never worked is not given new paths but replaced, in good time", () => {
    expect(step({ proven: false, status: "connecting", forMs: 5_000 })).toEqual({ act: "wait", ms: 10_000 });
    expect(step({ proven: false, status: "connecting", forMs: 15_000 })).toEqual({ act: "renew" });
    expect(step({ proven: false, status: "failed", forMs: 0 })).toEqual({ act: "renew" });
  });

  test("more lines are asked for once the connection is well", () => {
    expect(step({ short: true })).toEqual({ act: "extend" });
    expect(step({ short: true, status: "interrupted", forMs: 0 })).toEqual({ act: "wait", ms: 2_000 });
  });
});

describe("layers", () => {
  const rids = ["q", "h", "f"];
  const camera = rids.map((rid) => ({ rid, active: true, scaleResolutionDownBy: 1 }));
  test("are switched in the order they were offered in", () => {
    expect(withLayers(camera, rids, [true, false, false]).map((e) => e.active)).toEqual([true, false, false]);
    expect(withLayers([...camera].reverse(), rids, [true, false, false]).map((e) => e.active)).toEqual([false, false, true]);
  });
  test("nobody spoke of go on, and nothing else about them changes", () => {
    expect(withLayers(camera, rids, [])).toEqual(camera);
    expect(withLayers([{ active: true }], [], [false])).toEqual([{ active: false }]);
    expect(withLayers<{ rid?: string; active?: boolean }>([{}], [], [])).toEqual([{ active: true }]);
  });
});

test("only those not well connected are kept in mind", () => {
  const table = reduceQuality(new Map(), [
    { participant: "par_a", quality: "poor" },
    { participant: "par_b", quality: "good" },
  ]);
  expect([...table]).toEqual([["par_a", "poor"]]);
  expect(reduceQuality(table, [{ participant: "par_a", quality: "good" }]).size).toBe(0);
  expect(reduceQuality(table, [{ participant: "par_b", quality: "lost" }]).get("par_a")).toBe("poor");
});
