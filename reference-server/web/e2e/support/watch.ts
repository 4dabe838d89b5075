// What a page's pictures are, many times a second: written down in the page, by the clock on the wall.

import type { Page } from "@playwright/test";

/** One look at everything that comes as pictures. */
export interface Seen {
  /** Milliseconds since 1970. */
  at: number;
  /** Of the latest picture; 0 before the first. */
  height: number;
  frames: number;
  bytes: number;
  freezes: number;
  /** Seconds. */
  frozenFor: number;
}

/** Larger than this is the largest layer of a 720-line camera, even when its browser has to make it smaller. */
const LARGE = 400;
/** Between two looks, in milliseconds. A browser keeps its figures for 50. */
const LOOK = 100;
/** Looks kept: several minutes, then the oldest go. */
const KEPT = 3_000;

export class Watch {
  private constructor(private readonly page: Page) {}

  /** Begins to write down what the newest connection of `page` shows. */
  static async of(page: Page): Promise<Watch> {
    await page.evaluate(look, { every: LOOK, kept: KEPT });
    return new Watch(page);
  }

  async seen(): Promise<Seen[]> {
    return this.page.evaluate(() => (window as unknown as { __seen: Seen[] }).__seen);
  }

  async last(): Promise<Seen> {
    const last = (await this.seen()).at(-1);
    if (!last) throw new Error("nothing was seen yet");
    return last;
  }

  /** When a picture of that size was first seen after `from`; waits for it. */
  async first(from: number, size: "small" | "large"): Promise<number> {
    const handle = await this.page.waitForFunction(
      ({ from, large, wanted }) => {
        const seen = (window as unknown as { __seen: Seen[] }).__seen;
        return seen.find((s) => s.at > from && s.height > 0 && s.height > large === wanted)?.at ?? 0;
      },
      { from, large: LARGE, wanted: size === "large" },
      { polling: LOOK, timeout: 30_000 },
    );
    return handle.jsonValue();
  }

  /** Waits until looks go on beyond `at`. */
  async until(at: number): Promise<void> {
    await this.page.waitForFunction(
      (at) => ((window as unknown as { __seen: Seen[] }).__seen.at(-1)?.at ?? 0) >= at,
      at,
      { polling: LOOK },
    );
  }

  /** Kilobits a second over the last `ms`; 0 before there are so many. */
  async kbps(ms: number): Promise<number> {
    const seen = await this.seen();
    const last = seen.at(-1);
    const from = seen.findLast((s) => last !== undefined && s.at <= last.at - ms);
    return last && from ? ((last.bytes - from.bytes) * 8) / (last.at - from.at) : 0;
  }

  /** The heights since `from`, each with the milliseconds after which it was there. */
  async course(from: number): Promise<string> {
    const steps: string[] = [];
    let height = -1;
    for (const s of await this.seen()) {
      if (s.at < from || s.height === height) continue;
      height = s.height;
      steps.push(`${height} lines at ${s.at - from} ms`);
    }
    return steps.join(", ");
  }
}

/** Runs in the page. */
function look({ every, kept }: { every: number; kept: number }): void {
  const seen: Seen[] = [];
  Object.defineProperty(window, "__seen", { value: seen });
  let last = 0;
  const once = async (): Promise<void> => {
    const connections = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
    const now: Seen = { at: 0, height: 0, frames: 0, bytes: 0, freezes: 0, frozenFor: 0 };
    let newest = -1;
    for (const stat of (await connections.at(-1)?.getStats())?.values() ?? []) {
      if (stat.type !== "inbound-rtp" || stat.kind !== "video") continue;
      now.frames += stat.framesDecoded ?? 0;
      now.bytes += stat.bytesReceived ?? 0;
      now.freezes += stat.freezeCount ?? 0;
      now.frozenFor += stat.totalFreezesDuration ?? 0;
      if ((stat.framesDecoded ?? 0) > newest) {
        newest = stat.framesDecoded ?? 0;
        now.height = stat.frameHeight ?? 0;
      }
    }
    now.at = Date.now();
    // Answers may overtake each other on a busy machine.
    if (now.at < last) return;
    last = now.at;
    seen.push(now);
    if (seen.length > kept) seen.shift();
  };
  setInterval(() => void once(), every);
}
