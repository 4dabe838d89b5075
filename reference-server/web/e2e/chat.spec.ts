// Three people write: changed, taken back, answered, between two alone; a late joiner and a restart see it as it stands.

import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId("chat-input").fill(text);
  await page.getByTestId("chat-input").press("Enter");
  await expect(page.getByTestId("chat-input")).toHaveValue("");
}

const message = (page: Page, text: string) => page.getByTestId("chat-message").filter({ has: page.getByTestId("chat-line").filter({ hasText: text }) });

/** Opens what can be done with a message by keyboard alone. */
async function actOn(page: Page, text: string): Promise<void> {
  await message(page, text).focus();
  await page.keyboard.press("Enter");
}

/** What a page was ever told over its sockets. */
function listen(person: Person): string[] {
  const told: string[] = [];
  person.page.on("websocket", (socket) => socket.on("framereceived", (frame) => told.push(String(frame.payload))));
  return told;
}

test("that somebody writes is seen while they do, and what, if they want it so", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  for (const person of [ann, bob]) {
    await person.join({ camera: false, microphone: false });
    await person.page.getByTestId("chat").click();
  }
  const input = bob.page.getByTestId("chat-input");
  await input.pressSequentially("Good");
  await expect(ann.page.getByTestId("writing")).toHaveText("Bob is writing…");
  await input.press("Enter");
  await expect(message(ann.page, "Good")).toBeVisible();
  await expect(ann.page.getByTestId("writing")).toHaveText("");

  await bob.page.getByTestId("chat-menu").click();
  await bob.page.getByTestId("chat-live").click();
  await bob.page.keyboard.press("Escape");
  await input.pressSequentially("I cannot");
  await expect(ann.page.getByTestId("live-text")).toContainText("I cannot");
  await expect(ann.page.getByTestId("announcer")).toContainText("Bob writes, and shows it");
  await input.pressSequentially(" speak");
  await expect(ann.page.getByTestId("live-text")).toContainText("I cannot speak");
  await expect(ann.page.getByTestId("chat-message")).toHaveCount(1);
  await input.press("Enter");
  await expect(message(ann.page, "I cannot speak")).toBeVisible();
  await expect(ann.page.getByTestId("live-text")).toHaveCount(0);

  // Given up, it is gone and was never said.
  await input.pressSequentially("Never mind");
  await expect(ann.page.getByTestId("live-text")).toContainText("Never mind");
  await input.fill("");
  await expect(ann.page.getByTestId("live-text")).toHaveCount(0);
  await expect(ann.page.getByTestId("chat-message")).toHaveCount(2);
});

test("three people write, and everyone sees what is theirs to see", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest);
  const told = listen(ann);
  for (const person of [ann, bob, cleo]) {
    await person.join({ camera: false, microphone: false });
    await person.page.getByTestId("chat").click();
  }

  // Edited by keyboard: up to the line, Enter, the action, and Escape leaves it.
  await say(bob.page, "Lunch at tvelve? https://menu.example/today.");
  await expect(message(cleo.page, "tvelve").locator("a")).toHaveAttribute("href", "https://menu.example/today");
  // First the link in it, then the line.
  await bob.page.keyboard.press("Shift+Tab");
  await bob.page.keyboard.press("Shift+Tab");
  await expect(message(bob.page, "tvelve")).toBeFocused();
  await bob.page.keyboard.press("Enter");
  await bob.page.getByTestId("chat-edit").press("Enter");
  await expect(bob.page.getByTestId("chat-input")).toBeFocused();
  await bob.page.keyboard.press("Escape");
  await expect(bob.page.getByTestId("chat-about")).toHaveCount(0);
  await expect(message(bob.page, "tvelve")).toBeFocused();
  await bob.page.keyboard.press("Enter");
  await bob.page.getByTestId("chat-edit").click();
  await say(bob.page, "Lunch at twelve? https://menu.example/today.");
  await expect(message(cleo.page, "twelve").getByTestId("chat-edited")).toBeVisible();

  // Answered, with a sign put to it.
  await actOn(cleo.page, "twelve");
  await cleo.page.getByTestId("chat-answer").click();
  await expect(cleo.page.getByTestId("chat-about")).toContainText("Lunch at twelve");
  await say(cleo.page, "Gladly.");
  await actOn(ann.page, "twelve");
  await ann.page.locator("[data-testid=chat-react][data-sign=thumbs_up]").click();
  const sign = message(bob.page, "twelve").getByTestId("chat-sign");
  await expect(sign).toContainText("1");
  await sign.click();
  await expect(sign).toContainText("2");
  await message(bob.page, "Gladly").getByTestId("chat-quote").click();
  await expect(message(bob.page, "Lunch at twelve")).toBeFocused();

  // Taken away by a moderator: the words go from every screen, the answer stays.
  await say(cleo.page, "Rude words");
  await actOn(ann.page, "Rude words");
  await ann.page.getByTestId("chat-delete").click();
  for (const person of [ann, bob, cleo]) {
    await expect(message(person.page, "deleted by the moderators")).toBeVisible();
    await expect(person.page.getByText("Rude words")).toHaveCount(0);
  }

  // Somebody named is told so.
  await bob.page.getByTestId("chat-input").pressSequentially("Ask @cl");
  await expect(bob.page.getByTestId("mention-list")).toBeVisible();
  await bob.page.keyboard.press("Tab");
  await expect(bob.page.getByTestId("chat-input")).toHaveValue("Ask @Cleo ");
  await bob.page.keyboard.press("Enter");
  await expect(cleo.page.getByTestId("mention")).toHaveText("@Cleo");
  await expect(cleo.page.getByTestId("announcer")).toContainText("Bob mentioned you");

  // Between two alone, once a moderator lets them; not even the moderator is told.
  const toCleo = (page: Page) => page.locator("[data-testid=chat-person][data-name=Cleo]");
  await bob.page.getByTestId("chat-new").click();
  await expect(toCleo(bob.page)).toHaveCount(0);
  await bob.page.keyboard.press("Escape");
  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-private_chat").click();
  await ann.page.getByTestId("chat").click();
  await bob.page.getByTestId("chat-new").click();
  await toCleo(bob.page).click();
  await say(bob.page, "A secret for Cleo");
  await expect(cleo.page.getByTestId("tab-unread")).toHaveText("1");
  await cleo.page.locator("[data-testid=chat-tab][data-name=Bob]").click();
  await expect(message(cleo.page, "A secret for Cleo")).toBeVisible();
  await say(cleo.page, "Kept");
  await expect(message(bob.page, "Kept")).toBeVisible();

  // Saved by the browser alone.
  const [download] = await Promise.all([
    cleo.page.waitForEvent("download"),
    (async () => {
      await cleo.page.getByTestId("chat-menu").click();
      await cleo.page.getByTestId("chat-save").click();
    })(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.txt$/);

  // The server dies in the middle and nothing is lost.
  for (const person of [ann, bob, cleo]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob, cleo]) await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
  await expect(message(cleo.page, "A secret for Cleo")).toBeVisible();
  await expect(message(ann.page, "deleted by the moderators")).toBeVisible();
  for (const person of [ann, bob, cleo]) person.serverAway = false;

  const dan = await arrive("Dan", room.guest);
  await dan.join({ camera: false, microphone: false });
  await dan.page.getByTestId("chat").click();
  await expect(dan.page.getByTestId("chat-message")).toHaveCount(4);
  await expect(message(dan.page, "Lunch at twelve").getByTestId("chat-sign")).toContainText("2");
  await expect(message(dan.page, "Gladly").getByTestId("chat-quote")).toContainText("Lunch at twelve");

  // After a reload the third has nothing of it, and the two have it again.
  for (const person of [ann, cleo]) {
    await person.page.reload();
    await expect(person.page.getByTestId("leave")).toBeVisible();
    await person.page.getByTestId("chat").click();
  }
  await expect(ann.page.getByTestId("chat-message")).toHaveCount(4);
  await expect(ann.page.getByTestId("chat-tab")).toHaveCount(0);
  await cleo.page.locator("[data-testid=chat-tab][data-name=Bob]").click();
  await expect(message(cleo.page, "A secret for Cleo")).toBeVisible();
  expect(told.length).toBeGreaterThan(10);
  expect(told.filter((frame) => frame.includes("secret"))).toEqual([]);

  // Emptied for all; what two wrote stays.
  await ann.page.getByTestId("chat-menu").click();
  await ann.page.getByTestId("chat-clear").click();
  await ann.page.getByTestId("chat-clear-confirm").click();
  for (const person of [ann, dan]) await expect(person.page.getByTestId("chat-message")).toHaveCount(0);
  await expect(message(bob.page, "A secret for Cleo")).toBeVisible();
});

test("a late joiner reads all that was written, part by part, and takes it along whole", async ({ server, arrive }) => {
  const room = await server.room();
  // As fast as one may, three people write sixty lines: ten more than who comes is shown.
  const names = ["Ann", "Bob", "Cleo"];
  for (const [at, name] of names.entries()) {
    const person = await arrive(name, at === 0 ? room.moderator : room.guest);
    await person.join({ camera: false, microphone: false });
    await person.page.getByTestId("chat").click();
    for (let n = 1; n <= 20; n += 1) {
      if (at === 2 && n === 20) {
        await message(person.page, "Ann 1.").focus();
        await person.page.keyboard.press("Enter");
        await person.page.getByTestId("chat-answer").click();
      }
      await say(person.page, `${name} ${n}.`);
    }
  }

  const dan = await arrive("Dan", room.guest);
  await dan.join({ camera: false, microphone: false });
  const { page } = dan;
  const lines = page.getByTestId("chat-message");
  const older = page.getByTestId("chat-older");
  const openAnew = async (): Promise<void> => {
    await page.reload();
    await page.getByTestId("chat").click();
    await expect(lines).toHaveCount(50);
  };
  await openAnew();
  await expect(lines.last()).toContainText("Cleo 20.");
  await older.focus();
  await page.keyboard.press("Enter");
  await expect(lines).toHaveCount(60);
  await expect(older).toHaveCount(0);
  // The keyboard goes on where what came ends.
  await expect(message(page, "Ann 10.")).toBeFocused();
  await expect(lines.first()).toContainText("Ann 1.");

  // Going up is enough.
  await openAnew();
  await page.getByRole("log", { name: "Messages" }).hover();
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, -400);
      return lines.count();
    })
    .toBe(60);

  // So is going to what somebody answered.
  await openAnew();
  const quote = message(page, "Cleo 20.").getByTestId("chat-quote");
  await expect(quote).toContainText("an earlier message");
  await quote.click();
  await expect(message(page, "Ann 1.")).toBeFocused();
  await expect(quote).toContainText("Ann 1.");

  // Whoever takes the text along has all of it, also what they have not gone up to.
  await openAnew();
  await page.getByTestId("chat-menu").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("chat-save").click()]);
  const text = readFileSync(await download.path(), "utf8");
  for (const name of names) for (let n = 1; n <= 20; n += 1) expect(text).toContain(`${name} ${n}.`);
});
