// Saving data: less is asked for and less is sent, and sound goes on.

import { beASlowCamera } from "./support/camera";
import { inbound, sent, total } from "./support/media";
import { expect, test } from "./support/story";

test("the data saver lowers what arrives and what is sent, and leaves sound alone", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arrive("Bob", room.guest, { first: beASlowCamera, width: 1400, height: 900 });
  await ann.join();
  await bob.join({ microphone: false });

  const height = async (): Promise<number> =>
    Math.max(0, ...(await inbound(bob.page)).filter((s) => s.kind === "video").map((s) => s.height));
  const frames = async (rid: string): Promise<number> =>
    (await sent(bob.page)).find((layer) => layer.rid === rid)?.frames ?? 0;
  await expect.poll(height, { message: "a large picture at first", timeout: 40_000 }).toBeGreaterThan(300);
  await expect.poll(() => frames("f"), { message: "a large picture is sent", timeout: 40_000 }).toBeGreaterThan(5);

  await bob.page.getByTestId("settings").press("Enter");
  await bob.page.getByTestId("data-saver").press("Space");
  await expect(bob.page.getByTestId("data-saver")).toBeChecked();
  await expect.poll(height, { message: "a small picture comes", timeout: 40_000 }).toBeLessThanOrEqual(180);
  const low = await frames("q");
  const high = (await frames("h")) + (await frames("f"));
  await expect.poll(() => frames("q"), { message: "the low layer is sent", timeout: 40_000 }).toBeGreaterThan(low + 20);
  // What was in the coder when the switch was pressed may still leave it.
  expect((await frames("h")) + (await frames("f"))).toBeLessThan(high + 5);
  const sound = await total(bob.page, "audio", "packets");
  await expect.poll(() => total(bob.page, "audio", "packets")).toBeGreaterThan(sound);

  // One person's picture can be switched off beside that, by whoever looks and for them alone.
  await bob.page.keyboard.press("Escape");
  await bob.page.getByTestId("people").click();
  const row = bob.page.locator('[data-testid=people-row][data-name="Ann"]');
  await row.getByTestId("person-menu").press("Enter");
  await row.getByRole("radio", { name: "Off" }).press("Space");
  await expect(bob.tile("Ann").getByTestId("why")).toHaveAttribute("data-why", "off");
  await expect(bob.tile("Ann").locator("video")).toHaveCount(0);
  await expect
    .poll(async () => {
      const before = await total(bob.page, "video", "packets");
      const heard = await total(bob.page, "audio", "packets");
      await expect.poll(() => total(bob.page, "audio", "packets")).toBeGreaterThan(heard + 20);
      return (await total(bob.page, "video", "packets")) - before;
    }, { message: "no picture comes any more", timeout: 40_000 })
    .toBe(0);
});
