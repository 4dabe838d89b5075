// What is written down about a meeting: told before one comes in, kept over a crash, saved by who may.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

/** What a click saves. */
async function saved(page: Page, testid: string): Promise<string> {
  const begun = page.waitForEvent("download");
  await page.getByTestId(testid).click();
  return readFileSync(await (await begun).path(), "utf8");
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
  await expectFlawless(ann.page, "a paper");
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

test("the minutes are written, outlive the server, and say who was there and what was decided", async ({ server, arrive }, info) => {
  const room = await server.room("Board", { attendance: true });
  const ann = await arrive("Ann", room.moderator, { width: 360, height: 740, scheme: "dark" });
  const cleo = await arrive("Cleo", room.guest, { width: 1440, height: 900 });
  const dan = await arrive("Dan", room.guest, { width: 1440, height: 900 });
  const gil = await arrive("Gil", room.guest);
  for (const person of [ann, cleo, dan, gil]) await person.join({ camera: false, microphone: false });
  await expect(cleo.page.getByTestId("minutes")).toHaveCount(0);
  await gil.page.getByTestId("leave").click();

  await ann.page.getByTestId("people").click();
  const row = ann.page.locator('[data-testid=people-row][data-name="Cleo"]');
  await row.getByTestId("person-menu").click();
  await row.getByTestId("minute-taker").click();
  await expect(cleo.page.getByTestId("notices")).toContainText("You take the minutes");
  await cleo.page.getByTestId("minutes").click();
  await cleo.page.getByTestId("minutes-text").fill("# Beginning\nWe begin.");
  await expect(cleo.page.getByTestId("minutes-status")).toHaveAttribute("data-status", "saved");

  // What was decided by vote.
  await ann.page.getByTestId("polls").click();
  await ann.page.getByTestId("poll-question").fill("Do we buy <chairs>?");
  await ann.page.getByTestId("poll-start").click();
  for (const { page } of [cleo, dan]) {
    await page.getByTestId("poll-show").click();
    await page.getByTestId("poll-choice").first().check();
    await page.getByTestId("poll-vote").click();
    await expect(page.getByTestId("poll-voted")).toBeVisible();
  }
  await ann.page.getByTestId("poll-close").click();
  await ann.page.getByTestId("poll-publish").click();
  await expect(dan.page.getByTestId("stage-result").getByTestId("poll-chart")).toBeVisible();

  // The server dies; what was kept is there, and what is typed meanwhile is kept once it is back.
  const all = [ann, cleo, dan];
  for (const person of all) person.serverAway = true;
  await server.kill();
  await cleo.page.getByTestId("minutes").click();
  await cleo.page.getByTestId("minutes-text").fill("# Beginning\nWe begin.\n- Chairs");
  await server.restart();
  for (const person of all) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await ann.page.getByTestId("minutes").click();
  await expect(ann.page.getByTestId("minutes-text")).toHaveValue("# Beginning\nWe begin.\n- Chairs");
  await expect(cleo.page.getByTestId("minutes-status")).toHaveAttribute("data-status", "saved");
  await expect(dan.page.getByTestId("minutes")).toHaveCount(0);
  await expectFlawless(ann.page, "a paper");
  await ann.page.screenshot({ path: info.outputPath("minutes-360-dark.png") });
  await cleo.page.screenshot({ path: info.outputPath("minutes.png") });

  await ann.page.getByTestId("minutes-release").click();
  await expect(dan.page.getByTestId("notices")).toContainText("Everyone can see the minutes now");
  await dan.page.getByTestId("minutes").click();
  await expect(dan.page.getByTestId("minutes-read")).toContainText("Chairs");
  await expectFlawless(dan.page, "a paper");
  await dan.page.screenshot({ path: info.outputPath("read.png") });
  const read = await saved(dan.page, "minutes-md");
  expect(read).toContain("- Do we buy \\<chairs\\>?: Yes 2, No 0");
  expect(read).toContain("### Beginning\n\nWe begin.\n\n- Chairs");
  expect(read, "who was there is for moderators").not.toContain("Gil");

  const markdown = await saved(ann.page, "minutes-md");
  expect(markdown).toMatch(/^# Board\n\n\w+ \d+, \d{4} at \d\d:\d\d$/m);
  for (const person of ["Ann, Moderator", "Cleo, Guest", "Dan, Guest", "Gil, Guest"]) {
    expect(markdown).toMatch(new RegExp(`^- ${person}: \\d\\d:\\d\\d–`, "m"));
  }
  expect(markdown).toContain("Yes 2, No 0");
  expect(markdown).toContain("- Chairs");
  const html = await saved(ann.page, "minutes-html");
  for (const said of ["<h1>Board</h1>", "Gil, Guest: ", "Do we buy &lt;chairs&gt;?: Yes 2, No 0", "<h3>Beginning</h3>", "<li>Chairs</li>"]) {
    expect(html).toContain(said);
  }
});
