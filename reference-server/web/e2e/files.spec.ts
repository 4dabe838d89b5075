// Files handed on: chosen by button, fetched, given to one alone, locked, there after a restart, and taken away.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/story";

const PDF = { name: "Plan für Montag.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 a plan") };
/** One pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/** As high as three lines of the chat. */
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAKAAAABaCAIAAACwpMoFAAAAoklEQVR42u3RQQ0AAAjEsBOKLt5IxQc0mYI11aPDxQLAAizAAizAAizAgAVYgAVYgAVYgAELsAALsAALsAALMGABFmABFmABFmDAAizAAizAAizAgAVYgAVYgAVYgAUYsAALsAALsAALMGABFmABFmABFmDALgAWYAEWYAEWYAEGLMACLMACLMACDFiABViABViABViAAQuwAAuwAAuwAP9qAfUDWalmYPZPAAAAAElFTkSuQmCC";
const PNG = { name: "pixel.png", mimeType: "image/png", buffer: Buffer.from(PIXEL, "base64") };

const card = (page: Page, name: string) => page.locator(`[data-testid=chat-file][data-name="${name}"]`);

/** Saves a file and gives what is in it. */
async function saved(page: Page, name: string): Promise<{ name: string; text: string }> {
  const coming = page.waitForEvent("download");
  await card(page, name).getByTestId("file-save").click();
  const download = await coming;
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

test("a file goes to everyone, another to one, and both are as they were after a restart", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cleo = await arrive("Cleo", room.guest);
  for (const person of [ann, bob, cleo]) {
    await person.join({ camera: false, microphone: false });
    await person.page.getByTestId("chat").click();
  }

  // Participants may not until they are let.
  await expect(bob.page.getByTestId("chat-input")).toBeVisible();
  await expect(bob.page.getByTestId("file-attach")).toHaveCount(0);
  await expect(ann.page.getByTestId("file-attach")).toBeVisible();
  const choosing = ann.page.waitForEvent("filechooser");
  await ann.page.getByTestId("file-attach").press("Enter");
  await (await choosing).setFiles(PDF);
  await expect(card(bob.page, PDF.name)).toBeVisible();
  await expect(bob.page.getByTestId("announcer")).toContainText("Ann shared a file");
  expect(await saved(bob.page, PDF.name)).toEqual({ name: PDF.name, text: "%PDF-1.7 a plan" });
  await expect(card(bob.page, PDF.name).getByTestId("file-delete")).toHaveCount(0);

  await ann.page.getByTestId("file-input").setInputFiles(PNG);
  await expect(card(cleo.page, PNG.name).getByTestId("file-picture")).toBeVisible();

  // What is not taken is said in words, and nothing is sent.
  await ann.page.getByTestId("file-input").setInputFiles({ name: "run.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ") });
  await expect(ann.page.getByTestId("notice").filter({ hasText: "run.exe cannot be shared here" })).toBeVisible();

  // To one alone: from Ann to Bob.
  await ann.page.getByTestId("chat-new").click();
  await ann.page.locator('[data-testid=chat-person][data-name="Bob"]').click();
  await ann.page.getByTestId("file-input").setInputFiles({ ...PDF, name: "secret.pdf" });
  await expect(card(ann.page, "secret.pdf")).toBeVisible();
  await bob.page.locator('[data-testid=chat-tab][data-name="Ann"]').click();
  await expect(card(bob.page, "secret.pdf")).toBeVisible();
  await expect(cleo.page.getByTestId("chat-tab")).toHaveCount(0);
  await expect(cleo.page.getByTestId("chat-file")).toHaveCount(2);

  for (const person of [ann, bob, cleo]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob, cleo]) {
    await expect(person.page.getByTestId("room")).toHaveAttribute("data-connection", "connected");
    person.serverAway = false;
  }
  expect((await saved(bob.page, "secret.pdf")).text).toBe("%PDF-1.7 a plan");
  expect((await saved(cleo.page, PDF.name)).text).toBe("%PDF-1.7 a plan");

  // Taken away it is gone for everyone, late joiners too.
  await ann.page.locator('[data-testid=chat-tab][data-name="Everyone"]').click();
  await card(ann.page, PDF.name).getByTestId("file-delete").click();
  await expect(card(cleo.page, PDF.name)).toHaveCount(0);
  const dan = await arrive("Dan", room.guest);
  await dan.join({ camera: false, microphone: false });
  await dan.page.getByTestId("chat").click();
  await expect(dan.page.getByTestId("chat-file")).toHaveCount(1);
});

test("a moderator opens it for all, and closes it again", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  for (const person of [ann, bob]) await person.join({ camera: false, microphone: false });
  await bob.page.getByTestId("chat").click();
  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-files").click();
  await expect(bob.page.getByTestId("file-attach")).toBeVisible();
  await ann.page.getByTestId("chat").click();
  // Low, so that a few lines fill it.
  await ann.page.setViewportSize({ width: 800, height: 420 });
  for (const line of ["One", "Two", "Three", "Four", "Five", "Six"]) {
    await ann.page.getByTestId("chat-input").fill(line);
    await ann.page.getByTestId("chat-input").press("Enter");
    await expect(ann.page.getByTestId("chat-line").filter({ hasText: line })).toBeInViewport();
  }
  // Dropped on the chat it goes like one that was chosen.
  await bob.page.getByTestId("chat-drop").evaluate((place, pixel) => {
    const bytes = Uint8Array.from(atob(pixel), (letter) => letter.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
    place.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
  }, PICTURE);
  // Who was at the end stays there when the picture is there.
  await expect(card(ann.page, "dropped.png").getByTestId("file-picture")).toBeInViewport();
  await expect(card(ann.page, "dropped.png").getByTestId("file-save")).toBeInViewport({ ratio: 1 });
  await card(bob.page, "dropped.png").getByTestId("file-delete").click();
  await expect(ann.page.getByTestId("chat-file")).toHaveCount(0);
  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-files").click();
  await expect(bob.page.getByTestId("file-attach")).toHaveCount(0);
});
