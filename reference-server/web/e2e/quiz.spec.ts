// A lesson asks a quiz; the server dies in the middle, and everyone sees what was right. Then it asks for words.

import type { Page, TestInfo } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

/** In the panel where that is open, else on the stage. */
const shown = (page: Page, testid: string) =>
  page.locator(`:is([data-testid=poll-panel], .room:not(:has([data-testid=poll-panel])) [data-testid=stage-result]) [data-testid=${testid}]`);

async function vote(page: Page, choices: readonly number[]): Promise<void> {
  await page.getByTestId("poll-show").click();
  for (const at of choices) await page.getByTestId("poll-choice").nth(at).check();
  await page.getByTestId("poll-vote").click();
  await expect(page.getByTestId("poll-voted")).toHaveText("You have voted.");
}

async function answer(page: Page, words: string): Promise<void> {
  const show = page.getByTestId("poll-show");
  // Where the panel is open already, nobody has to be led there.
  await expect(show.or(page.getByTestId("poll-answer")).first()).toBeVisible();
  if (await show.isVisible()) await show.click();
  await page.getByTestId("poll-answer").fill(words);
  await page.getByTestId("poll-vote").click();
  await expect(page.getByTestId("poll-voted")).toHaveText("You have answered.");
}

/** A picture of a screen nothing is wrong with. */
async function look(page: Page, info: TestInfo, name: string): Promise<void> {
  await page.screenshot({ path: info.outputPath(`${name}.png`) });
  await expectFlawless(page, name);
}

test("three answer a quiz, and each sees what was right and whether they were", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  const dan = await arrive("Dan", room.guest);
  const everyone = [ann, bob, cleo, dan];
  for (const person of everyone) await person.join({ camera: false, microphone: false });

  await ann.page.getByTestId("polls").click();
  await ann.page.getByTestId("poll-question").fill("Which of these numbers are prime?");
  await ann.page.getByTestId("poll-kind").selectOption("own");
  await ann.page.getByTestId("poll-more").click();
  for (const [at, text] of ["Two", "Four", "Seven"].entries()) await ann.page.getByTestId("poll-text").nth(at).fill(text);
  await ann.page.getByTestId("poll-several").check();
  await ann.page.getByTestId("poll-quiz").check();
  await expect(ann.page.getByTestId("poll-start")).toBeDisabled();
  await ann.page.getByTestId("poll-right").nth(0).check();
  await ann.page.getByTestId("poll-right").nth(2).check();
  await look(ann.page, info, "ask");
  await ann.page.getByTestId("poll-start").click();
  await vote(bob.page, [0, 2]);
  await vote(cleo.page, [0]);

  // The server dies in the middle of it: neither a vote is lost nor what is right.
  for (const person of everyone) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of everyone) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await vote(dan.page, [0, 1, 2]);
  await expect(shown(ann.page, "poll-wholly")).toHaveText("1 of 3 had it all right.");
  await ann.page.locator("[data-testid=poll] summary").click();
  await expect(ann.page.getByTestId("poll")).toContainText("Bob: Two, Seven (all right)");
  await expect(ann.page.getByTestId("poll")).toContainText("Cleo: Two (not all right)");
  await look(ann.page, info, "tally");
  await ann.page.getByTestId("poll-close").click();
  await expect(bob.page.getByTestId("poll")).toContainText("not published");
  for (const { page } of [bob, cleo, dan]) {
    await expect(page.getByTestId("poll")).toContainText("quiz");
    await expect(page.getByText("Right", { exact: true })).toHaveCount(0);
  }

  await ann.page.getByTestId("poll-publish").click();
  for (const [{ page }, verdict] of [[bob, "You had it all right."], [cleo, "You did not have it all right."], [dan, "You did not have it all right."]] as const) {
    await expect(shown(page, "poll-verdict")).toHaveText(verdict);
    await expect(shown(page, "poll-wholly")).toHaveText("1 of 3 had it all right.");
    const right = await shown(page, "poll-row").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset["right"]));
    expect(right).toEqual(["true", "false", "true"]);
  }
  await look(bob.page, info, "right");
  await look(cleo.page, info, "not-right-360-dark");
  await bob.page.getByTestId("chat").click();
  await expect(bob.page.getByTestId("chat-result")).toContainText("Right: Two, Seven.");

  // A question to be answered in words of one's own.
  await ann.page.getByTestId("poll-question").fill("What did you learn today?");
  await ann.page.getByTestId("poll-kind").selectOption("text");
  await look(ann.page, info, "ask-for-words");
  await ann.page.getByTestId("poll-start").click();
  await answer(cleo.page, "That nine is not prime");
  await answer(dan.page, "Nothing yet");
  await answer(bob.page, "That nine is not prime");
  await answer(dan.page, "More than I thought, and all of it about numbers");
  await look(cleo.page, info, "answered-360-dark");
  await expect(shown(cleo.page, "poll-said").first()).toHaveCount(0);
  await ann.page.locator("[data-testid=poll] summary").first().click();
  await expect(ann.page.getByTestId("poll").first()).toContainText("Dan: More than I thought");
  await look(ann.page, info, "who-wrote-what");
  await ann.page.getByTestId("poll-close").click();
  await ann.page.getByTestId("poll-publish").click();
  for (const { page } of [bob, cleo, dan]) {
    const said = shown(page, "poll-said").getByRole("listitem");
    await expect(said).toHaveText([/That nine is not prime\s*2 times/, /More than I thought/]);
    await expect(page.getByText("Nothing yet")).toHaveCount(0);
  }
  await look(bob.page, info, "said");
  await look(cleo.page, info, "said-360-dark");
  await bob.page.getByTestId("chat").click();
  await expect(bob.page.getByTestId("chat-result").last()).toContainText("“That nine is not prime” (2 times)");
});
