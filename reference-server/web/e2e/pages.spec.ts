// The pages before and around a meeting: made by keyboard alone, in both languages, and clean for axe.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "./support/story";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Fails with what axe finds on the page as it is now. */
async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
  expect(found, where).toEqual([]);
}

test("a meeting is made and entered with the keyboard alone", async ({ server, arrive }) => {
  const ann = await arrive("Ann", `${server.url}/`);
  const { page } = ann;
  await page.getByTestId("room-name").focus();
  await page.keyboard.type("Choir practice");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("guest-link")).toHaveValue(/\/r\/room_[0-9a-f]{32}#\S{20,}/);
  await page.getByTestId("enter-room").press("Enter");
  await expect(page.getByTestId("join-room-name")).toContainText("Choir practice");
  await page.getByTestId("join-name").focus();
  await page.keyboard.type("Ann");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("leave")).toBeVisible();

  // Nothing was switched on by itself.
  await expect(page.getByTestId("mic")).toHaveAttribute("data-state", "off");
  await expect(page.getByTestId("camera")).toHaveAttribute("data-state", "off");
  await page.getByTestId("hand").press("Space");
  await expect(page.getByTestId("hand")).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("m");
  await expect(page.getByTestId("mic")).toHaveAttribute("data-state", "on");
});

for (const look of [
  { locale: "de-DE", scheme: "dark", width: 360, height: 720 },
  { locale: "en-GB", scheme: "light", width: 1440, height: 900 },
] as const) {
  test(`pages are accessible: ${look.locale}, ${look.scheme}, ${look.width} px`, async ({
    server,
    arrive,
  }, info) => {
    const start = await arrive("Ann", `${server.url}/`, look);
    await expect(start.page.getByTestId("room-name")).toBeVisible();
    await expect(start.page.locator("html")).toHaveAttribute("lang", look.locale.slice(0, 2));
    await expectAccessible(start.page, "start page");
    await start.page.screenshot({ path: info.outputPath("start.png") });

    const room = await server.room("Physik 7b");
    const ann = await arrive("Ann", room.moderator, look);
    await expect(ann.page.getByTestId("join-button")).toBeVisible();
    await expectAccessible(ann.page, "join page");
    await ann.page.screenshot({ path: info.outputPath("join.png") });

    await ann.join({ microphone: false });
    await expectAccessible(ann.page, "room");
    await ann.page.getByTestId("people").click();
    await expect(ann.page.getByTestId("people-panel")).toBeVisible();
    await expectAccessible(ann.page, "room with people");
    await ann.page.screenshot({ path: info.outputPath("people.png") });
    await ann.page.getByTestId("chat").click();
    await expectAccessible(ann.page, "room with chat");
    await ann.page.screenshot({ path: info.outputPath("chat.png") });

    // Nothing spills over the edge of the screen.
    const spill = await ann.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(spill).toBe(0);
  });
}
