// What somebody without a mouse does: move the focus, press a key, type.

import type { Locator, Page } from "@playwright/test";
import { expect } from "@playwright/test";

/** More steps than any page here has stops. */
const MOST_STOPS = 150;

/** Moves the focus with Tab, or backwards, until it is on `target`, and sees that it shows. */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let stops = 0; stops <= MOST_STOPS; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      const shows = await target.evaluate((element) => element.matches(":focus-visible"));
      expect(shows, `the focus shows on ${target}`).toBe(true);
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`${MOST_STOPS} presses of ${key} do not lead to ${target}`);
}

/** Moves the focus to `target` and presses it. */
export async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Moves the focus to `target` and writes into it, in place of what was there. */
export async function write(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}
