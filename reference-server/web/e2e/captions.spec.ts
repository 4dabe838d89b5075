// Two people write along in two languages; the others read in theirs, a late one too, and moderators keep the text.

import { readFile } from "node:fs/promises";

import type { Page } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

async function haveWrite(page: Page, person: string, language: string): Promise<void> {
  await page.getByTestId("caption-person").selectOption({ label: person });
  await page.getByTestId("caption-language").selectOption(language);
  await page.getByTestId("caption-give").click();
}

async function read(page: Page, language: string): Promise<void> {
  await page.getByTestId("captions").click();
  await page.getByTestId("caption-read").selectOption(language);
}

test("captions in two languages are read while they are written, and by who comes later", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  for (const person of [ann, bob, cleo]) await person.join({ camera: false, microphone: false });
  await expect(cleo.page.getByTestId("captions")).toHaveCount(0);

  await ann.page.getByTestId("captions").click();
  await haveWrite(ann.page, "Bob", "de");
  await expect(bob.page.getByTestId("notices")).toContainText("You write the captions now (German)");
  await haveWrite(ann.page, "Ann", "en");
  await read(cleo.page, "de");
  await cleo.page.screenshot({ path: info.outputPath("panel-360-dark.png") });
  await cleo.page.getByTestId("captions").click();

  // Typed by keyboard, seen while it grows, a line with Enter.
  await bob.page.getByTestId("captions").click();
  await bob.page.getByTestId("caption-input").pressSequentially("Guten Morgen zusamen");
  await expect(cleo.page.getByTestId("caption-draft")).toHaveText("Guten Morgen zusamen");
  await bob.page.keyboard.press("Enter");
  await expect(cleo.page.getByTestId("caption")).toHaveText(["Guten Morgen zusamen"]);
  await expect(cleo.page.getByTestId("caption-draft")).toHaveCount(0);
  await bob.page.keyboard.press("ArrowUp");
  await expect(bob.page.getByTestId("caption-input")).toHaveValue("Guten Morgen zusamen");
  await bob.page.getByTestId("caption-input").fill("Guten Morgen zusammen, wir fangen mit einem langen Satz an, der auf einem Telefon umbricht.");
  await bob.page.keyboard.press("Enter");
  await expect(cleo.page.getByTestId("caption")).toHaveText(/^Guten Morgen zusammen/);
  // A pause is a line too.
  await ann.page.getByTestId("caption-input").fill("Good morning, everybody.");
  await ann.page.getByTestId("caption-read").selectOption("en");

  const dan = await arrive("Dan", room.guest);
  await dan.join({ camera: false, microphone: false });
  await read(dan.page, "en");
  await expect(dan.page.getByTestId("transcript")).toContainText("Good morning, everybody.", { timeout: 10_000 });
  await expect(dan.page.getByTestId("captions-band").getByRole("log")).toContainText("Good morning, everybody.");
  await expect(dan.page.getByTestId("captions-vtt")).toHaveCount(0);
  await dan.page.getByTestId("caption-place").getByLabel("Top").click();
  await dan.page.screenshot({ path: info.outputPath("top.png") });

  for (const [person, name] of [[cleo, "band-360-dark"], [dan, "panel"], [ann, "assign"]] as const) {
    await person.page.screenshot({ path: info.outputPath(`${name}.png`) });
    await expectFlawless(person.page, name);
  }

  // Moderators keep the text; participants once the room allows it.
  const saved = ann.page.waitForEvent("download");
  await ann.page.getByTestId("captions-vtt").click();
  const file = await readFile(await (await saved).path(), "utf8");
  expect(file).toMatch(/^WEBVTT\n\n\d\d:\d\d:\d\d\.\d{3} --> .*\nGood morning, everybody\.\n/);
  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-save_captions").click();
  await expect(dan.page.getByTestId("captions-txt")).toBeVisible();

  // Taken away, the field is gone, and what was written stays.
  await ann.page.getByTestId("captions").click();
  await ann.page.getByTestId("caption-take").first().click();
  await expect(bob.page.getByTestId("caption-write")).toHaveCount(0);
  await expect(cleo.page.getByTestId("caption")).toHaveCount(1);
});
