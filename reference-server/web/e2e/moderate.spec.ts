// What a moderator can close and nobody but the owner can open.

import { total } from "./support/media";
import { expect, test } from "./support/story";

test("a muted person falls silent for all, and only he opens his microphone", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join({ camera: false });
  await expect.poll(() => total(ann.page, "audio", "energy")).toBeGreaterThan(0);

  await ann.page.getByTestId("people").click();
  const row = ann.page.locator('[data-testid=people-row][data-name="Bob"]');
  await row.getByTestId("mute-other").click();
  await expect(bob.page.getByTestId("mic")).toHaveAttribute("data-state", "muted");

  // Silence: the packets that arrive stop counting up.
  let before = -1;
  await expect
    .poll(async () => {
      const now = await total(ann.page, "audio", "packets");
      const still = now === before;
      before = now;
      return still;
    }, { intervals: [1000] })
    .toBe(true);
  await expect(row.getByTestId("mute-other")).toHaveCount(0);

  await bob.page.getByTestId("mic").click();
  await expect(bob.page.getByTestId("mic")).toHaveAttribute("data-state", "on");
  await expect.poll(() => total(ann.page, "audio", "packets")).toBeGreaterThan(before + 50);
});

test("hands stand in order, and the moderator ends the meeting for all", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cem = await arrive("Cem", room.guest);
  for (const person of [ann, bob, cem]) await person.join({ camera: false, microphone: false });
  await cem.page.getByTestId("hand").click();
  await expect(cem.page.getByTestId("hand")).toHaveAttribute("aria-pressed", "true");
  await bob.page.getByTestId("hand").click();

  await ann.page.getByTestId("people").click();
  await expect(ann.page.getByTestId("hands-order")).toHaveText(/Cem[\s\S]*Bob/);

  await ann.page.getByTestId("leave").click();
  await ann.page.getByTestId("end-for-all").click();
  await ann.page.getByTestId("end-confirm").click();
  for (const person of [ann, bob, cem]) {
    await expect(person.page.getByTestId("over")).toBeVisible();
  }
});
