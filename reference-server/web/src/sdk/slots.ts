// Which source each receiving line carries, as the server says.

import type { Slot, Source } from "./proto";

export interface Carried {
  readonly participant: string;
  readonly source: Source;
}

/** By `a=mid`; a slot that carries nothing is absent. */
export type SlotTable = ReadonlyMap<string, Carried>;

export function reduceSlots(table: SlotTable, changed: readonly Slot[]): SlotTable {
  const next = new Map(table);
  for (const { mid, participant, source } of changed) {
    if (participant === null || source === null) next.delete(mid);
    else next.set(mid, { participant, source });
  }
  return next;
}

export function slotOf(table: SlotTable, participant: string, source: Source): string | null {
  for (const [mid, carried] of table) {
    if (carried.participant === participant && carried.source === source) return mid;
  }
  return null;
}
