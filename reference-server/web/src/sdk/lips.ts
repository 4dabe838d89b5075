// Pictures wait for their voice.
//
// Every slot is a stream of its own, so that it can be given to anybody, and browsers synchronise
// only within one stream. Left alone, a picture is shown about 10 ms after it arrived, while sound
// waits some 60 ms in its jitter buffer and 30 ms in the sound device: up to 200 ms in all while
// people arrive. Here the picture of each person is made to wait as long as their voice does.

import { Patience, PATIENT_MS } from "./patience";

/** A voice and the picture of the same person, both by `a=mid`. */
export interface Face {
  readonly voice: string;
  readonly picture: string;
}

/** How long sound waits where a browser does not say what its device takes, in milliseconds. */
const DEVICE_MS = 25;
/** More than this is a network in trouble; then a picture now is better than lips that fit. */
const MOST_MS = 400;
/** Smaller changes are not worth a change of pace. */
const STEP_MS = 15;

interface Counted {
  readonly seconds: number;
  readonly samples: number;
}

/** Whatever has statistics and receivers by `a=mid`; the peer connection of a page. */
export interface LipDoor {
  getStats(): Promise<Iterable<readonly [string, Readonly<Record<string, unknown>>]>>;
  receiver(mid: string): { jitterBufferTarget: number | null } | undefined;
}

export class Lips {
  readonly #counted = new Map<string, Counted>();
  /** What the sound of each line waited of late, in milliseconds. */
  readonly #waits = new Map<string, number>();
  readonly #patience = new Patience();
  /** The voices that wait for a picture that stalls. */
  #held: ReadonlySet<string> = new Set();
  #device = DEVICE_MS;

  /** Measures what sound waits just now, and how pictures come; to be called about once a second. */
  async measure(door: LipDoor): Promise<void> {
    const now = performance.now();
    for (const [, stat] of await door.getStats()) {
      if (stat["type"] === "media-playout") {
        this.#device = this.#recent("device", stat["totalPlayoutDelay"], stat["totalSamplesCount"]) ?? this.#device;
      } else if (stat["type"] === "inbound-rtp" && stat["kind"] === "audio" && typeof stat["mid"] === "string") {
        const mid = stat["mid"];
        const wait = this.#recent(mid, stat["jitterBufferDelay"], stat["jitterBufferEmittedCount"]);
        if (wait !== null) this.#waits.set(mid, wait);
      } else if (stat["type"] === "inbound-rtp" && stat["kind"] === "video" && typeof stat["mid"] === "string") {
        // Firefox does not count what stands still.
        const [freezes, asked] = [stat["freezeCount"], stat["nackCount"]];
        if (typeof freezes === "number" && typeof asked === "number") {
          this.#patience.note(stat["mid"], freezes, asked, now);
        }
      }
    }
  }

  /**
   * Makes the picture of each face wait as long as its voice, and both for as long as a picture that
   * stalls has to; others do not wait.
   */
  align(door: LipDoor, faces: readonly Face[], pictures: Iterable<string>): void {
    const voices = new Map(faces.map(({ voice, picture }) => [picture, voice]));
    const now = performance.now();
    this.#hold(door, new Set(faces.filter(({ picture }) => this.#patience.wait(picture, now) > 0).map(({ voice }) => voice)));
    for (const picture of pictures) {
      const patient = this.#patience.wait(picture, now);
      const receiver = door.receiver(picture);
      if (receiver === undefined || !("jitterBufferTarget" in receiver)) continue;
      const voice = voices.get(picture);
      const wait = voice === undefined ? undefined : this.#waits.get(voice);
      if (wait === undefined && patient === 0) {
        // A voice of which nothing is known yet: what was right a moment ago may still be.
        if (voice === undefined && receiver.jitterBufferTarget !== null) receiver.jitterBufferTarget = null;
        continue;
      }
      const aligned = wait === undefined ? 0 : Math.min(MOST_MS, Math.round(wait + this.#device));
      const target = Math.max(patient, aligned);
      if (Math.abs(target - (receiver.jitterBufferTarget ?? 0)) >= STEP_MS) receiver.jitterBufferTarget = target;
    }
  }

  /** Makes these voices wait for their pictures, and no others any more. */
  #hold(door: LipDoor, voices: ReadonlySet<string>): void {
    for (const voice of new Set([...voices, ...this.#held])) {
      const receiver = door.receiver(voice);
      if (receiver === undefined || !("jitterBufferTarget" in receiver)) continue;
      const target = voices.has(voice) ? PATIENT_MS : null;
      if (receiver.jitterBufferTarget !== target) receiver.jitterBufferTarget = target;
    }
    this.#held = voices;
  }

  /** Milliseconds per sample since the last look; `null` when there was none or nothing came. */
  #recent(of: string, seconds: unknown, samples: unknown): number | null {
    if (typeof seconds !== "number" || typeof samples !== "number") return null;
    const before = this.#counted.get(of);
    this.#counted.set(of, { seconds, samples });
    if (before === undefined || samples <= before.samples) return null;
    return (1000 * (seconds - before.seconds)) / (samples - before.samples);
  }
}
