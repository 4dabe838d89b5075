import { describe, expect, it } from "vitest";

import { Lips, type LipDoor } from "./lips";

type Receiver = { jitterBufferTarget: number | null };

/** Two audio lines "1" and "2", two video lines "5" and "6"; seconds and samples as told. */
class Door implements LipDoor {
  readonly receivers = new Map<string, Receiver>(["1", "5", "6"].map((mid) => [mid, { jitterBufferTarget: null }]));
  stats: [string, Record<string, unknown>][] = [];

  /** The next second: line "1" waited `jitter` ms, the device `device` ms. */
  second(n: number, jitter: number, device: number): void {
    const samples = 48_000 * n;
    const seconds = (ms: number): number => (ms / 1000) * samples;
    this.stats = [
      ["a", { type: "inbound-rtp", kind: "audio", mid: "1", jitterBufferDelay: seconds(jitter), jitterBufferEmittedCount: samples }],
      ["v", { type: "inbound-rtp", kind: "video", mid: "5", jitterBufferDelay: 9, jitterBufferEmittedCount: 9 }],
      ["p", { type: "media-playout", totalPlayoutDelay: seconds(device), totalSamplesCount: samples }],
    ];
  }
  getStats(): ReturnType<LipDoor["getStats"]> {
    return Promise.resolve(this.stats);
  }
  receiver(mid: string): Receiver | undefined {
    return this.receivers.get(mid);
  }
  target(mid: string): number | null | undefined {
    return this.receivers.get(mid)?.jitterBufferTarget;
  }
}

async function settled(jitter: number, device: number): Promise<{ door: Door; lips: Lips }> {
  const [door, lips] = [new Door(), new Lips()];
  for (const n of [1, 2]) {
    door.second(n, jitter, device);
    await lips.measure(door);
  }
  return { door, lips };
}

describe("lips and voice", () => {
  it("makes a picture wait as long as its voice does, device included", async () => {
    const { door, lips } = await settled(60, 30);
    lips.align(door, [{ voice: "1", picture: "5" }], ["5", "6"]);
    expect(door.target("5")).toBe(90);
    expect(door.target("6")).toBeNull();
  });

  it("makes voice and picture wait when the picture stalls for want of packets, and ends it with the face", async () => {
    const { door, lips } = await settled(60, 30);
    for (const n of [3, 4, 5]) {
      door.second(n, 60, 30);
      door.stats.push(["w", { type: "inbound-rtp", kind: "video", mid: "5", freezeCount: n, nackCount: n }]);
      await lips.measure(door);
    }
    lips.align(door, [{ voice: "1", picture: "5" }], ["5", "6"]);
    expect([door.target("1"), door.target("5"), door.target("6")]).toEqual([300, 300, null]);
    lips.align(door, [{ voice: "1", picture: "6" }], ["5", "6"]);
    expect([door.target("1"), door.target("5"), door.target("6")]).toEqual([null, 300, 90]);
  });

  it("does not change the pace for little", async () => {
    const { door, lips } = await settled(60, 30);
    lips.align(door, [{ voice: "1", picture: "5" }], ["5"]);
    door.second(4, 62, 30);
    await lips.measure(door);
    lips.align(door, [{ voice: "1", picture: "5" }], ["5"]);
    expect(door.target("5")).toBe(90);
  });

  it("frees the slot when somebody without a voice has it", async () => {
    const { door, lips } = await settled(60, 30);
    lips.align(door, [{ voice: "1", picture: "5" }], ["5"]);
    lips.align(door, [], ["5"]);
    expect(door.target("5")).toBeNull();
  });

  it("follows a person into another slot at once", async () => {
    const { door, lips } = await settled(60, 30);
    lips.align(door, [{ voice: "1", picture: "6" }], ["5", "6"]);
    expect([door.target("5"), door.target("6")]).toEqual([null, 90]);
  });

  it("never holds pictures back for long, however bad the sound", async () => {
    const { door, lips } = await settled(2_000, 30);
    lips.align(door, [{ voice: "1", picture: "5" }], ["5"]);
    expect(door.target("5")).toBe(400);
  });
});
