import { expect, test } from "vitest";
import type { Stay } from "../../sdk";
import { attendanceCsv, attendanceJson, attendees, type Words } from "./attendance";
import { csv } from "./csv";

const MINUTE = 60_000;
const stay = (person: string, from: number, until: number | null, change: Partial<Stay> = {}): Stay => ({
  participant: `${person}-${from}`, person, name: person, role: "participant", standing: "member",
  from: from * MINUTE, until: until === null ? null : until * MINUTE, ...change,
});
const STAYS = [
  stay("ann", 0, null, { role: "moderator" }),
  stay("bob", 1, 5),
  stay("gil", 2, 3, { standing: "guest", name: "=cmd()" }),
  stay("bob", 7, null, { name: "Robert" }),
];
const WORDS: Words = {
  columns: ["Person", "Name", "Role", "Guest", "Came", "Left", "Minutes"],
  name: (person) => person.name ?? "?",
  role: (person) => person.role,
  guest: "yes",
};

test("whoever came twice is one person, called as they were last", () => {
  const people = attendees(STAYS, 10 * MINUTE);
  expect(people.map(({ name, stays, ms }) => [name, stays.length, ms / MINUTE])).toEqual([["ann", 1, 10], ["Robert", 2, 7], ["=cmd()", 1, 1]]);
});

test("the list is a file for spreadsheets, and no name in it is a formula", () => {
  expect(attendanceCsv(STAYS, 10 * MINUTE, WORDS).split("\r\n")).toEqual([
    "\uFEFFPerson,Name,Role,Guest,Came,Left,Minutes",
    "1,ann,moderator,,1970-01-01T00:00:00.000Z,,10",
    "2,bob,participant,,1970-01-01T00:01:00.000Z,1970-01-01T00:05:00.000Z,4",
    "3,'=cmd(),participant,yes,1970-01-01T00:02:00.000Z,1970-01-01T00:03:00.000Z,1",
    "2,Robert,participant,,1970-01-01T00:07:00.000Z,,3",
    "",
  ]);
});

test.each([
  ["=1+1", "'=1+1"],
  ["+49 1", "'+49 1"],
  ["-1", "'-1"],
  ["@sum", "'@sum"],
  ["\t=1", "'\t=1"],
  [" =1", "' =1"],
  ['a "b", c', '"a ""b"", c"'],
  ["a;b", '"a;b"'],
  ["a=b", "a=b"],
])("the cell %j is written %j", (value, written) => {
  expect(csv([[value]])).toBe(`\uFEFF${written}\r\n`);
});

test("the list is a file for programs", () => {
  const list = JSON.parse(attendanceJson("Physics", STAYS, 2, 10 * MINUTE)) as { people: unknown[]; left_out: number };
  expect(list.left_out).toBe(2);
  expect(list.people[1]).toEqual({
    name: "Robert", role: "participant", standing: "member", seconds: 420,
    stays: [{ from: "1970-01-01T00:01:00.000Z", until: "1970-01-01T00:05:00.000Z" }, { from: "1970-01-01T00:07:00.000Z", until: null }],
  });
});
