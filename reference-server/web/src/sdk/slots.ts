// Which source each receiving line carries, as the server says.

import type { Face } from "./lips";
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

/** Which voices and pictures belong together: of a person, and of a shared screen. */
export function faces(table: SlotTable): readonly Face[] {
  const found: Face[] = [];
  for (const [picture, { participant, source }] of table) {
    if (source !== "camera" && source !== "screen") continue;
    const voice = slotOf(table, participant, source === "camera" ? "microphone" : "screen_audio");
    if (voice !== null) found.push({ voice, picture });
  }
  return found;
}
