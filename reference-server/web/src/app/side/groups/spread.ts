// Who goes into which group: a plan as it is made, before anybody is told.

import type { Breakouts, Participant } from "../../../sdk";

/** For each person the number of a group, from 0; who is in none is not in it. */
export type Plan = ReadonlyMap<string, number>;

/** Everyone by chance, so that groups differ by one at most. `dice` gives 0 to 1, 1 excluded. */
export function spread(people: readonly string[], groups: number, dice: () => number = Math.random): Plan {
  const order = [...people];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(dice() * (at + 1));
    const [one, two] = [order[at], order[other]];
    if (one !== undefined && two !== undefined) [order[at], order[other]] = [two, one];
  }
  return new Map(order.map((person, at) => [person, at % groups]));
}

/** The groups of last time, of those who are still here. */
export function asLast(last: Breakouts | null, people: readonly string[]): Plan {
  const known = (last?.breakouts ?? []).flatMap((one, group) => one.members.map((person) => [person, group] as const));
  return new Map(known.filter(([person]) => people.includes(person)));
}

/** Who is spread over groups: everyone who takes part. Moderators go where they like. */
export function pupils(roster: readonly Participant[]): Participant[] {
  return roster.filter((person) => person.role === "participant");
}
