// Which pictures one's own connection does not carry, as the server says.

import type { Source, Withheld, WithheldPicture } from "./proto";
import type { SlotTable } from "./slots";

/** By whose and which; what comes as wished is absent. */
export type WithheldTable = ReadonlyMap<string, Withheld>;

const key = (participant: string, source: Source): string => `${participant}/${source}`;

/** The server tells all of it each time: nothing of before stays. */
export function withheldTable(pictures: readonly WithheldPicture[]): WithheldTable {
  return new Map(pictures.map(({ participant, source, what }) => [key(participant, source), what]));
}

export function withheldOf(table: WithheldTable, participant: string, source: Source): Withheld | null {
  return table.get(key(participant, source)) ?? null;
}

/** Whether no picture comes although some are wished: sound is all that the connection carries. */
export function soundOnly(table: WithheldTable, slots: SlotTable): boolean {
  const pictured = [...slots.values()].some(({ source }) => source === "camera" || source === "screen");
  return !pictured && [...table.values()].includes("off");
}
