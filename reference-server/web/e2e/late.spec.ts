// Whoever comes late sees a running meeting as it stands, and a restart in the middle changes nothing of it.

import type { Page } from "@playwright/test";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

const message = (page: Page, text: string) => page.getByTestId("chat-message").filter({ has: page.getByTestId("chat-line").filter({ hasText: text }) });

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId("chat-input").fill(text);
  await page.getByTestId("chat-input").press("Enter");
  await expect(page.getByTestId("chat-input")).toHaveValue("");
}

async function actOn(page: Page, text: string, action: string): Promise<void> {
  await message(page, text).focus();
  await page.keyboard.press("Enter");
  await page.getByTestId(action).first().click();
}

/** Opens a panel that is not open yet. */
async function open(page: Page, button: string): Promise<void> {
  if ((await page.getByTestId(button).getAttribute("aria-expanded")) !== "true") await page.getByTestId(button).click();
}

async function ask(page: Page, question: string): Promise<void> {
  await open(page, "polls");
  await page.getByTestId("poll-question").fill(question);
  await page.getByTestId("poll-start").click();
  await expect(page.getByTestId("poll-close")).toBeVisible();
}

async function write(page: Page, text: string): Promise<void> {
  await open(page, "captions");
  await page.getByTestId("caption-input").fill(text);
  await page.getByTestId("caption-input").press("Enter");
  await expect(page.getByTestId("caption-input")).toHaveValue("");
}

/** That everything stands as it was left. */
async function see({ page }: Person): Promise<void> {
  await expect(page.getByTestId("stage")).toHaveAttribute("data-chosen", "speaker");

  await open(page, "chat");
  await expect(page.getByTestId("chat-message")).toHaveCount(2);
  await expect(message(page, "We begin at ten").getByTestId("chat-edited")).toBeVisible();
  await expect(message(page, "We begin at ten").getByTestId("chat-sign")).toContainText("1");
  await expect(message(page, "Good to know").getByTestId("chat-quote")).toContainText("We begin at ten");

  await open(page, "polls");
  const polls = page.getByTestId("poll");
  await expect(polls).toHaveCount(2);
  await expect(polls.nth(0)).toContainText("Shall we have a break?");
  await expect(polls.nth(0).getByTestId("poll-turnout")).toHaveText("1 has voted");
  await expect(polls.nth(1)).toContainText("Is it clear?");
  await expect(polls.nth(1).getByTestId("poll-chart")).toBeVisible();

  await open(page, "captions");
  for (const [language, text] of [["de", "Guten Morgen."], ["en", "Good morning."]] as const) {
    await page.getByTestId("caption-read").selectOption(language);
    await expect(page.getByTestId("transcript")).toContainText(text);
  }

  await open(page, "people");
  await expect(page.getByTestId("hands-order")).toHaveText(/Cleo[\s\S]*Bob/);
}

test("a late joiner and a restart", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest);
  for (const person of [ann, bob, cleo]) await person.join({ camera: false, microphone: false });

  for (const { page } of [ann, bob]) await open(page, "chat");
  await say(ann.page, "We begin at nine");
  await actOn(ann.page, "We begin at nine", "chat-edit");
  await say(ann.page, "We begin at ten");
  await actOn(bob.page, "We begin at ten", "chat-answer");
  await say(bob.page, "Good to know");
  await actOn(bob.page, "We begin at ten", "chat-react");

  await ask(ann.page, "Is it clear?");
  await ann.page.getByTestId("poll-close").click();
  await ann.page.getByTestId("poll-publish").click();
  await expect(ann.page.getByTestId("stage-result").getByTestId("poll-chart")).toBeVisible();
  await ask(ann.page, "Shall we have a break?");
  await cleo.page.getByTestId("poll-show").click();
  await cleo.page.getByTestId("poll-choice").first().check();
  await cleo.page.getByTestId("poll-vote").click();
  await expect(cleo.page.getByTestId("poll-voted")).toBeVisible();

  await open(ann.page, "captions");
  for (const [person, language] of [["Bob", "de"], ["Ann", "en"]] as const) {
    await ann.page.getByTestId("caption-person").selectOption({ label: person });
    await ann.page.getByTestId("caption-language").selectOption(language);
    await ann.page.getByTestId("caption-give").click();
  }
  await write(bob.page, "Guten Morgen.");
  await write(ann.page, "Good morning.");

  await cleo.page.getByTestId("hand").click();
  await expect(cleo.page.getByTestId("hand")).toHaveAttribute("aria-pressed", "true");
  await bob.page.getByTestId("hand").click();

  await ann.page.getByTestId("view").click();
  await ann.page.getByTestId("layout-speaker").check();
  await ann.page.getByTestId("layout-share").click();
  await ann.page.keyboard.press("Escape");

  // Writing is closed for all and lifted for Bob.
  await open(ann.page, "people");
  await ann.page.getByTestId("lock-chat").click();
  const row = ann.page.locator('[data-testid=people-row][data-name="Bob"]');
  await row.getByTestId("person-menu").click();
  await row.getByTestId("exception-chat").click();
  await expect(row.getByTestId("marks")).toContainText("Write in the chat");

  const dan = await arrive("Dan", room.guest);
  await dan.join({ camera: false, microphone: false });
  const locked = async (): Promise<void> => {
    await open(dan.page, "chat");
    await expect(dan.page.getByTestId("chat-input")).toHaveCount(0);
    await open(bob.page, "chat");
    await expect(bob.page.getByTestId("chat-input")).toBeVisible();
  };
  await see(dan);
  await locked();

  for (const person of [ann, bob, cleo, dan]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob, cleo, dan]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await see(cleo);
  await see(dan);
  await locked();
  // A page that knows nothing of before sees it too.
  const eva = await arrive("Eva", room.guest);
  await eva.join({ camera: false, microphone: false });
  await see(eva);
});
