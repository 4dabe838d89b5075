// Saving data: less is asked for and less is sent, and sound goes on.

import { beASlowCamera } from "./support/camera";
import { inbound, picture, sent, total } from "./support/media";
import type { Person } from "./support/person";
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
  await noPictureComes(bob);
});

for (const locale of ["de-DE", "en-GB"]) {
  test(`the choices of data fit a phone before one joins: ${locale}`, async ({ server, arrive }, info) => {
    const room = await server.room();
    const { page } = await arrive("Bob", room.guest, { width: 360, height: 740, scheme: "dark", locale });
    await page.getByTestId("settings").click();
    await page.getByTestId("received").locator("input[value=screens]").press("Space");
    await expect(page.getByTestId("received")).toHaveAttribute("data-value", "screens");
    const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(spill, "nothing spills over the edge").toBe(0);
    await page.getByTestId("received").scrollIntoViewIfNeeded();
    await page.screenshot({ path: info.outputPath(`received-360-dark-${locale}.png`) });
  });
}

test("one who wants only screens gets no camera, and one who wants none gets sound alone", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arrive("Bob", room.guest, { width: 1400, height: 900 });
  await ann.join();
  await bob.join({ microphone: false });
  await expect.poll(() => total(bob.page, "video", "frames"), { timeout: 40_000 }).toBeGreaterThan(5);

  const choose = async (received: string): Promise<void> => {
    await bob.page.getByTestId("settings").press("Enter");
    await bob.page.getByTestId("received").locator(`input[value=${received}]`).press("Space");
    await expect(bob.page.getByTestId("received")).toHaveAttribute("data-value", received);
    await bob.page.screenshot({ path: info.outputPath(`${received}.png`) });
    await bob.page.keyboard.press("Escape");
  };
  const why = (source: "camera" | "screen") => bob.tile("Ann", source).getByTestId("why");

  await choose("screens");
  await expect(why("camera")).toHaveAttribute("data-why", "cameras_off");
  await expect(bob.tile("Ann").locator("video")).toHaveCount(0);
  await noPictureComes(bob);
  await ann.page.getByTestId("share").click();
  await expect.poll(async () => (await picture(bob.tile("Ann", "screen"))).frames, { timeout: 40_000 }).toBeGreaterThan(5);
  await expect(why("camera")).toHaveAttribute("data-why", "cameras_off");

  await choose("none");
  await expect(why("screen")).toHaveAttribute("data-why", "screens_off");
  await noPictureComes(bob);

  // It is remembered, and holds before the first picture of the next connection.
  await bob.page.reload();
  await expect(why("screen")).toHaveAttribute("data-why", "screens_off", { timeout: 40_000 });
  await expect.poll(() => total(bob.page, "audio", "packets"), { timeout: 40_000 }).toBeGreaterThan(20);
  expect(await total(bob.page, "video", "packets")).toBe(0);
  await choose("all");
  await expect.poll(() => total(bob.page, "video", "frames"), { timeout: 40_000 }).toBeGreaterThan(5);
});

/** No packet of a picture arrives any more while sound goes on. */
async function noPictureComes(person: Person): Promise<void> {
  await expect
    .poll(async () => {
      const before = await total(person.page, "video", "packets");
      const heard = await total(person.page, "audio", "packets");
      await expect.poll(() => total(person.page, "audio", "packets")).toBeGreaterThan(heard + 20);
      return (await total(person.page, "video", "packets")) - before;
    }, { message: "no picture comes any more", timeout: 40_000 })
    .toBe(0);
}
