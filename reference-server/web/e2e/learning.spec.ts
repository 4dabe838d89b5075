// A lesson that is counted: everyone is told, the teacher sees what each did, each sees their own, and a crash loses none of it.

import type { Page } from "@playwright/test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expectFlawless } from "./support/flawless";
import { total } from "./support/media";
import { expect, test } from "./support/story";

/** What a teacher reads in somebody's row. */
const row = (page: Page, name: string) => page.locator(`[data-testid=learner][data-name="${name}"]`);
const talked = async (page: Page, name: string): Promise<number> =>
  Number(await row(page, name).getByTestId("learner-talked").getAttribute("data-ms"));

async function expectCounts(page: Page, name: string, hands: number, polls: number, messages: number): Promise<void> {
  await expect(row(page, name).getByTestId("learner-hands")).toHaveText(String(hands));
  await expect(row(page, name).getByTestId("learner-polls")).toHaveText(String(polls));
  await expect(row(page, name).getByTestId("learner-messages")).toHaveText(String(messages));
}

async function open(page: Page, what: "show-learning" | "show-own"): Promise<void> {
  await page.getByTestId("kept").click();
  await page.getByTestId(what).click();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId("chat-input").fill(text);
  await page.getByTestId("chat-input").press("Enter");
  await expect(page.getByTestId("chat-line").last()).toContainText(text);
}

async function vote(page: Page): Promise<void> {
  await page.getByTestId("poll-show").click();
  await page.getByTestId("poll-choice").first().check();
  await page.getByTestId("poll-vote").click();
  await expect(page.getByTestId("poll-voted")).toHaveText("You have voted.");
}

/** Everything on the server's disk, as far as it is not sealed. */
function onDisk(folder: string): string {
  const files = readdirSync(join(folder, "data"), { withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => readFileSync(join(folder, "data", file.name), "latin1")).join("\n");
}

test("a lesson is counted for its teacher, each sees their own, and a crash loses none of it", async ({ server, arrive }, info) => {
  const room = await server.room("Physics 7b", { learning: true });
  const ann = await arrive("Ann", room.moderator);
  const tom = await arrive("Tom", room.moderator, { width: 360, height: 740, scheme: "dark", locale: "de-DE" });
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("=Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  await expect(cleo.page.getByTestId("join-learning")).toContainText("What each person does is counted here");
  await cleo.page.screenshot({ path: info.outputPath("join-360-dark.png") });
  await bob.join({ camera: false, microphone: true });
  for (const person of [ann, tom, cleo]) await person.join({ camera: false, microphone: false });
  await expect(cleo.page.getByTestId("notices")).toContainText("it is counted what each person does");

  await bob.page.getByTestId("hand").click();
  await cleo.page.getByTestId("chat").click();
  await say(cleo.page, "I have a question.");
  await say(cleo.page, "And another.");
  await cleo.page.getByTestId("chat").click();
  await ann.page.getByTestId("polls").click();
  await ann.page.getByTestId("poll-question").fill("Is it clear?");
  await ann.page.getByTestId("poll-start").click();
  for (const { page } of [bob, cleo]) await vote(page);
  await ann.page.getByTestId("poll-close").click();

  await open(ann.page, "show-learning");
  await expect(ann.page.getByTestId("learner")).toHaveCount(4);
  await expectCounts(ann.page, "Bob", 1, 1, 0);
  await expectCounts(ann.page, "=Cleo", 0, 1, 2);
  await expect.poll(() => talked(ann.page, "Bob")).toBeGreaterThan(3_000);
  expect(await talked(ann.page, "=Cleo")).toBe(0);
  await ann.page.getByTestId("sort-talked").click();
  await expect(ann.page.getByTestId("learner").first()).toHaveAttribute("data-name", "Bob");
  await expect(ann.page.getByRole("columnheader", { name: "Talked" })).toHaveAttribute("aria-sort", "descending");
  await ann.page.screenshot({ path: info.outputPath("learning.png") });
  await expectFlawless(ann.page, "the learning view");

  // Whoever is no moderator is offered nothing but their own.
  await cleo.page.getByTestId("polls").click();
  await cleo.page.getByTestId("kept").click();
  await expect(cleo.page.getByTestId("show-learning")).toHaveCount(0);
  await cleo.page.screenshot({ path: info.outputPath("kept-360-dark.png") });
  await cleo.page.getByTestId("show-own").click();
  await expect(cleo.page.getByTestId("own-messages")).toHaveText("2");
  await cleo.page.screenshot({ path: info.outputPath("own-360-dark.png") });
  await expectFlawless(cleo.page, "the learning view");

  // He is silent, and the server dies.
  await bob.page.getByTestId("mic").click();
  await open(bob.page, "show-own");
  const before = await talked(ann.page, "Bob");
  for (const person of [ann, tom, bob, cleo]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, tom, bob, cleo]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await open(tom.page, "show-learning");
  await expectCounts(tom.page, "Bob", 1, 1, 0);
  await expectCounts(tom.page, "=Cleo", 0, 1, 2);
  expect(await talked(tom.page, "Bob")).toBeGreaterThanOrEqual(before);
  await expect(bob.page.getByTestId("own-talked")).toHaveText(await row(tom.page, "Bob").getByTestId("learner-talked").innerText());
  await expect(bob.page.getByTestId("own-hands")).toHaveText("1");
  await tom.page.screenshot({ path: info.outputPath("learning-360-dark-de.png") });
  await expectFlawless(tom.page, "the learning view");
  await expectCounts(ann.page, "Bob", 1, 1, 0);
  const begun = ann.page.waitForEvent("download");
  await ann.page.getByTestId("learning-csv").click();
  const csv = readFileSync(await (await begun).path(), "utf8");
  expect(csv).toMatch(/^Bob,Participant,Guest,\d+,[1-9]\d*,1,1,0\r$/m);
  expect(csv).toMatch(/^'=Cleo,Participant,Guest,\d+,0,0,1,2\r$/m);
  expect(onDisk(server.folder)).toContain('"type":"talked","people":[{');

  // Once the meeting is over nobody finds out who talked when.
  await ann.page.keyboard.press("Escape");
  await ann.page.getByTestId("leave").click();
  await ann.page.getByTestId("end-for-all").click();
  await ann.page.getByTestId("end-confirm").click();
  await expect(ann.page.getByTestId("over")).toBeVisible();
  await expect.poll(() => onDisk(server.folder)).not.toContain('"type":"talked","people":[{');
  expect(onDisk(server.folder), "that somebody did stays").toContain('"type":"talked","people":[]');
});

test("a room that was made without it shows and stores nothing of it", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await expect(bob.page.getByTestId("join-button")).toBeEnabled();
  await expect(bob.page.getByTestId("join-learning")).toHaveCount(0);
  await bob.join({ camera: false, microphone: true });
  await ann.join({ camera: false, microphone: false });
  await expect.poll(() => total(ann.page, "audio", "energy")).toBeGreaterThan(0);
  await expect(ann.page.getByTestId("kept")).toHaveCount(0);
  for (const person of [ann, bob]) person.serverAway = true;
  await server.kill();
  expect(onDisk(server.folder)).not.toContain('"type":"talked"');
});
