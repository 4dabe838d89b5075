// What each person did: in the order somebody wants to read it, and as a file.

import type { Figures, Participant } from "../../sdk";
import { csv } from "./csv";

/** The figures, in the order of the table's columns. */
export const FIGURES = ["present", "talked", "hands", "polls", "messages"] as const;
export type Figure = (typeof FIGURES)[number];

export interface Order {
  readonly by: "name" | Figure;
  readonly direction: "ascending" | "descending";
}

/** What a click on a column asks for: names from A on, figures from the largest on, and then the other way round. */
export function reordered(order: Order, by: Order["by"]): Order {
  const first = by === "name" ? "ascending" : "descending";
  if (order.by !== by || order.direction !== first) return { by, direction: first };
  return { by, direction: first === "ascending" ? "descending" : "ascending" };
}

export function figure(of: Figures, which: Figure): number {
  switch (which) {
    case "present":
      return of.present_ms;
    case "talked":
      return of.talked_ms;
    default:
      return of[which];
  }
}

/** In this order; who is alike in it stays in the order they came. */
export function inOrder(people: readonly Figures[], order: Order, name: Words["name"], locale: string): readonly Figures[] {
  const { by } = order;
  const sign = order.direction === "ascending" ? 1 : -1;
  const names = new Intl.Collator(locale, { numeric: true });
  return people.toSorted((a, b) => sign * (by === "name" ? names.compare(name(a), name(b)) : figure(a, by) - figure(b, by)));
}

export interface Words {
  readonly columns: readonly [name: string, role: string, guest: string, ...figures: string[]];
  readonly name: (person: { readonly name: string | null }) => string;
  readonly role: (person: { readonly role: Participant["role"] }) => string;
  readonly guest: string;
}

/** One line a person; times in seconds, which spreadsheets can add up. */
export function learningCsv(people: readonly Figures[], words: Words): string {
  const lines = people.map((person) => [
    words.name(person),
    words.role(person),
    person.standing === "guest" ? words.guest : "",
    Math.round(person.present_ms / 1_000),
    Math.round(person.talked_ms / 1_000),
    person.hands,
    person.polls,
    person.messages,
  ]);
  return csv([words.columns, ...lines]);
}
