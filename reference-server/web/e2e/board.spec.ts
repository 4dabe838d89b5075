// A public board meeting: guests wait and are let in, one of the board shows a screen, and the board votes
// secretly. The server dies in the middle of the vote; a script from outside counts the published list again, and
// the minutes say what came of it.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import AxeBuilder from "@axe-core/playwright";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

const SMALL = { width: 480, height: 640 };
const QUIET = { camera: false, microphone: false };

/** Chooses an answer by keyboard alone and casts the ballot. */
async function vote({ page }: Person, choice: number): Promise<void> {
  await page.getByTestId("vote-show").press("Enter");
  await expect(page.getByTestId("vote-choice").first()).toBeFocused();
  await page.keyboard.press("Space");
  for (let at = 0; at < choice; at += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("vote-own")).toHaveAttribute("data-state", /under_way|arrived/);
}

test("a board meets in public and votes secretly", async ({ server, arrive }, info) => {
  test.setTimeout(240_000);
  const room = await server.room("Board of the club", { guests: "ask" });

  // The chair opens the room; the members of the board come by the link of the house.
  const chair = await arrive("Chair", room.moderator);
  await chair.join(QUIET);
  const board = [chair];
  for (const name of ["Kim", "Lou", "Max", "Nia"]) {
    const member = await arrive(name, room.moderator, SMALL);
    await member.join(QUIET);
    board.push(member);
  }

  // The public waits outside until the chair lets everyone in.
  const guests: Person[] = [];
  for (const name of ["Guest one", "Guest two"]) {
    const guest = await arrive(name, room.guest, { ...SMALL, scheme: "dark" });
    await guest.knock(QUIET);
    guests.push(guest);
  }
  await chair.page.getByTestId("knocking-show").click();
  await chair.page.getByTestId("admit-all").click();
  for (const guest of guests) await expect(guest.page.getByTestId("leave")).toBeVisible();

  // Sharing a screen is locked; it is released for one of the public, who presents.
  const [guest] = guests;
  if (guest === undefined) throw new Error("nobody came");
  const row = chair.page.locator('[data-testid=people-row][data-name="Guest one"]');
  await row.getByTestId("person-menu").click();
  await row.getByTestId("make-presenter").click();
  const share = guest.page.getByTestId("share");
  await expect(share).toHaveAttribute("aria-disabled", "true");
  await row.getByTestId("exception-screen").click();
  await expect(share).toHaveAttribute("aria-disabled", "false");
  await share.click();
  await expect(chair.tile("Guest one", "screen")).toBeVisible();
  await share.click();
  await expect(chair.tile("Guest one", "screen")).toHaveCount(0);

  // The chair asks; who may vote is the board, and the public sees that it is asked.
  await chair.page.getByTestId("polls").click();
  await chair.page.getByTestId("vote-new").locator("summary").click();
  await chair.page.getByTestId("vote-question").fill("Who leads the board next year?");
  for (const [at, text] of ["Kim", "Lou"].entries()) await chair.page.getByTestId("vote-text").nth(at).fill(text);
  await chair.page.screenshot({ path: info.outputPath("form.png") });
  await chair.page.getByTestId("vote-open").click();
  await expect(chair.page.getByTestId("vote-turnout")).toHaveText("0 of 5 have taken a ballot");
  await expect(guest.page.getByTestId("asked-to-vote-secretly")).toHaveCount(0);

  const [, kim, lou, max, nia] = board;
  if (!kim || !lou || !max || !nia) throw new Error("the board is not complete");
  await vote(kim, 0);
  await vote(lou, 1);
  await lou.page.screenshot({ path: info.outputPath("under-way.png") });

  // The server dies in the middle, and no ballot is lost.
  for (const person of [...board, ...guests]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [...board, ...guests]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0, { timeout: 30_000 });
    person.serverAway = false;
  }
  await vote(max, 1);
  await vote(nia, 1);
  await chair.page.getByTestId("vote-choice").first().check();
  const seen = await new AxeBuilder({ page: chair.page }).include('[data-testid="poll-panel"]').analyze();
  expect(seen.violations).toEqual([]);
  await chair.page.screenshot({ path: info.outputPath("ballot.png") });
  await chair.page.getByTestId("vote-cast").click();
  await expect(chair.page.getByTestId("vote-turnout")).toHaveText("5 of 5 have taken a ballot");

  // Over once the ballots on their way have arrived: everyone finds their own in the list.
  await chair.page.getByTestId("vote-close").click();
  for (const member of board) {
    await expect(member.page.getByTestId("vote-own")).toHaveAttribute("data-state", "counted", { timeout: 60_000 });
  }
  await guest.page.getByTestId("polls").click();
  const counts = guest.page.getByTestId("poll-row");
  await expect(counts.nth(0)).toHaveAttribute("data-count", "2");
  await expect(counts.nth(1)).toHaveAttribute("data-count", "3");
  await guest.page.screenshot({ path: info.outputPath("result-dark.png") });

  // The list counts up to the same for somebody who has nothing but the list and the description.
  await kim.page.locator('[data-testid="vote"] summary').click();
  const serial = await kim.page.getByTestId("vote-serial").textContent();
  const [file] = await Promise.all([
    guest.page.waitForEvent("download"),
    guest.page.getByTestId("vote-list").click(),
  ]);
  const path = info.outputPath("list.json");
  await file.saveAs(path);
  const script = resolve("../../docs/guide/recount.py");
  const said = execFileSync("python3", [script, path, serial ?? ""], { encoding: "utf8" });
  expect(said).toContain("     2  Kim");
  expect(said).toContain("     3  Lou");
  expect(said).toContain("the list is good");

  // The chair, who takes the minutes too, saves them with what was decided.
  await chair.page.getByTestId("minutes").click();
  await chair.page.getByTestId("minutes-text").fill("# Board\nThe treasurer reports.");
  await expect(chair.page.getByTestId("minutes-status")).toHaveAttribute("data-status", "saved");
  const [minutes] = await Promise.all([chair.page.waitForEvent("download"), chair.page.getByTestId("minutes-md").click()]);
  const written = readFileSync(await minutes.path(), "utf8");
  expect(written).toContain("- Who leads the board next year? (secret): Kim 2, Lou 3");
  expect(written).toContain("The treasurer reports.");

  // Nothing of a ballot is in what the server wrote.
  for (const { serial: one } of (JSON.parse(readFileSync(path, "utf8")) as { ballots: { serial: string }[] }).ballots) {
    expect(server.log).not.toContain(one);
  }
});
