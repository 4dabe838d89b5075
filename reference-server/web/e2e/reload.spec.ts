// A reload in the middle keeps the place, and nothing about it is kept where others could find it.

import { moved, picture, total } from "./support/media";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

const idOf = (on: Person, name: string) => on.tile(name).getAttribute("data-participant");

test("someone who reloads is the same participant, seen and heard again without a click", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join();
  await bob.join();
  await expect.poll(() => total(ann.page, "video", "frames")).toBeGreaterThan(10);
  const before = await idOf(ann, "Bob");
  await ann.page.getByTestId("people").click();

  await bob.page.reload();
  await expect(bob.page.getByTestId("leave")).toBeVisible();
  await expect(bob.page.getByTestId("mic")).toHaveAttribute("data-state", "on");
  await expect(bob.page.getByTestId("camera")).toHaveAttribute("data-state", "on");
  await expect(bob.page.locator('[data-testid=tile][data-own="true"]')).toHaveAttribute(
    "data-participant",
    before ?? "",
  );

  // Bob has Ann again, and Ann has the same Bob.
  await expect.poll(() => total(bob.page, "video", "frames")).toBeGreaterThan(10);
  await expect.poll(() => total(bob.page, "audio", "energy")).toBeGreaterThan(0);
  await expect(ann.page.getByTestId("people-row")).toHaveCount(2);
  await expect(ann.tile("Bob")).toHaveCount(1);
  expect(await idOf(ann, "Bob")).toBe(before);
  const then = await picture(ann.tile("Bob"));
  await expect.poll(async () => moved(then, await picture(ann.tile("Bob")))).toBeGreaterThan(0);
  const energy = await total(ann.page, "audio", "energy");
  await expect.poll(() => total(ann.page, "audio", "energy")).toBeGreaterThan(energy);

  const kept = await bob.page.evaluate(() => ({
    stored: localStorage.length + sessionStorage.length,
    cookies: document.cookie,
    address: location.href,
  }));
  expect(kept).toEqual({ stored: 0, cookies: "", address: room.guest });
});

test("what was closed stays closed after a reload", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  await ann.join({ camera: false });
  await ann.page.getByTestId("mic").click();
  await expect(ann.page.getByTestId("mic")).toHaveAttribute("data-state", "muted");
  await ann.page.reload();
  await expect(ann.page.getByTestId("connection-state")).toHaveAttribute("data-status", "good");
  await expect(ann.page.getByTestId("mic")).toHaveAttribute("data-state", "muted");
  await expect(ann.page.getByTestId("camera")).toHaveAttribute("data-state", "off");
  await ann.page.getByTestId("mic").click();
  await expect(ann.page.getByTestId("mic")).toHaveAttribute("data-state", "on");
});

test("whoever has left is outside after a reload", async ({ server, arrive }) => {
  const room = await server.room();
  const eve = await arrive("Eve", room.guest);
  await eve.join({ camera: false, microphone: false });
  await eve.page.getByTestId("leave").click();
  await expect(eve.page.getByTestId("over")).toBeVisible();
  expect(await eve.page.evaluate(() => history.state)).toBeNull();
  await eve.page.reload();
  await expect(eve.page.getByTestId("join-button")).toBeVisible();
});
