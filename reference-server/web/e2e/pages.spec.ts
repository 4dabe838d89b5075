// The pages before, around and in a meeting: made by keyboard alone, looked at in both languages and
// themes, narrow and wide, and clean for axe.

import type { Page, TestInfo } from "@playwright/test";

import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1440, height: 900 };

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

/** Looks at a page as it is now, in two sizes and lights, and lets axe look too. */
class Look {
  #number = 0;
  constructor(
    private readonly info: TestInfo,
    /** Which light goes with which width; the other language has it the other way round. */
    private readonly views: readonly { scheme: "light" | "dark"; size: typeof NARROW }[],
  ) {}

  async at(page: Page, where: string): Promise<void> {
    this.#number += 1;
    for (const { scheme, size } of this.views) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize(size);
      const name = `${String(this.#number).padStart(2, "0")}-${where}-${scheme}-${size.width}`;
      await page.screenshot({ path: this.info.outputPath(`${name}.png`) });
      await expectFlawless(page, name);
    }
  }
}

for (const locale of ["de-DE", "en-GB"] as const) {
  test(`every page is accessible and keeps within the screen: ${locale}`, async ({ server, arrive }, info) => {
    test.setTimeout(240_000);
    const german = locale === "de-DE";
    const look = new Look(info, [
      { scheme: german ? "dark" : "light", size: NARROW },
      { scheme: german ? "light" : "dark", size: WIDE },
    ]);

    const { page: start } = await arrive("Ann", `${server.url}/`, { locale });
    await expect(start.getByTestId("room-name")).toBeVisible();
    await expect(start.locator("html")).toHaveAttribute("lang", locale.slice(0, 2));
    await look.at(start, "start");
    await start.getByTestId("room-options").locator("summary").click();
    await start.getByTestId("option-unattended").selectOption("close");
    await look.at(start, "start-options");
    await start.getByTestId("room-name").fill("Physik 7b");
    await start.getByTestId("make-room").click();
    await expect(start.getByTestId("room-made")).toBeVisible();
    await look.at(start, "made");

    const room = await server.room("Physik 7b", { guests: "ask" });
    const ann = await arrive("Ann", room.moderator, { locale });
    const bob = await arrive("Bob", room.moderator, { locale });
    await expect(ann.page.getByTestId("join-button")).toBeEnabled();
    await look.at(ann.page, "join");
    await ann.page.getByTestId("join-button").click();
    await expect(ann.page.getByTestId("join-problem")).toBeVisible();
    await look.at(ann.page, "join-problem");
    await ann.join({ microphone: false });
    await bob.join({ camera: false });
    await expect(ann.page.getByTestId("waiting")).toHaveCount(0);

    const mia = await arrive("Mia", room.guest, { locale });
    const noa = await arrive("Noa", room.guest, { locale });
    await mia.knock({ microphone: false });
    await noa.knock({ camera: false, microphone: false });
    await look.at(ann.page, "room-knocking");
    await ann.page.getByTestId("knocking-show").click();
    await ann.page.getByTestId("lobby-write").click();
    await ann.page.getByTestId("lobby-text").fill("Es geht um zehn los.");
    await look.at(ann.page, "people-lobby-writing");
    await ann.page.getByTestId("lobby-say").click();
    await expect(mia.page.getByTestId("lobby-message")).toBeVisible();
    await look.at(mia.page, "lobby");

    await ann.page.getByTestId("deny").nth(1).click();
    await look.at(ann.page, "dialog-deny");
    await ann.page.getByTestId("deny-confirm").click();
    await expect(noa.page.getByTestId("over")).toBeVisible();
    await look.at(noa.page, "over-denied");
    await ann.page.getByTestId("admit").click();
    await expect(mia.page.getByTestId("leave")).toBeVisible();

    const row = ann.page.locator('[data-testid=people-row][data-name="Mia"]');
    await row.getByTestId("person-menu").click();
    await look.at(ann.page, "people");
    await ann.page.getByTestId("rotate-link").scrollIntoViewIfNeeded();
    await look.at(ann.page, "people-entrance");
    await ann.page.getByTestId("rotate-link").click();
    await look.at(ann.page, "dialog-rotate");
    await ann.page.getByTestId("rotate-confirm").click();
    await expect(ann.page.getByTestId("new-link")).toBeVisible();
    await look.at(ann.page, "dialog-new-link");
    await ann.page.getByTestId("rotate-close").click();
    await row.getByTestId("remove").click();
    await look.at(ann.page, "dialog-remove");
    await ann.page.getByTestId("remove-confirm").click();
    await expect(mia.page.getByTestId("over")).toBeVisible();
    await look.at(mia.page, "over-removed");

    await ann.page.getByTestId("polls").click();
    await look.at(ann.page, "poll-ask");
    await ann.page.getByTestId("poll-question").fill("Ist alles klar?");
    await ann.page.getByTestId("poll-start").click();
    await look.at(bob.page, "poll-asked");
    await bob.page.getByTestId("poll-show").click();
    await look.at(bob.page, "poll-vote");
    await bob.page.getByTestId("poll-choice").first().check();
    await bob.page.getByTestId("poll-vote").click();
    await expect(ann.page.getByTestId("poll-turnout")).toHaveText(/^1 /);
    await look.at(ann.page, "poll-tally");
    await ann.page.getByTestId("poll-close").click();
    await ann.page.getByTestId("poll-publish").click();
    await bob.page.getByTestId("polls").click();
    await expect(bob.page.getByTestId("stage-result")).toBeVisible();
    await look.at(bob.page, "poll-chart");
    await bob.page.getByTestId("chat").click();
    await expect(bob.page.getByTestId("chat-result")).toBeVisible();
    await look.at(bob.page, "poll-told");

    await ann.page.getByTestId("chat").click();
    await ann.page.getByTestId("chat-input").fill("Guten Morgen!");
    await ann.page.getByTestId("chat-input").press("Enter");
    await expect(ann.page.getByTestId("chat-line")).toBeVisible();
    await look.at(ann.page, "chat");
    await ann.page.getByTestId("chat-more").click();
    await look.at(ann.page, "chat-actions");
    await ann.page.getByTestId("chat-react").first().click();
    await ann.page.getByTestId("chat-more").click();
    await ann.page.getByTestId("chat-answer").click();
    await ann.page.getByTestId("chat-input").fill("Guten Morgen, @");
    await expect(ann.page.getByTestId("mention-list")).toBeVisible();
    await look.at(ann.page, "chat-mention");
    await ann.page.getByTestId("chat-input").press("Tab");
    await ann.page.getByTestId("chat-input").press("Enter");
    await expect(ann.page.getByTestId("chat-line")).toHaveCount(2);
    await ann.page.getByTestId("chat-new").click();
    await look.at(ann.page, "chat-new");
    await ann.page.getByTestId("chat-person").first().click();
    await ann.page.getByTestId("chat-input").fill("Nur für Sie.");
    await ann.page.getByTestId("chat-input").press("Enter");
    await expect(ann.page.getByTestId("chat-line")).toHaveCount(1);
    await look.at(ann.page, "chat-private");
    await ann.page.getByTestId("chat-tab").first().click();
    await ann.page.getByTestId("chat-menu").click();
    await look.at(ann.page, "chat-menu");
    await ann.page.getByTestId("chat-clear").click();
    await look.at(ann.page, "dialog-clear");
    await ann.page.keyboard.press("Escape");
    await ann.page.getByTestId("chat-tab").last().click();
    await expect(ann.page.getByTestId("chat-line")).toBeVisible();
    await ann.page.getByTestId("chat").click();
    await ann.page.getByTestId("settings").click();
    await look.at(ann.page, "settings");
    await ann.page.keyboard.press("Escape");
    await ann.page.getByTestId("leave").click();
    await ann.page.getByTestId("end-for-all").click();
    await look.at(ann.page, "dialog-end");
    await ann.page.getByTestId("end-confirm").click();
    await expect(bob.page.getByTestId("over")).toBeVisible();
    await look.at(bob.page, "over-ended");
  });
}
