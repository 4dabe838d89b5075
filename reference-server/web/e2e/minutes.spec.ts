// What is written down about a meeting: told before one comes in, kept over a crash, saved by who may.

import AxeBuilder from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/story";

/** What a click saves. */
async function saved(page: Page, testid: string): Promise<string> {
  const begun = page.waitForEvent("download");
  await page.getByTestId(testid).click();
  return readFileSync(await (await begun).path(), "utf8");
}

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).join(", ")}`)).toEqual([]);
  const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(spill, "nothing spills over the edge").toBe(0);
}

test("who was there is told beforehand, kept over a crash and saved", async ({ server, arrive }, info) => {
  const room = await server.room("Physics 7b", { attendance: true });
  const ann = await arrive("Ann", room.moderator, { width: 360, height: 740, scheme: "dark" });
  const bob = await arrive("Bob", room.moderator);
  const gil = await arrive("=Gil", room.guest);
  await expect(gil.page.getByTestId("join-attendance")).toContainText("Attendance is kept here");
  await gil.page.screenshot({ path: info.outputPath("join.png") });
  for (const person of [ann, bob, gil]) await person.join({ camera: false, microphone: false });
  await expect(gil.page.getByTestId("notices")).toContainText("Attendance is kept");
  await gil.page.getByTestId("kept").click();
  await expect(gil.page.getByTestId("kept-told")).toContainText("written down");
  await expect(gil.page.getByTestId("show-attendance")).toHaveCount(0);
  await gil.page.getByTestId("kept-close").click();
  await gil.page.getByTestId("leave").click();

  for (const person of [ann, bob]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await ann.page.getByTestId("kept").click();
  await ann.page.screenshot({ path: info.outputPath("kept-360-dark.png") });
  await ann.page.getByTestId("show-attendance").click();
  await expect(ann.page.getByTestId("attendee")).toHaveCount(3);
  await ann.page.screenshot({ path: info.outputPath("attendance-360-dark.png") });
  await accessible(ann.page);
  const csv = await saved(ann.page, "attendance-csv");
  expect(csv).toMatch(/^3,'=Gil,Participant,Guest,\S+Z,\S+Z,\d+\r$/m);
  expect(csv).toMatch(/^1,Ann,Moderator,,\S+Z,,\d+\r$/m);
  const json = JSON.parse(await saved(ann.page, "attendance-json")) as { room: string; people: { name: string }[] };
  expect(json.people.map((person) => person.name)).toEqual(["Ann", "Bob", "=Gil"]);
  await ann.page.getByTestId("attendance-close").click();
  await bob.page.getByTestId("kept").click();
  await bob.page.getByTestId("show-attendance").click();
  await expect(bob.page.getByTestId("attendee")).toHaveCount(3);
  await bob.page.screenshot({ path: info.outputPath("attendance.png") });
});
