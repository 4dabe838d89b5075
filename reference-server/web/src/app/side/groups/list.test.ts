import { describe, expect, it } from "vitest";
import { person } from "../../../dev/fake.svelte";
import { fromList } from "./list";

const named = (...names: string[]) => names.map((name, at) => ({ ...person(at), id: `p${at}`, name }));
const here = named("Ann", "Bob Miller", "Cleo", "Dan");

describe("groups from a list", () => {
  it("reads one group a line, with a name or without", () => {
    const found = fromList("Reds: ann,  bob   miller\n\n Cleo; Zoe\r\n", here);
    expect(found?.names).toEqual(["Reds", null]);
    expect([...(found?.plan ?? [])]).toEqual([["p0", 0], ["p1", 0], ["p2", 1]]);
    expect(found?.absent).toEqual(["Zoe"]);
  });

  it("reads two columns of a spreadsheet, in the order groups are first named", () => {
    const found = fromList("Dan\tBlues\nAnn\tReds\nCleo\tBlues", here);
    expect(found?.names).toEqual(["Blues", "Reds"]);
    expect([...(found?.plan ?? [])]).toEqual([["p3", 0], ["p2", 0], ["p0", 1]]);
  });

  it("takes semicolons for commas where a colon says that the line is a group", () => {
    const found = fromList("Reds: Ann; Dan\nBlues: Cleo", here);
    expect([...(found?.plan ?? [])]).toEqual([["p0", 0], ["p3", 0], ["p2", 1]]);
  });

  it("puts nobody anywhere whose name two people have", () => {
    const found = fromList("Reds: Ann\nBlues: Cleo", named("Ann", "ANN", "Cleo"));
    expect(found?.shared).toEqual(["Ann"]);
    expect([...(found?.plan ?? [])]).toEqual([["p2", 1]]);
  });

  it("puts who is listed twice where they are listed last", () => {
    expect([...(fromList("Reds: Ann\nBlues: Ann", here)?.plan ?? [])]).toEqual([["p0", 1]]);
  });

  it("takes two to twenty groups, and names as long as a group may have", () => {
    expect(fromList("Reds: Ann", here)).toBeNull();
    expect(fromList("", here)).toBeNull();
    expect(fromList("Ann\n".repeat(21), here)).toBeNull();
    expect(fromList(`${"é".repeat(80)}: Ann\nBob Miller`, here)?.names[0]).toBe("é".repeat(64));
  });
});
