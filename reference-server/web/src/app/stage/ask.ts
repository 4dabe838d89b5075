// What of the tiles' pictures is asked of the server: by their size, what one chose, and data to be saved.

import type { Wish } from "../../sdk";
import type { PictureChoice } from "../live/pictures.svelte";
import type { TileSpec } from "./arrange";
import type { Received } from "./received";

/** Height of a picture that is to be small: the lowest layer of a camera, in the steps wishes are told in. */
export const SMALL = 176;
/** Most pictures at once while data is saved. The settings say so too. */
export const MOST_SAVING = 4;

export interface Shown {
  readonly tile: TileSpec;
  /** In device pixels; 0 while nobody looks. */
  readonly height: number;
  readonly chosen: PictureChoice;
}

/** The keys of the tiles whose pictures pause to save data: the large one stays, then screens, then who spoke. */
export function paused(shown: readonly Shown[], main: string | null, spoke: readonly string[]): ReadonlySet<string> {
  const rank = ({ tile }: Shown): number => {
    if (tile.key === main) return -2;
    if (tile.source === "screen") return -1;
    const heard = spoke.indexOf(tile.participant.id);
    return heard >= 0 ? heard : Infinity;
  };
  // Infinity less Infinity is no order.
  const order = (a: number, b: number): number => (a === b ? 0 : a - b);
  const ranked = shown.filter(({ chosen }) => chosen !== "off").sort((a, b) => order(rank(a), rank(b)));
  return new Set(ranked.slice(MOST_SAVING).map(({ tile }) => tile.key));
}

/** One wish for each tile; a shared screen is only readable as it is sent. */
export function ask(shown: readonly Shown[], saving: boolean, pausing: ReadonlySet<string>): Wish[] {
  return shown.map(({ tile, height, chosen }) => {
    const none = chosen === "off" || pausing.has(tile.key);
    const small = tile.source === "camera" && (saving || chosen === "low");
    return {
      participant: tile.participant.id,
      source: tile.source,
      height: none ? 0 : small ? Math.min(height, SMALL) : height,
    };
  });
}

/**
 * The picture of whoever begins to speak without having a tile: it is on its way already when they get one.
 * Where cameras are not to come, just that is asked: to who asks for nothing, the server gives what it chooses.
 */
export function askUnnamed(received: Received, hidden: number, saving: boolean, named: readonly Wish[]): Wish[] {
  if (received !== "all") return [{ speaker: 0, height: 0 }];
  const least = Math.min(...named.map((wish) => wish.height).filter((height) => height > 0));
  return hidden > 0 && !saving && Number.isFinite(least) ? [{ speaker: 0, height: least }] : [];
}
