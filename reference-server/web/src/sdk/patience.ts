// Pictures that stall for want of packets are held back longer.
//
// What somebody's line lost comes a round trip later for each try, and the sender's browser repeats
// nothing sooner. A browser that shows pictures as they come lets them stand and jump; a little later
// they move. What stalls for another reason, a slow machine say, is not held back: that helps nobody.

/** How long a picture waits then, in milliseconds: three to four tries over a way of 60 ms. */
export const PATIENT_MS = 300;
/** So many stalls within so long are more than one change of the network. */
const STALLS = 2;
const WITHIN_MS = 20_000;
/** How long it waits on after the last: a line that was bad will be again. */
const FOR_MS = 60_000;

interface Line {
  freezes: number;
  asked: number;
  /** When it stalled, of late. */
  stalls: number[];
  until: number;
}

export class Patience {
  readonly #lines = new Map<string, Line>();

  /** Takes in how often a picture stood still so far, and how often packets were asked for again. */
  note(mid: string, freezes: number, asked: number, now: number): void {
    const line = this.#lines.get(mid);
    if (line === undefined || freezes < line.freezes) {
      this.#lines.set(mid, { freezes, asked, stalls: [], until: 0 });
      return;
    }
    if (freezes > line.freezes && asked > line.asked) {
      line.stalls = [...line.stalls.filter((at) => now - at < WITHIN_MS), now].slice(-STALLS);
      if (line.stalls.length >= STALLS || now < line.until) line.until = now + FOR_MS;
    }
    line.freezes = freezes;
    line.asked = asked;
  }

  /** How long a picture is to wait at least, in milliseconds. */
  wait(mid: string, now: number): number {
    return now < (this.#lines.get(mid)?.until ?? 0) ? PATIENT_MS : 0;
  }
}
