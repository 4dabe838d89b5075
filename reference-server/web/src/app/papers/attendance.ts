// Who was there: each person once with their stays, and the list as a file.

import type { Participant, Stay } from "../../sdk";
import { csv } from "./csv";

export interface Attendee {
  readonly id: string;
  readonly name: string | null;
  readonly role: Participant["role"];
  readonly standing: Participant["standing"];
  readonly stays: readonly Stay[];
  /** How long in all, as of `now`. */
  readonly ms: number;
}

/** Everyone once, in the order they first came; named and seen as they were last. */
export function attendees(stays: readonly Stay[], now: number): readonly Attendee[] {
  const people = new Map<string, Stay[]>();
  for (const stay of stays) people.set(stay.person, [...(people.get(stay.person) ?? []), stay]);
  return [...people].flatMap(([id, own]) => {
    const last = own.at(-1);
    if (last === undefined) return [];
    const ms = own.reduce((sum, stay) => sum + lasted(stay, now), 0);
    return [{ id, name: last.name, role: last.role, standing: last.standing, stays: own, ms }];
  });
}

const lasted = (stay: Stay, now: number): number => Math.max(0, (stay.until ?? now) - stay.from);
const iso = (at: number): string => new Date(at).toISOString();

export interface Words {
  readonly columns: readonly [person: string, name: string, role: string, guest: string, from: string, until: string, minutes: string];
  readonly name: (person: { readonly name: string | null }) => string;
  readonly role: (person: { readonly role: Participant["role"] }) => string;
  readonly guest: string;
}

/** One line a stay: a person who came twice has the same number twice. */
export function attendanceCsv(stays: readonly Stay[], now: number, words: Words): string {
  const numbers = new Map(attendees(stays, now).map((person, at) => [person.id, at + 1]));
  const lines = stays.map((stay) => [
    numbers.get(stay.person) ?? 0,
    words.name(stay),
    words.role(stay),
    stay.standing === "guest" ? words.guest : "",
    iso(stay.from),
    stay.until === null ? "" : iso(stay.until),
    Math.round(lasted(stay, now) / 60_000),
  ]);
  return csv([words.columns, ...lines]);
}

export function attendanceJson(room: string, stays: readonly Stay[], leftOut: number, now: number): string {
  const people = attendees(stays, now).map(({ name, role, standing, stays: own, ms }) => ({
    name,
    role,
    standing,
    seconds: Math.round(ms / 1_000),
    stays: own.map((stay) => ({ from: iso(stay.from), until: stay.until === null ? null : iso(stay.until) })),
  }));
  return `${JSON.stringify({ room, at: iso(now), people, left_out: leftOut }, null, 2)}\n`;
}
