// Guests wait outside until a moderator decides.

import { picture, total } from "./support/media";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

const row = (on: Person, name: string) => on.page.locator(`[data-testid=lobby-row][data-name="${name}"]`);

test("of three guests one is let in, one is turned away, and one keeps waiting", async ({ server, arrive }) => {
  const room = await server.room("Physics 7b", { guests: "ask" });
  const ann = await arrive("Ann", room.moderator);
  await ann.join();
  const guests = [];
  for (const name of ["Mia", "Noa", "Ole"]) {
    const guest = await arrive(name, room.guest);
    await guest.knock();
    guests.push(guest);
  }
  const [mia, noa, ole] = guests;
  if (!mia || !noa || !ole) throw new Error("nobody came");
  await expect(ole.page.getByTestId("lobby")).toHaveAttribute("data-position", "3");
  await expect(ole.page.getByTestId("lobby")).toHaveAttribute("data-reason", "guest");

  // Nobody outside learns anything of the meeting, or is part of it.
  await expect(ann.page.getByTestId("tile")).toHaveCount(1);
  await expect(ann.page.getByTestId("lobby-count")).toHaveText("3");
  await ann.page.getByTestId("knocking-show").click();
  await expect(ann.page.getByTestId("lobby-row")).toHaveCount(3);

  await ann.page.getByTestId("lobby-write").click();
  await ann.page.getByTestId("lobby-text").fill("We begin at ten.");
  await ann.page.getByTestId("lobby-say").click();
  for (const guest of guests) await expect(guest.page.getByTestId("lobby-message")).toHaveText("We begin at ten.");

  await row(ann, "Mia").getByTestId("admit").click();
  await expect(mia.page.getByTestId("leave")).toBeVisible();
  await expect.poll(async () => (await picture(mia.tile("Ann"))).mean).toBeGreaterThan(10);
  await expect.poll(() => total(mia.page, "audio", "energy")).toBeGreaterThan(0);
  await expect.poll(async () => (await picture(ann.tile("Mia"))).mean).toBeGreaterThan(10);
  await expect.poll(() => total(ann.page, "audio", "energy")).toBeGreaterThan(0);

  await row(ann, "Noa").getByTestId("deny").click();
  await ann.page.getByTestId("deny-confirm").click();
  await expect(noa.page.getByTestId("over")).toContainText("You were not let in");

  await expect(ole.page.getByTestId("lobby")).toHaveAttribute("data-position", "1");
  await expect(ole.page.getByTestId("lobby-position")).toHaveText("You are next.");
  await expect(ann.page.getByTestId("lobby-row")).toHaveCount(1);

  // A reload keeps the place in the queue, even with others behind.
  await noa.page.getByTestId("again").click();
  await noa.knock();
  await expect(noa.page.getByTestId("lobby")).toHaveAttribute("data-position", "2");
  await ole.page.reload();
  await expect(ole.page.getByTestId("lobby")).toHaveAttribute("data-position", "1");
  await expect(ann.page.getByTestId("lobby-row")).toHaveCount(2);

  await ann.page.getByTestId("admit-all").click();
  for (const guest of [noa, ole]) await expect(guest.page.getByTestId("leave")).toBeVisible();
});

test("a guest is let in with the keyboard alone", async ({ server, arrive }) => {
  const room = await server.room("Physics 7b", { guests: "ask" });
  const ann = await arrive("Ann", room.moderator);
  await ann.join({ camera: false, microphone: false });
  const mia = await arrive("Mia", room.guest);
  const noa = await arrive("Noa", room.guest);
  for (const guest of [mia, noa]) await guest.knock({ camera: false, microphone: false });

  // What a screen reader is told, without an interruption.
  await expect(ann.page.getByTestId("announcer")).toContainText("Noa waits outside");
  await ann.page.getByTestId("knocking-show").focus();
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.locator("#lobby-heading")).toBeFocused();
  const admit = (name: string) => ann.page.getByRole("button", { name: `Let ${name} in` });
  for (let i = 0; i < 5 && !(await admit("Mia").evaluate((b) => b === document.activeElement)); i += 1) {
    await ann.page.keyboard.press("Tab");
  }
  await expect(admit("Mia")).toBeFocused();
  await ann.page.keyboard.press("Enter");
  await expect(mia.page.getByTestId("leave")).toBeVisible();

  // The focus goes on to who is next; Escape is a no to turning them away.
  await expect(admit("Noa")).toBeFocused();
  await ann.page.keyboard.press("Tab");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByTestId("deny-dialog")).toBeVisible();
  await ann.page.keyboard.press("Escape");
  await expect(ann.page.getByTestId("deny-dialog")).toHaveCount(0);
  await expect(ann.page.getByRole("button", { name: "Turn Noa away" })).toBeFocused();
  await ann.page.keyboard.press("Shift+Tab");
  await ann.page.keyboard.press("Space");
  await expect(noa.page.getByTestId("leave")).toBeVisible();
  await expect(ann.page.getByTestId("people")).toBeFocused();
});

test("without a moderator the meeting waits for one", async ({ server, arrive }) => {
  const room = await server.room("Physics 7b", { starter: "moderator" });
  const mia = await arrive("Mia", room.guest);
  await mia.knock({ camera: false, microphone: false });
  await expect(mia.page.getByTestId("lobby")).toHaveAttribute("data-reason", "no_moderator");
  const ann = await arrive("Ann", room.moderator);
  await ann.join({ camera: false, microphone: false });
  await expect(mia.page.getByTestId("leave")).toBeVisible();
});
