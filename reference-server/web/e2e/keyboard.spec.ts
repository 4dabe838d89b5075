// Twenty tasks done by keyboard alone: nothing here clicks, and the focus is moved only by keys. The list is
// the one of `docs/guide/keyboard.md`.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Locator, Page } from "@playwright/test";

import { press, tabTo, write } from "./support/keys";
import { expect, test } from "./support/story";

const GUIDE = join(import.meta.dirname, "../../../docs/guide/keyboard.md");

/** The numbered tasks of the guide, in their order. */
function tasksOfGuide(): string[] {
  return [...readFileSync(GUIDE, "utf8").matchAll(/^\d+\. \*\*(.+?)\*\*/gm)].map((found) => found[1] ?? "");
}

const by = (page: Page, id: string): Locator => page.getByTestId(id);
const row = (page: Page, name: string) => page.locator(`[data-testid=people-row][data-name="${name}"]`);

/** Moves the focus backwards to something and presses it. */
async function back(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target, "Shift+Tab");
  await page.keyboard.press("Enter");
}

/** Opens what can be done with somebody. */
async function actions(page: Page, name: string): Promise<Locator> {
  const found = row(page, name);
  if ((await found.getByTestId("person-menu").getAttribute("aria-expanded")) !== "true") {
    await press(page, found.getByTestId("person-menu"));
  }
  return found;
}

test("twenty tasks by keyboard alone", async ({ server, arrive }) => {
  test.setTimeout(240_000);
  const done: string[] = [];
  const task = (name: string, work: () => Promise<void>) =>
    test.step(name, async () => {
      await work();
      done.push(name);
    });

  const ann = (await arrive("Ann", `${server.url}/`)).page;
  let guests = "";
  await task("Make a room", async () => {
    await write(ann, by(ann, "room-name"), "Choir practice");
    await ann.keyboard.press("Enter");
    guests = await by(ann, "guest-link").inputValue();
  });
  await task("Go in", async () => {
    await press(ann, by(ann, "enter-room"));
    await write(ann, by(ann, "join-name"), "Ann");
    await ann.keyboard.press("Enter");
    await expect(by(ann, "leave")).toBeVisible();
  });
  await task("Let somebody in from the lobby", async () => {
    const url = new URL(guests, server.url).toString();
    const bob = (await arrive("Bob", url)).page;
    await write(bob, by(bob, "join-name"), "Bob");
    await bob.keyboard.press("Enter");
    await press(ann, by(ann, "knocking-admit"));
    await expect(by(bob, "leave")).toBeVisible();
    await bob.keyboard.press("p");
    await expect(row(bob, "Ann")).toBeVisible();
  });
  await task("Switch microphone and camera on and off", async () => {
    for (const [key, id] of [["m", "mic"], ["v", "camera"]] as const) {
      await ann.keyboard.press(key);
      await expect(by(ann, id)).toHaveAttribute("data-state", "on");
      await press(ann, by(ann, id), "Space");
      await expect(by(ann, id)).not.toHaveAttribute("data-state", "on");
    }
  });
  await task("Raise a hand and lower it", async () => {
    await ann.keyboard.press("h");
    await expect(by(ann, "hand")).toHaveAttribute("aria-pressed", "true");
    await press(ann, by(ann, "hand"), "Space");
    await expect(by(ann, "hand")).toHaveAttribute("aria-pressed", "false");
  });
  await task("Look up the keys", async () => {
    await ann.keyboard.press("?");
    await expect(by(ann, "shortcuts")).toBeVisible();
    await ann.keyboard.press("Escape");
    await expect(by(ann, "shortcuts")).toHaveCount(0);
  });
  const line = by(ann, "chat-line");
  await task("Write to everyone", async () => {
    await ann.keyboard.press("c");
    await expect(by(ann, "chat-input")).toBeFocused();
    await ann.keyboard.type("Good mornng!");
    await ann.keyboard.press("Enter");
    await expect(line).toHaveCount(1);
  });
  await task("Correct a message", async () => {
    await back(ann, by(ann, "chat-message").first());
    await press(ann, by(ann, "chat-edit"));
    await write(ann, by(ann, "chat-input"), "Good morning!");
    await ann.keyboard.press("Enter");
    await expect(line.first()).toContainText("Good morning!");
  });
  await task("Put a sign to a message", async () => {
    await back(ann, by(ann, "chat-message").first());
    await press(ann, by(ann, "chat-react").first());
    await expect(by(ann, "chat-sign")).toHaveCount(1);
  });
  await task("Answer a message", async () => {
    await back(ann, by(ann, "chat-message").first());
    await press(ann, by(ann, "chat-answer"));
    await write(ann, by(ann, "chat-input"), "Nobody awake?");
    await ann.keyboard.press("Enter");
    await expect(by(ann, "chat-quote")).toHaveCount(1);
  });
  await task("Write to one person alone", async () => {
    await back(ann, by(ann, "chat-new"));
    await press(ann, by(ann, "chat-person").first());
    await write(ann, by(ann, "chat-input"), "For you alone.");
    await ann.keyboard.press("Enter");
    await expect(line).toHaveCount(1);
  });
  await task("Ask everyone in a poll", async () => {
    await press(ann, by(ann, "polls"));
    await write(ann, by(ann, "poll-question"), "Shall we begin?");
    await press(ann, by(ann, "poll-start"));
    await expect(by(ann, "poll")).toBeVisible();
  });
  await task("Vote", async () => {
    await tabTo(ann, by(ann, "poll-choice").first());
    await ann.keyboard.press("Space");
    await press(ann, by(ann, "poll-vote"));
    await expect(by(ann, "poll-voted")).toBeVisible();
  });
  await task("Close a poll and publish it", async () => {
    await press(ann, by(ann, "poll-close"));
    await press(ann, by(ann, "poll-publish"));
    await expect(by(ann, "poll-chart").first()).toBeVisible();
  });
  await task("Lock something for everyone, and lift it for one", async () => {
    await ann.keyboard.press("p");
    await expect(row(ann, "Bob")).toBeVisible();
    await press(ann, by(ann, "lock-chat"), "Space");
    await expect(by(ann, "lock-chat")).not.toBeChecked();
    const his = await actions(ann, "Bob");
    await press(ann, his.getByTestId("exception-chat"), "Space");
    await expect(his.getByTestId("exception-chat")).toBeChecked();
  });
  await task("Make somebody the presenter", async () => {
    const his = await actions(ann, "Bob");
    await press(ann, his.getByTestId("make-presenter"));
    await expect(his.getByTestId("marks")).toContainText("Presenter");
  });
  await task("Say that one is away", async () => {
    const own = await actions(ann, "Ann");
    await press(ann, own.getByTestId("away"), "Space");
    await expect(row(ann, "Ann").getByTestId("marks")).toContainText("Away for a moment");
  });
  await task("Change one's name", async () => {
    const own = await actions(ann, "Ann");
    await press(ann, own.getByTestId("rename"));
    await write(ann, by(ann, "rename-text"), "Ann Lee");
    await ann.keyboard.press("Enter");
    await expect(row(ann, "Ann Lee")).toBeVisible();
  });
  await task("Remove somebody", async () => {
    await press(ann, (await actions(ann, "Bob")).getByTestId("remove"));
    await press(ann, by(ann, "remove-confirm"));
    await expect(row(ann, "Bob")).toHaveCount(0);
  });
  await task("End the meeting for all", async () => {
    await press(ann, by(ann, "leave"));
    await press(ann, by(ann, "end-for-all"));
    await press(ann, by(ann, "end-confirm"));
    await expect(by(ann, "over")).toBeVisible();
  });

  expect(done, "the guide's list").toEqual(tasksOfGuide());
  expect(done).toHaveLength(20);
});
