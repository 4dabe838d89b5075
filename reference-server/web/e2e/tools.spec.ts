// A teacher with two pupils and the small tools of a room: signs for a moment, and what goes with them.

import type { Page } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

/** Nothing for axe to find, and nothing over the edge. */
async function sound(page: Page): Promise<void> {
  // What fades in is judged once it is there.
  await page.evaluate(async () => {
    const passing = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(passing.map((one) => one.finished));
  });
  await expectFlawless(page, "the tools");
}

test("signs are seen for a moment, and closed with the hands", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest, { width: 360, height: 740, scheme: "dark" });
  for (const person of [ann, bob]) await person.join({ camera: false, microphone: false });

  // By keyboard alone; the menu stays for more applause.
  await bob.page.getByTestId("tools").press("Enter");
  const clap = bob.page.locator("[data-testid=react][data-sign=clap]");
  await clap.focus();
  await bob.page.screenshot({ path: info.outputPath("menu-360-dark.png") });
  await sound(bob.page);
  await clap.press("Enter");
  await expect(ann.tile("Bob").getByTestId("tile-sign")).toHaveText("👏");
  await expect(ann.page.getByTestId("floating-sign")).toContainText("Bob");
  await ann.page.screenshot({ path: info.outputPath("sign.png") });
  await expect(ann.page.getByTestId("announcer")).toContainText("1 person claps");
  await expect(ann.page.getByTestId("tile-sign")).toHaveCount(0);
  await bob.page.keyboard.press("Escape");
  await expect(bob.page.getByTestId("tools")).toBeFocused();

  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-hands").click();
  await bob.page.getByTestId("tools").click();
  await expect(bob.page.getByTestId("react-locked")).toBeVisible();
  await expect(clap).toHaveAttribute("aria-disabled", "true");
});

test("hands in order, a timer that survives a restart, and a pick", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { width: 360, height: 740 });
  const bob = await arrive("Bob", room.guest, { scheme: "dark" });
  const cleo = await arrive("Cleo", room.guest);
  for (const person of [ann, bob, cleo]) await person.join({ camera: false, microphone: false });
  await cleo.page.getByTestId("hand").click();
  await expect(cleo.page.getByTestId("hand-place")).toHaveText("1");
  await bob.page.getByTestId("hand").click();
  await expect(bob.page.getByTestId("hand-place")).toHaveText("2");
  await ann.page.getByTestId("people").click();
  await expect(ann.page.getByTestId("hands-order")).toContainText("Cleo, Bob");
  await ann.page.getByTestId("lower-all").click();
  await expect(ann.page.getByTestId("hands-order")).toHaveCount(0);
  await expect(bob.page.getByTestId("hand-place")).toHaveCount(0);
  await ann.page.getByTestId("people").click();

  await ann.page.getByTestId("tools").click();
  await ann.page.screenshot({ path: info.outputPath("tools-360.png") });
  await sound(ann.page);
  await ann.page.getByTestId("timer-minutes").fill("10");
  await ann.page.getByTestId("timer-start").click();
  await expect(bob.page.getByTestId("timer-face")).toHaveText(/^(10:00|9:5\d)$/);
  await expect(bob.page.getByTestId("timer-stop")).toHaveCount(0);
  for (const person of [ann, bob, cleo]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob, cleo]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await expect(bob.page.getByTestId("timer-face")).toHaveText(/^9:\d\d$/);
  await ann.page.getByTestId("timer-pause").click();
  await expect(bob.page.getByTestId("timer")).toContainText("Paused");
  const late = await arrive("Late", room.guest);
  await late.join({ camera: false, microphone: false });
  const rests = (await ann.page.getByTestId("timer-face").textContent()) ?? "";
  for (const { page } of [bob, late]) await expect(page.getByTestId("timer-face")).toHaveText(rests);
  await ann.page.getByTestId("timer-stop").click();
  await expect(bob.page.getByTestId("timer")).toHaveCount(0);

  // Short enough to see it run out.
  await ann.page.getByTestId("tools").click();
  await ann.page.getByTestId("timer-minutes").fill("0.05");
  await ann.page.getByTestId("timer-start").click();
  await expect(late.page.getByTestId("timer")).toContainText("Time is up.");
  await ann.page.getByTestId("tools").click();
  await ann.page.getByTestId("pick").click();
  for (const { page } of [ann, bob, late]) await expect(page.getByTestId("picked")).toContainText(/picked at random/i);
  await bob.page.screenshot({ path: info.outputPath("picked-dark.png") });
  await ann.page.keyboard.press("Escape");
  await ann.page.screenshot({ path: info.outputPath("picked-360.png") });
  await sound(bob.page);
});
