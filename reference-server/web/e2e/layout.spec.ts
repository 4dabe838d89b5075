// Five layouts: each for oneself, or for everyone by who presents; a late joiner gets it, and whoever left it comes back with one click.

import type { Page } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

const LAYOUTS = ["grid", "speaker", "presentation", "cameras", "screen"] as const;
const chosen = (page: Page) => page.getByTestId("stage");

/** By keyboard: the menu, the choice, and out again. */
async function arrange(page: Page, layout: string): Promise<void> {
  await page.getByTestId("view").press("Enter");
  await page.getByTestId(`layout-${layout}`).press("Space");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("layouts")).toHaveCount(0);
}

async function share(page: Page): Promise<void> {
  await page.getByTestId("view").click();
  await page.getByTestId("layout-share").click();
  await page.keyboard.press("Escape");
}

test("a layout is chosen, shared, left and taken up again", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  for (const person of [ann, bob, cleo]) await person.join({ microphone: false });
  await ann.page.getByTestId("share").click();
  await expect(bob.tile("Ann", "screen")).toBeVisible();
  await expect(bob.page.getByTestId("view")).toBeVisible();

  // Each of the five, on a phone: nothing spills over.
  for (const layout of LAYOUTS) {
    await arrange(cleo.page, layout);
    await expect(chosen(cleo.page)).toHaveAttribute("data-chosen", layout);
    await expect(cleo.tile("Ann", "screen")).toHaveCount(layout === "cameras" ? 0 : 1);
    if (layout === "screen") await expect(cleo.tile("Bob")).toHaveCount(0);
    else await expect(cleo.tile("Bob")).toHaveCount(1);
    await cleo.page.screenshot({ path: info.outputPath(`${layout}-360-dark.png`) });
    const spill = await cleo.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(spill, `${layout} spills over the edge`).toBe(0);
  }
  await cleo.page.getByTestId("view").click();
  await expect(cleo.page.getByTestId("layout-grid")).toBeInViewport({ ratio: 1 });
  await cleo.page.screenshot({ path: info.outputPath("menu-360-dark.png") });
  await expectFlawless(cleo.page, "menu-360-dark");
  await expect(cleo.page.getByTestId("layout-share")).toHaveCount(0);
  await cleo.page.keyboard.press("Escape");

  // Shared with everyone, also with who comes later; what one pinned gives way.
  await arrange(ann.page, "cameras");
  await share(ann.page);
  for (const { page } of [bob, cleo]) {
    await expect(chosen(page)).toHaveAttribute("data-chosen", "cameras");
    await expect(page.getByTestId("notices")).toContainText("Ann arranged the pictures for everyone: Cameras only");
  }
  const dan = await arrive("Dan", room.guest);
  await dan.join({ camera: false, microphone: false });
  await expect(chosen(dan.page)).toHaveAttribute("data-chosen", "cameras");

  // Spotlight and pin within it, the pin by keyboard.
  await ann.page.getByTestId("people").click();
  const row = ann.page.locator('[data-testid=people-row][data-name="Bob"]');
  await row.getByTestId("person-menu").click();
  await row.getByTestId("spotlight").click();
  await expect(dan.tile("Bob")).toHaveAttribute("data-large", "true");
  await dan.tile("Cleo").getByTestId("tile-pin").press("Enter");
  await expect(dan.tile("Cleo")).toHaveAttribute("data-large", "true");

  // Left for oneself, with one click back; a new one takes everyone along again.
  await arrange(bob.page, "speaker");
  await expect(chosen(bob.page)).toHaveAttribute("data-chosen", "speaker");
  await bob.page.screenshot({ path: info.outputPath("left.png") });
  await bob.page.getByTestId("layout-back").click();
  await expect(chosen(bob.page)).toHaveAttribute("data-chosen", "cameras");
  await arrange(bob.page, "grid");
  await arrange(ann.page, "presentation");
  await share(ann.page);
  await expect(chosen(bob.page)).toHaveAttribute("data-chosen", "presentation");
  await expect(dan.tile("Ann", "screen")).toHaveAttribute("data-large", "true");
  await dan.page.screenshot({ path: info.outputPath("presentation.png") });

  // No longer shared: each has their own, remembered over a reload.
  await ann.page.getByTestId("view").click();
  await ann.page.getByTestId("layout-unshare").click();
  await expect(chosen(bob.page)).toHaveAttribute("data-chosen", "grid");
  await expect(chosen(cleo.page)).toHaveAttribute("data-chosen", "screen");
});
