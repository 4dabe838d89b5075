// What becomes of words that could not be kept just now.

import type { Kept } from "./draft.svelte";

/** Refusals after which the words are kept the next time, by their code. */
export const KEPT_LATER: ReadonlyMap<string, Kept> = new Map([
  ["minutes_changed", "changed"],
  ["minutes_too_soon", "later"],
  ["connection_lost", "later"],
  ["not_connected", "later"],
  ["unavailable", "later"],
]);
