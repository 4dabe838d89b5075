// A teacher with two pupils and the small tools of a room: signs for a moment, and what goes with them.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/story";

/** Nothing for axe to find, and nothing over the edge. */
async function sound(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).join(", ")}`)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
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
