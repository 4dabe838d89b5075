// Who was there, read part by part as the server gives it.

import { ConfError } from "./error";
import type { RoomSignal, Stay } from "./proto";

export interface Attendance {
  readonly stays: readonly Stay[];
  /** How many came when no more were kept. */
  readonly leftOut: number;
}

export type AttendancePage = Extract<RoomSignal, { type: "attendance" }>;

/** Asks from the first stay on until there are no more. */
export async function readAttendance(ask: (from: number) => Promise<AttendancePage | null>): Promise<Attendance> {
  const stays: Stay[] = [];
  for (;;) {
    const page = await ask(stays.length);
    if (page === null) throw new ConfError("not_connected");
    stays.push(...page.stays);
    if (page.stays.length === 0 || stays.length >= page.total) return { stays, leftOut: page.left_out };
  }
}
