// Put out means out: not by a reload, not by the link without being let in, not by an old link.

import { expect, test } from "./support/story";

test("someone who was banned does not come back by a reload or by the same link", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const rex = await arrive("Rex", room.guest);
  await ann.join({ camera: false, microphone: false });
  await rex.join({ microphone: false });
  await expect(ann.tile("Rex")).toBeVisible();
  const token = await rex.page.evaluate(() => (history.state as { place: object }).place);

  await ann.page.getByTestId("people").click();
  const row = ann.page.locator('[data-testid=people-row][data-name="Rex"]');
  await row.getByTestId("person-menu").click();
  await row.getByTestId("remove").click();
  await ann.page.getByTestId("remove-ban").check();
  await ann.page.getByTestId("remove-confirm").click();
  await expect(rex.page.getByTestId("over")).toContainText("You were removed");
  await expect(ann.page.getByTestId("people-row")).toHaveCount(1);

  // Not even with the place of before put back by hand.
  await rex.page.evaluate((place) => history.replaceState({ place }, ""), token);
  await rex.page.reload();
  await expect(rex.page.getByTestId("over")).toContainText("no longer good here");
  await rex.page.reload();
  await expect(rex.page.getByTestId("join-button")).toBeVisible();

  // The link still leads to the door, though guests otherwise walk in.
  await rex.knock({ camera: false, microphone: false });
  await expect(ann.page.getByTestId("lobby-row")).toHaveCount(1);
  await expect(ann.page.getByTestId("people-row")).toHaveCount(1);
});

test("a renewed link is the only one that leads in, and those inside stay", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join({ camera: false, microphone: false });

  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("rotate-link").click();
  await ann.page.getByTestId("rotate-confirm").click();
  const renewed = await ann.page.getByTestId("new-link").inputValue();
  expect(renewed).not.toBe(room.guest);
  await ann.page.getByTestId("rotate-close").click();
  await expect(ann.page.getByTestId("rotate-link")).toBeFocused();
  await expect(ann.page.getByTestId("people-row")).toHaveCount(2);

  const old = await arrive("Cem", room.guest, { refused: true });
  await expect(old.page.getByTestId("join-failed")).toContainText("no longer good");

  const dora = await arrive("Dora", renewed);
  await dora.join({ camera: false, microphone: false });
  await expect(ann.page.getByTestId("people-row")).toHaveCount(3);
});
