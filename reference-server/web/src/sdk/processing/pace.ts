// How large a picture is worked on and how often, so that the work never falls behind.

export interface Effort {
  /** The longer side of what is sent, in pixels, at most. */
  readonly longest: number;
  readonly fps: number;
}

const EFFORTS: readonly [Effort, ...Effort[]] = [
  { longest: 1280, fps: 24 },
  { longest: 640, fps: 15 },
  { longest: 480, fps: 8 },
];
/** More than this for a picture, and fifteen a second can no longer be kept up. */
const SLOW_MS = 60;
/** Long enough not to be misled by one hiccup, short enough to help while somebody still speaks. */
const WINDOW_MS = 3_000;

/** Goes down for good when the median is too slow: a device that was too slow once would be so again. */
export class Pace {
  #step = 0;
  #took: number[] = [];
  #since: number | null = null;

  get effort(): Effort {
    return EFFORTS[this.#step] ?? EFFORTS[0];
  }

  /** A picture took `ms`; says whether less is done from now on. Both clocks in milliseconds. */
  took(ms: number, now: number): boolean {
    this.#since ??= now;
    this.#took.push(ms);
    if (now - this.#since < WINDOW_MS) return false;
    const sorted = this.#took.sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    this.#took = [];
    this.#since = null;
    if (median <= SLOW_MS || this.#step === EFFORTS.length - 1) return false;
    this.#step += 1;
    return true;
  }
}
