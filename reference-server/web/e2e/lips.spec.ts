// Lips and voice stay together, also when slots are given to others in between.

import { median, beAClapper, pageClock, skews, watchClapper } from "./support/clapper";
import { picture, total } from "./support/media";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

// Long by nature, and machines are shared.
test.describe.configure({ timeout: 180_000 });

/** What sound and picture may be apart, in milliseconds. */
const MOST = 100;
/** Beeps of which the median is taken. */
const BEEPS = 7;

async function expectTogether(watcher: Person, when: string): Promise<void> {
  const from = await pageClock(watcher.page);
  const enough = async (): Promise<number> => (await skews(watcher.page, from)).length;
  await expect.poll(enough, { message: `beeps with flashes ${when}`, timeout: 40_000 }).toBeGreaterThanOrEqual(BEEPS);
  const found = await skews(watcher.page, from);
  const each = found.map((skew) => skew.toFixed(0)).join(" ");
  console.log(`${when}: picture after sound by ${median(found).toFixed(0)} ms (${each})`);
  expect(Math.abs(median(found)), when).toBeLessThanOrEqual(MOST);
}

test("a flash and a beep arrive together, before and after the slots change hands", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beAClapper });
  const bob = await arrive("Bob", room.guest);
  const cem = await arrive("Cem", room.guest);
  await ann.join();
  await bob.join({ camera: false, microphone: false });
  await cem.join({ camera: false, microphone: false });
  await expect.poll(() => total(bob.page, "video", "frames")).toBeGreaterThan(10);
  await watchClapper(bob.page, "Ann");
  await expectTogether(bob, "at first");

  // Ann gives up her slots, Cem takes them, and Ann comes back into others.
  for (const testid of ["camera", "mic"]) await ann.page.getByTestId(testid).click();
  await expect(bob.tile("Ann").locator("video")).toHaveCount(0);
  for (const testid of ["camera", "mic"]) await cem.page.getByTestId(testid).click();
  await expect.poll(async () => (await picture(bob.tile("Cem"))).mean).toBeGreaterThan(10);
  await cem.page.getByTestId("mic").click();
  for (const testid of ["camera", "mic"]) await ann.page.getByTestId(testid).click();
  await expect(bob.tile("Ann").locator("video")).toHaveCount(1);
  await expectTogether(bob, "in another slot");

  // The stage goes to another and back: other layers of the same picture.
  await bob.tile("Cem").getByTestId("tile-pin").click();
  await expectTogether(bob, "while another is enlarged");
  await bob.tile("Cem").getByTestId("tile-pin").click();
  await bob.tile("Ann").getByTestId("tile-pin").click();
  await expectTogether(bob, "enlarged again");
});
