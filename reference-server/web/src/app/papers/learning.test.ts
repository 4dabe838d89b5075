import { expect, test } from "vitest";
import type { Figures } from "../../sdk";
import { inOrder, learningCsv, reordered, type Order } from "./learning";

const person = (name: string, change: Partial<Figures> = {}): Figures => ({
  person: name, name, role: "participant", standing: "member", here: true, present_ms: 0, talked_ms: 0, hands: 0, polls: 0, messages: 0, ...change,
});
const PEOPLE = [
  person("Zoë", { role: "moderator", present_ms: 2_700_400, talked_ms: 613_200, messages: 4 }),
  person("=Gil()", { standing: "guest", present_ms: 60_000, hands: 3, polls: 2, messages: 4 }),
  person("Änne", { present_ms: 90_000, talked_ms: 5_600, hands: 3 }),
];
const name = (one: { readonly name: string | null }): string => one.name ?? "?";
const read = (order: Order): string[] => inOrder(PEOPLE, order, name, "de").map(name);

test("names are sorted as people sort them, and who is alike stays in the order they came", () => {
  expect(read({ by: "name", direction: "ascending" })).toEqual(["=Gil()", "Änne", "Zoë"]);
  expect(read({ by: "messages", direction: "descending" })).toEqual(["Zoë", "=Gil()", "Änne"]);
  expect(read({ by: "hands", direction: "ascending" })).toEqual(["Zoë", "=Gil()", "Änne"]);
  expect(read({ by: "talked", direction: "descending" })).toEqual(["Zoë", "Änne", "=Gil()"]);
});

test("a column is sorted as one wants it first, and again the other way round", () => {
  const names: Order = { by: "name", direction: "ascending" };
  expect(reordered(names, "name")).toEqual({ by: "name", direction: "descending" });
  const most = reordered(names, "hands");
  expect(most).toEqual({ by: "hands", direction: "descending" });
  expect(reordered(most, "hands")).toEqual({ by: "hands", direction: "ascending" });
  expect(reordered(reordered(most, "hands"), "hands")).toEqual(most);
});

test("the figures are a file for spreadsheets, and no name in it is a formula", () => {
  const words = {
    columns: ["Name", "Role", "Guest", "Here", "Talked", "Hands", "Polls", "Messages"] as const,
    name, role: (one: { readonly role: string }) => one.role, guest: "yes",
  };
  expect(learningCsv(PEOPLE, words).split("\r\n")).toEqual([
    "\uFEFFName,Role,Guest,Here,Talked,Hands,Polls,Messages",
    "Zoë,moderator,,2700,613,0,0,4",
    "'=Gil(),participant,yes,60,0,3,2,4",
    "Änne,participant,,90,6,3,0,0",
    "",
  ]);
});
