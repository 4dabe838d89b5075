import { describe, expect, it } from "vitest";
import { asLast, spread } from "./spread";

const sizes = (plan: ReadonlyMap<string, number>, groups: number) =>
  Array.from({ length: groups }, (_, group) => [...plan.values()].filter((at) => at === group).length);

describe("a plan for groups", () => {
  it("spreads everyone, evenly, by chance", () => {
    const people = ["a", "b", "c", "d", "e", "f", "g"];
    expect(sizes(spread(people, 3), 3).sort()).toEqual([2, 2, 3]);
    const first = spread(people, 2, () => 0);
    const second = spread(people, 2, () => 0.99);
    expect([...first].sort()).not.toEqual([...second].sort());
    expect(spread([], 2).size).toBe(0);
  });

  it("takes up last time's groups without those who left", () => {
    const one = (name: string, members: string[]) => ({ name, members, inside: [] });
    const last = { open: false, choice: false, until: null, breakouts: [one("Reds", ["a", "b"]), one("Blues", ["c"])] };
    expect([...asLast(last, ["a", "c"])]).toEqual([["a", 0], ["c", 1]]);
    expect(asLast(null, ["a"]).size).toBe(0);
  });
});
