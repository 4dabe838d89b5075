// Groups from a list: as a teacher writes them down, or two columns copied from a spreadsheet.

import { personName } from "../../live/person";
import type { Participant } from "../../../sdk";
import type { Plan } from "./spread";

export const FEWEST_GROUPS = 2;
export const MOST_GROUPS = 20;
export const MOST_NAME = 64;

/** What a list says, for those who are here. */
export interface Listed {
  /** A name for each group; null where the list gives none. */
  readonly names: readonly (string | null)[];
  readonly plan: Plan;
  /** Who is listed and is not here. */
  readonly absent: readonly string[];
  /** Names that more than one person here has: they are in no group, somebody has to choose. */
  readonly shared: readonly string[];
}

interface Line {
  readonly group: string | null;
  readonly people: readonly string[];
}

/**
 * Reads a list. A line is a group, `Reds: Ann, Bob` or only `Ann, Bob`; or, if all have two cells with
 * a tab or a semicolon between them and no colon, a person and the name of their group. Null if that
 * makes fewer than two groups or more than twenty.
 */
export function fromList(text: string, here: readonly Participant[]): Listed | null {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  const groups = table(lines) ?? lines.map(group);
  if (groups.length < FEWEST_GROUPS || groups.length > MOST_GROUPS) return null;
  const plan = new Map<string, number>();
  const absent = new Set<string>();
  const shared = new Set<string>();
  for (const [at, { people }] of groups.entries()) {
    for (const name of people) {
      const found = here.filter((person) => same(personName(person), name));
      const [one] = found;
      if (one === undefined) absent.add(name);
      else if (found.length > 1) shared.add(name);
      else plan.set(one.id, at);
    }
  }
  return { names: groups.map((one) => one.group), plan, absent: [...absent], shared: [...shared] };
}

function group(line: string): Line {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const people = line.slice(colon + 1).split(/[,;\t]/).map((one) => one.trim()).filter((one) => one !== "");
  return { group: name === "" ? null : shortened(name), people };
}

/** Two columns, person and group; groups come in the order they are first named in. With a colon it is none. */
function table(lines: readonly string[]): Line[] | null {
  if (lines.some((line) => line.includes(":"))) return null;
  const rows = lines.map((line) => line.split(/[;\t]/).map((cell) => cell.trim()));
  const groups = new Map<string, string[]>();
  for (const [person, name, ...more] of rows) {
    if (person === undefined || person === "" || name === undefined || name === "" || more.length > 0) return null;
    const people = groups.get(name);
    if (people === undefined) groups.set(name, [person]);
    else people.push(person);
  }
  return [...groups].map(([name, people]) => ({ group: shortened(name), people }));
}

function shortened(name: string): string {
  return [...name].slice(0, MOST_NAME).join("");
}

/** Letters count, however large they are written and however many spaces stand between. */
function same(one: string, other: string): boolean {
  const plain = (name: string): string => name.normalize("NFC").toLocaleLowerCase().replace(/\s+/gu, " ").trim();
  return plain(one) === plain(other);
}
