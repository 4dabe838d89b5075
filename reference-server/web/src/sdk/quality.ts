// How well people are connected, as far as it is worth a word.

import type { LinkQuality, Quality } from "./proto";

/** Those whose media comes or goes badly; everyone else is well. */
export type QualityTable = ReadonlyMap<string, LinkQuality>;

export function reduceQuality(table: QualityTable, changed: readonly Quality[]): QualityTable {
  const next = new Map(table);
  for (const { participant, quality } of changed) {
    if (quality === "good") next.delete(participant);
    else next.set(participant, quality);
  }
  return next;
}
