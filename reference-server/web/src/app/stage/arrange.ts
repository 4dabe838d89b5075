// Who is shown, and how large: a pure function of the meeting and one's wishes.

import { publishes, type Layout, type Participant, type Roster } from "../../sdk";

export interface TileSpec {
  /** Stays the same while the tile is about the same source. */
  readonly key: string;
  readonly participant: Participant;
  readonly source: "camera" | "screen";
  readonly own: boolean;
}

export interface Arrangement {
  /** The large tile, or `null` when all are alike. */
  readonly main: TileSpec | null;
  readonly rest: readonly TileSpec[];
  /** How many people there is no tile for. */
  readonly hidden: number;
}

export interface Wanted {
  readonly roster: Roster;
  readonly self: string | null;
  readonly layout: Layout;
  /** The key of the tile someone enlarged. */
  readonly pinned: string | null;
  /** Whom the moderators put in front of everyone. */
  readonly spotlight: string | null;
  /** Others who spoke, the latest first. */
  readonly spoke: readonly string[];
  /** Most tiles while all are alike. */
  readonly most: number;
  /** Most tiles beside a large one. */
  readonly mostBeside: number;
}

export function tileKey(participant: string, source: "camera" | "screen"): string {
  return `${participant}/${source}`;
}

export function arrange(wanted: Wanted): Arrangement {
  const { roster, self, pinned, spoke } = wanted;
  const tile = (participant: Participant, source: "camera" | "screen"): TileSpec => ({
    key: tileKey(participant.id, source),
    participant,
    source,
    own: participant.id === self,
  });
  const people = roster.filter((person) => person.role !== "service");
  const others = people.filter((person) => person.id !== self);
  const own = people.filter((person) => person.id === self);
  // One's own screen is not shown back: it would be a picture of itself.
  const screens = others.filter((person) => publishes(person, "screen")).map((person) => tile(person, "screen"));
  const faces = [...others, ...own].map((person) => tile(person, "camera"));
  const all = wanted.layout === "cameras" ? faces : wanted.layout === "screen" ? screens : [...screens, ...faces];
  const pin = all.find((t) => t.key === pinned);

  const main = pin ?? large(wanted, screens, faces, all);
  // What is presented alone has nothing beside it; whoever pinned a picture asked for that one.
  if (wanted.layout === "screen") return { main, rest: [], hidden: 0 };
  const left = all.filter((t) => t.key !== main?.key);
  const most = main === null ? wanted.most : wanted.mostBeside;
  // Where not all fit, one place says how many more there are.
  const shown = pick(left, spoke, left.length > most ? most - 1 : most);
  return { main, rest: shown, hidden: left.length - shown.length };
}

/** What is large where nobody pinned anything. */
function large({ layout, spotlight, spoke }: Wanted, screens: readonly TileSpec[], faces: readonly TileSpec[], all: readonly TileSpec[]): TileSpec | null {
  switch (layout) {
    case "grid":
      return lit(all, spotlight) ?? screens[0] ?? null;
    case "speaker":
      return lit(all, spotlight) ?? screens[0] ?? talking(faces, spoke);
    case "presentation":
      // The spotlight picks among screens here; a face is large only while nothing is presented.
      return lit(screens, spotlight) ?? screens[0] ?? lit(faces, spotlight) ?? talking(faces, spoke);
    case "cameras":
      return lit(faces, spotlight);
    case "screen":
      return lit(screens, spotlight) ?? screens[0] ?? null;
  }
}

/** The screen of whom everyone is to look at, or their face; one's own would tell oneself nothing. */
function lit(tiles: readonly TileSpec[], spotlight: string | null): TileSpec | null {
  return tiles.find((t) => t.participant.id === spotlight && !t.own) ?? null;
}

/** The other who spoke last; before anyone did, the first with a picture. */
function talking(faces: readonly TileSpec[], spoke: readonly string[]): TileSpec | null {
  const others = faces.filter((t) => !t.own);
  for (const id of spoke) {
    const found = others.find((t) => t.participant.id === id);
    if (found !== undefined) return found;
  }
  return others.find((t) => publishes(t.participant, "camera")) ?? others[0] ?? faces[0] ?? null;
}

/** When not all fit: screens, then who spoke, then who has a picture; oneself keeps the last place. */
function pick(tiles: readonly TileSpec[], spoke: readonly string[], most: number): readonly TileSpec[] {
  if (tiles.length <= most) return tiles;
  const rank = (t: TileSpec): number => {
    if (t.source === "screen") return -2;
    if (t.own) return -1;
    const heard = spoke.indexOf(t.participant.id);
    if (heard >= 0) return heard;
    return publishes(t.participant, "camera") ? 1_000 : 2_000;
  };
  const chosen = new Set([...tiles].sort((a, b) => rank(a) - rank(b)).slice(0, most));
  // In the order of before: tiles change places as little as possible.
  return tiles.filter((t) => chosen.has(t));
}

/** Who spoke, the latest first, after `now` are speaking; at most `most` are remembered. */
export function remember(spoke: readonly string[], now: readonly string[], most = 32): readonly string[] {
  if (now.length === 0 || (now.length === 1 && now[0] === spoke[0])) return spoke;
  return [...now, ...spoke.filter((id) => !now.includes(id))].slice(0, most);
}

/** How many tiles of a size one can still recognise somebody in fit into `width` × `height`. */
export function mostTiles(width: number, height: number, gap: number, most: number): number {
  const columns = Math.floor((width + gap) / (LEAST_TILE.width + gap));
  const rows = Math.floor((height + gap) / (LEAST_TILE.height + gap));
  return Math.max(4, Math.min(most, columns * rows));
}

const LEAST_TILE = { width: 164, height: 100 } as const;

export interface Fit {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The largest tiles that fill `width` × `height`: 16:9, or narrower down to
 * `narrowest` (width by height) where that makes them larger.
 */
export function fitGrid(count: number, width: number, height: number, gap: number, narrowest = 1): Fit {
  let best: Fit = { columns: 1, width: 0, height: 0 };
  if (count === 0 || width <= 0 || height <= 0) return best;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const ratio = Math.min(16 / 9, Math.max(narrowest, cellWidth / cellHeight));
    const tileWidth = Math.min(cellWidth, cellHeight * ratio);
    const fit = { columns, width: Math.floor(tileWidth), height: Math.floor(tileWidth / ratio) };
    if (fit.width * fit.height > best.width * best.height) best = fit;
  }
  return best;
}

export interface Strip {
  /** Its width beside the large tile, or its height below it, in CSS pixels. */
  readonly size: number;
  /** Most tiles in it that are still worth looking at. */
  readonly most: number;
}

/** The strip of small tiles beside or below a large one; narrower where what is presented counts most. */
export function fitStrip(below: boolean, width: number, height: number, gap: number, narrow = false): Strip {
  const clamp = (least: number, value: number, most: number): number => Math.round(Math.min(most, Math.max(least, value)));
  const size = below ? clamp(76, height * (narrow ? 0.12 : 0.16), 130) : clamp(120, width * (narrow ? 0.11 : 0.17), 220);
  const least = below ? size : 84;
  const most = Math.floor(((below ? width : height) + gap) / (least + gap));
  return { size, most: Math.min(9, Math.max(2, most)) };
}
