// What this client would like to see, told to the server not more often than needed.

import type { Wish } from "./proto";

const DEBOUNCE_MS = 100;
const MOST = 64;
/** Heights are told in steps, so that a layout settling by a pixel is no news. */
const STEP = 16;

export class WishSender {
  readonly #send: (wishes: Wish[]) => void;
  #wanted: Wish[] = [];
  #told = "";
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(send: (wishes: Wish[]) => void) {
    this.#send = send;
  }

  /** Replaces all earlier wishes; most wanted first, heights in device pixels. */
  set(wishes: readonly Wish[]): void {
    this.#wanted = wishes.slice(0, MOST).map((wish) => ({ ...wish, height: steps(wish.height) }));
    this.#timer ??= setTimeout(() => this.#flush(), DEBOUNCE_MS);
  }

  /** Says everything again: the server has forgotten, or never knew. */
  repeat(): void {
    this.#told = "";
    this.#timer ??= setTimeout(() => this.#flush(), 0);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #flush(): void {
    this.#timer = null;
    const text = JSON.stringify(this.#wanted);
    // Nothing was ever wished: the server's own choice stands.
    if (text === this.#told || (this.#told === "" && this.#wanted.length === 0)) return;
    this.#told = text;
    this.#send(this.#wanted);
  }
}

function steps(height: number): number {
  if (!(height > 0)) return 0;
  return Math.min(4320, Math.ceil(height / STEP) * STEP);
}
