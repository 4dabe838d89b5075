// The signs people show for a moment, as signals tell them: forgotten by one's own clock.

import type { Reaction, RoomSignal } from "./proto";

export interface Sign {
  /** Counts on, so that the same sign shown twice is two. */
  readonly number: number;
  readonly by: string;
  readonly reaction: Reaction;
  /** Until when it is shown, by one's own clock. */
  readonly until: number;
}
export type Signs = readonly Sign[];

export const SIGN_HOLDS_MS = 5_000;
/** So many are shown; in a storm of applause the oldest give way. */
const MOST = 60;

export function reduceSigns(signs: Signs, signal: RoomSignal, now: number): Signs {
  if (signal.type !== "reacted") return signs;
  const number = (signs.at(-1)?.number ?? 0) + 1;
  const sign = { number, by: signal.by, reaction: signal.reaction, until: now + SIGN_HOLDS_MS };
  return [...signs, sign].slice(-MOST);
}

/** The same list when nothing goes, so that nothing is drawn anew. */
export function stillShown(signs: Signs, now: number): Signs {
  return signs.every((sign) => sign.until > now) ? signs : signs.filter((sign) => sign.until > now);
}

/** Keeps the signs, and comes back when the first of them is to be forgotten. */
export class SignBoard {
  readonly #changed: () => void;
  #signs: Signs = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get shown(): Signs {
    return this.#signs;
  }

  hear(signal: RoomSignal): void {
    this.#put(reduceSigns(this.#signs, signal, Date.now()));
  }

  clear(): void {
    this.#put([]);
  }

  #put(signs: Signs): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const other = signs !== this.#signs;
    this.#signs = signs;
    const first = signs[0];
    if (first !== undefined) {
      this.#timer = setTimeout(() => this.#put(stillShown(this.#signs, Date.now())), Math.max(0, first.until - Date.now()));
    }
    if (other) this.#changed();
  }
}
