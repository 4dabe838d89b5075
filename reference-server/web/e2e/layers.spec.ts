// Layers that nobody is shown are not coded, and come back when somebody wants them.

import { beASlowCamera } from "./support/camera";
import { sent } from "./support/media";
import { expect, test } from "./support/story";

test("a publisher codes only the layers somebody is shown", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arrive("Bob", room.guest, { width: 1400, height: 900 });
  await ann.join({ microphone: false });
  await bob.join({ camera: false, microphone: false });

  const frames = async (rid: string): Promise<number> =>
    (await sent(ann.page)).find((layer) => layer.rid === rid)?.frames ?? 0;
  const flows = async (rid: string): Promise<void> => {
    const now = await frames(rid);
    await expect.poll(() => frames(rid), { message: `${rid} flows`, timeout: 40_000 }).toBeGreaterThan(now + 5);
  };
  await flows("f");

  // A window so small that the lowest layer will do.
  await bob.page.setViewportSize({ width: 320, height: 260 });
  let last = -1;
  await expect
    .poll(
      async () => {
        // Between two looks the low layer makes twenty frames; the high one must make none.
        const low = await frames("q");
        await expect.poll(() => frames("q"), { timeout: 40_000 }).toBeGreaterThan(low + 20);
        const high = (await frames("f")) + (await frames("h"));
        const more = high - last;
        last = high;
        return more;
      },
      { message: "the upper layers rest", timeout: 60_000 },
    )
    .toBe(0);

  await bob.page.setViewportSize({ width: 1400, height: 900 });
  await flows("f");
});
