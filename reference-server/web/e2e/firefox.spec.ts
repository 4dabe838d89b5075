// A Firefox among Chromium pages: everyone sees and hears everyone.

import { expect, test } from "./support/apart";
import { beASlowCamera } from "./support/camera";
import { FirefoxPerson } from "./support/firefox";
import { inbound, moved, type Picture, picture, total } from "./support/media";

// Long by nature, and machines are shared.
test.describe.configure({ timeout: 180_000 });

test("a Firefox sees and hears two Chromium pages, and they see and hear it", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arrive("Bob", room.guest, { first: beASlowCamera });
  await ann.join();
  await bob.join();
  const fay = await FirefoxPerson.open("Fay", room.guest);
  try {
    await fay.join();

    const views: [string, () => Promise<Picture>][] = [
      ["Ann sees Fay", () => picture(ann.tile("Fay"))],
      ["Bob sees Fay", () => picture(bob.tile("Fay"))],
      ["Fay sees Ann", () => fay.picture("Ann")],
      ["Fay sees Bob", () => fay.picture("Bob")],
    ];
    for (const [what, look] of views) {
      await expect.poll(async () => (await look()).mean, { message: what }).toBeGreaterThan(10);
      const before = await look();
      await expect.poll(async () => moved(before, await look()), { message: what }).toBeGreaterThan(0);
    }
    for (const person of [ann, bob, fay]) {
      // Two others: two pictures decoded and two voices heard, and both go on.
      const alive = async (kind: "audio" | "video", figure: "energy" | "frames"): Promise<number> =>
        (await inbound(person.page)).filter((s) => s.kind === kind && s[figure] > 0).length;
      await expect.poll(() => alive("video", "frames"), { message: `${person.name} sees` }).toBe(2);
      await expect.poll(() => alive("audio", "energy"), { message: `${person.name} hears` }).toBe(2);
      const [frames, energy] = [
        await total(person.page, "video", "frames"),
        await total(person.page, "audio", "energy"),
      ];
      await expect.poll(() => total(person.page, "video", "frames")).toBeGreaterThan(frames + 20);
      await expect.poll(() => total(person.page, "audio", "energy")).toBeGreaterThan(energy);
    }
  } finally {
    await fay.leave();
  }
  fay.expectNoFaults();
});
