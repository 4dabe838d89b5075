// A teacher asks three pupils and a late one; the server dies in the middle, and everyone sees the chart.

import type { Page } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

/** In the panel where that is open, else on the stage. */
const counts = (page: Page) =>
  page.locator(":is([data-testid=poll-panel], .room:not(:has([data-testid=poll-panel])) [data-testid=stage-result]) [data-testid=poll-row]").evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset["count"])));

/** Votes by keyboard alone: the focus is in the choices once the poll is shown. */
async function vote(page: Page, choice: number): Promise<void> {
  await page.getByTestId("poll-show").press("Enter");
  await expect(page.getByTestId("poll-choice").first()).toBeFocused();
  await page.keyboard.press("Space");
  for (let at = 0; at < choice; at += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("poll-voted")).toHaveText("You have voted.");
}

test("a teacher asks, the pupils vote, and the results are a chart for all", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  const dan = await arrive("Dan", room.guest);
  for (const person of [ann, bob, cleo, dan]) await person.join({ camera: false, microphone: false });
  await expect(bob.page.getByTestId("polls")).toHaveCount(0);

  await ann.page.getByTestId("polls").click();
  await ann.page.getByTestId("poll-question").fill("Where do we go in summer?");
  await ann.page.getByTestId("poll-kind").selectOption("own");
  await ann.page.getByTestId("poll-more").click();
  for (const [at, text] of ["To the sea", "To the mountains", "We stay at home, and everybody shows something"].entries()) {
    await ann.page.getByTestId("poll-text").nth(at).fill(text);
  }
  await ann.page.screenshot({ path: info.outputPath("ask.png") });
  await ann.page.getByTestId("poll-start").click();
  await expect(bob.page.getByTestId("announcer")).toContainText("Ann asks for a vote");
  await cleo.page.screenshot({ path: info.outputPath("asked-360-dark.png") });
  await vote(bob.page, 1);
  await vote(cleo.page, 2);
  await expect.poll(() => counts(ann.page)).toEqual([0, 1, 1]);
  await expect(bob.page.getByTestId("poll-turnout")).toHaveText("2 have voted");
  await expect(bob.page.getByTestId("poll-chart")).toHaveCount(0);

  // The server dies in the middle of it, and no vote is lost.
  for (const person of [ann, bob, cleo, dan]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob, cleo, dan]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await expect(cleo.page.getByTestId("poll-voted")).toHaveText("You have voted.");
  await vote(dan.page, 1);
  await bob.page.getByTestId("poll-choice").nth(0).check();
  await bob.page.getByTestId("poll-vote").click();
  const eva = await arrive("Eva", room.guest);
  await eva.join({ camera: false, microphone: false });
  await vote(eva.page, 1);
  await expect.poll(() => counts(ann.page)).toEqual([1, 2, 1]);
  await ann.page.locator("[data-testid=poll] summary").click();
  await expect(ann.page.getByTestId("poll")).toContainText("Bob: To the sea");
  await ann.page.screenshot({ path: info.outputPath("tally.png") });

  await ann.page.getByTestId("poll-close").click();
  await expect(bob.page.getByTestId("poll")).toContainText("not published");
  await ann.page.getByTestId("poll-publish").click();
  // Announced once, and unread in the chat as a line of another is.
  const told = bob.page.getByTestId("notice").filter({ hasText: "The results of a poll are there." });
  await expect(told).toHaveCount(1);
  await expect(bob.page.getByTestId("announcer")).not.toContainText("poll");
  for (const { page } of [bob, cleo, dan, eva]) {
    await expect.poll(() => counts(page)).toEqual([1, 2, 1]);
    await expect(page.getByTestId("unread")).toHaveText("1");
  }
  await expect(ann.page.getByTestId("unread")).toHaveCount(0);
  for (const [person, name] of [[cleo, "chart-360-dark"], [bob, "chart"]] as const) {
    await person.page.screenshot({ path: info.outputPath(`${name}.png`) });
    await expectFlawless(person.page, name);
  }

  // Whoever comes later finds the chart before them and the result in the chat.
  const fay = await arrive("Fay", room.guest, { width: 360, height: 740, scheme: "dark" });
  await fay.join({ camera: false, microphone: false });
  await expect.poll(() => counts(fay.page)).toEqual([1, 2, 1]);
  await expect(fay.page.getByTestId("tile").first()).toBeInViewport();
  await fay.page.screenshot({ path: info.outputPath("stage-360-dark.png") });
  await expect(fay.page.getByTestId("unread")).toHaveCount(0);
  await bob.page.getByTestId("chat").click();
  await expect(bob.page.getByTestId("chat-result")).toHaveCount(1);
  await expect(bob.page.getByTestId("unread")).toHaveCount(0);
  await bob.page.getByTestId("chat").click();
  await fay.page.getByTestId("chat").click();
  await expect(fay.page.getByTestId("chat-result")).toContainText("Where do we go in summer? To the sea: 1, To the mountains: 2");
  await fay.page.getByTestId("chat").click();

  // One closes it for oneself, and whoever asked takes it away for all; the chat keeps it.
  await dan.page.getByTestId("result-close").click();
  await expect(dan.page.getByTestId("stage-result")).toHaveCount(0);
  await expect(dan.page.getByTestId("polls")).toBeFocused();
  await expect(fay.page.getByTestId("stage-result")).toBeVisible();
  await ann.page.getByTestId("result-put-away").click();
  await expect(fay.page.getByTestId("stage-result")).toHaveCount(0);
  await fay.page.getByTestId("chat").click();
  await fay.page.getByTestId("chat-result-show").click();
  await expect.poll(() => counts(fay.page)).toEqual([1, 2, 1]);

  // A withdrawn poll is gone for all.
  await ann.page.getByTestId("poll-withdraw").click();
  await expect(fay.page.getByTestId("poll")).toHaveCount(0);
});

test("five vote anonymously, are asked again after a crash, and their counts are shown once the poll is closed", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  const others = [await arrive("Dan", room.guest), await arrive("Eva", room.guest), await arrive("Fay", room.guest)];
  const voters = [bob, cleo, ...others];
  const everyone = [ann, ...voters];
  for (const person of everyone) await person.join({ camera: false, microphone: false });

  await ann.page.getByTestId("polls").click();
  await ann.page.getByTestId("poll-question").fill("Did the lesson help you?");
  await ann.page.getByTestId("poll-anonymously").check();
  await ann.page.screenshot({ path: info.outputPath("ask-anonymously.png") });
  await ann.page.getByTestId("poll-start").click();
  for (const { page } of [bob, cleo]) await voteOnce(page, 0);
  await expect(ann.page.getByTestId("poll-turnout")).toHaveText("2 have voted");
  await expect(ann.page.getByTestId("poll-chart")).toHaveCount(0);

  // Two votes are too few to be kept: after the crash these two are asked again.
  for (const person of everyone) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of everyone) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await expect(bob.page.getByTestId("poll-choice").first()).toBeVisible();
  await expect(ann.page.getByTestId("poll-turnout")).toHaveText("0 have voted");
  for (const [at, { page }] of voters.entries()) await voteOnce(page, at < 2 ? 1 : 0);
  await cleo.page.screenshot({ path: info.outputPath("voted-360-dark.png") });
  await expect(ann.page.getByTestId("poll-turnout")).toHaveText("5 have voted");
  await ann.page.getByTestId("poll-close").click();
  await expect.poll(() => counts(ann.page)).toEqual([3, 2]);
  await expect(bob.page.getByTestId("poll-chart")).toHaveCount(0);
  await ann.page.getByTestId("poll-publish").click();
  for (const { page } of voters) await expect.poll(() => counts(page)).toEqual([3, 2]);
  await expect(ann.page.getByText("Who chose what", { exact: true })).toHaveCount(0);
});

/** Votes where the vote cannot be changed: the choices are gone then. */
async function voteOnce(page: Page, choice: number): Promise<void> {
  const show = page.getByTestId("poll-show");
  // Asked anew after a crash, the panel is open already.
  await expect(show.or(page.getByTestId("poll-choice").first()).first()).toBeVisible();
  if (await show.isVisible()) await show.click();
  await page.getByTestId("poll-choice").nth(choice).check();
  await page.getByTestId("poll-vote").click();
  await expect(page.getByTestId("poll-voted")).toContainText("Nobody learns what you chose");
  await expect(page.getByTestId("poll-choice")).toHaveCount(0);
}
