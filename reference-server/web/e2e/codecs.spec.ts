// Every coding a room can be made with, between two browsers, in three layers.

import { beASlowCamera } from "./support/camera";
import { inbound, moved, picture, sent } from "./support/media";
import { expect, test } from "./support/story";

// Long by nature, and machines are shared.
test.describe.configure({ timeout: 180_000 });

const CODECS = { vp8: "video/VP8", h264: "video/H264", vp9: "video/VP9", av1: "video/AV1" } as const;

for (const [name, mime] of Object.entries(CODECS)) {
  test(`a room in ${name}: pictures are coded so, in three layers`, async ({ server, arrive }) => {
    const room = await server.room("Physics 7b", { video_codec: name });
    const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
    const bob = await arrive("Bob", room.guest, { width: 1400, height: 900 });
    await ann.join({ microphone: false });
    await bob.join({ camera: false, microphone: false });

    const tile = bob.tile("Ann");
    await expect.poll(async () => (await picture(tile)).mean).toBeGreaterThan(10);
    const before = await picture(tile);
    await expect.poll(async () => moved(before, await picture(tile))).toBeGreaterThan(0);

    // Sizes of the window in which the tile wants the high, the low, the middle and the high layer.
    for (const [width, height, lines, rid] of [
      [1400, 900, 720, "f"],
      [320, 260, 180, "q"],
      [640, 480, 360, "h"],
      [1400, 900, 720, "f"],
    ] as const) {
      await bob.page.setViewportSize({ width, height });
      const shown = async (): Promise<number> => (await picture(tile)).height;
      await expect.poll(shown, { message: `lines at ${width}x${height}`, timeout: 40_000 }).toBe(lines);
      const frames = async (): Promise<number> =>
        (await sent(ann.page)).find((layer) => layer.rid === rid)?.frames ?? 0;
      const now = await frames();
      await expect.poll(frames, { message: `layer ${rid} flows` }).toBeGreaterThan(now + 5);
    }

    const coming = (await inbound(bob.page)).filter((s) => s.kind === "video" && s.frames > 0);
    expect(coming.map((s) => s.codec)).toEqual([mime]);
    const going = await sent(ann.page);
    expect(going.map((layer) => layer.rid).sort()).toEqual(["f", "h", "q"]);
    for (const layer of going) expect(layer.codec).toBe(mime);
  });
}
