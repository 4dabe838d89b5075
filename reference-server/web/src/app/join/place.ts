// What a reload needs to keep one's place: kept with the page's own history entry, which lasts as long as the tab.
//
// Not in the browser's storage, not in a cookie, not in the address. A place that was not seen
// for a while is not taken again: nobody walks into a room by opening yesterday's tabs.

export interface Place {
  readonly room: string;
  readonly token: string;
  readonly name: string;
  /** What the room is called. */
  readonly title: string;
  /** The link for guests, where this page made the room. */
  readonly invite: string | null;
  readonly microphone: boolean;
  readonly camera: boolean;
}

/** A little longer than a room keeps the place of a lost link. */
const FRESH_MS = 120_000;
export const SEEN_EVERY_MS = 15_000;

/** The part of `history` this needs. */
export interface Shelf {
  readonly state: unknown;
  replaceState(data: unknown, unused: string): void;
}

export function keepPlace(shelf: Shelf, place: Place, now: number): void {
  shelf.replaceState({ place: { ...place, seen: now } }, "");
}

export function clearPlace(shelf: Shelf): void {
  if (shelf.state !== null) shelf.replaceState(null, "");
}

/** The place kept for `room`, if it is fresh and whole. */
export function readPlace(shelf: Shelf, room: string, now: number): Place | null {
  const kept = (shelf.state as { place?: Partial<Record<keyof Place | "seen", unknown>> } | null)?.place;
  if (kept === undefined || kept === null || kept.room !== room) return null;
  if (typeof kept.token !== "string" || typeof kept.name !== "string" || typeof kept.seen !== "number") return null;
  if (Math.abs(now - kept.seen) > FRESH_MS) return null;
  return {
    room,
    token: kept.token,
    name: kept.name,
    title: typeof kept.title === "string" ? kept.title : "",
    invite: typeof kept.invite === "string" ? kept.invite : null,
    microphone: kept.microphone === true,
    camera: kept.camera === true,
  };
}
