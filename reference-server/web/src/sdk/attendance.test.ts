import { expect, test } from "vitest";
import { readAttendance, type AttendancePage } from "./attendance";
import type { Stay } from "./proto";

const stay = (n: number): Stay => ({
  participant: `par_${n}`, person: `par_${n}`, name: "Ann", role: "participant", standing: "member", from: n, until: null,
});
const page = (from: number, count: number, total: number): AttendancePage => ({
  type: "attendance", from, stays: Array.from({ length: count }, (_, n) => stay(from + n)), total, left_out: 7,
});

test("a long list is asked for part by part", async () => {
  const asked: number[] = [];
  const list = await readAttendance((from) => {
    asked.push(from);
    return Promise.resolve(page(from, Math.min(2, 5 - from), 5));
  });
  expect(asked).toEqual([0, 2, 4]);
  expect(list.stays.map((one) => one.from)).toEqual([0, 1, 2, 3, 4]);
  expect(list.leftOut).toBe(7);
});

test("a list nobody is on is read at once, and none at all is a failure", async () => {
  expect(await readAttendance(() => Promise.resolve(page(0, 0, 0)))).toEqual({ stays: [], leftOut: 7 });
  await expect(readAttendance(() => Promise.resolve(null))).rejects.toMatchObject({ code: "not_connected" });
});
