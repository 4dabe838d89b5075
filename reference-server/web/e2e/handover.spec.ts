// What is handed on: the mark to present, the release to share, the role to moderate, a word while all are silent.

import type { Page } from "@playwright/test";
import { expect, test } from "./support/story";

const row = (page: Page, name: string) => page.locator(`[data-testid=people-row][data-name="${name}"]`);

/** Opens the actions for someone in the list of people. */
async function actions(page: Page, name: string) {
  const found = row(page, name);
  const menu = found.getByTestId("person-menu");
  if ((await menu.getAttribute("aria-expanded")) !== "true") await menu.click();
  return found;
}

test("who asks to present gets it, and shares once a moderator releases it", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  for (const person of [ann, bob]) await person.join({ camera: false, microphone: false });

  await expect(bob.page.getByTestId("share")).toHaveCount(0);
  await bob.page.getByTestId("ask-to-present").click();
  await expect(bob.page.getByTestId("ask-to-present")).toHaveAttribute("aria-pressed", "true");
  await expect(ann.page.getByTestId("asking-to-present")).toContainText("Bob asks to present");
  await bob.page.getByTestId("ask-to-present").click();
  await expect(ann.page.getByTestId("asking-to-present")).toHaveCount(0);

  await bob.page.getByTestId("ask-to-present").click();
  // By keyboard, and the focus is not lost with the button.
  await ann.page.getByTestId("asking-give").focus();
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByTestId("people")).toBeFocused();
  const share = bob.page.getByTestId("share");
  await expect(share).toHaveAttribute("aria-disabled", "true");
  await expect(bob.page.getByTestId("notice").filter({ hasText: "You are presenting now" })).toBeVisible();

  await ann.page.getByTestId("people").click();
  const his = await actions(ann.page, "Bob");
  await his.getByTestId("exception-screen").click();
  await expect(share).toHaveAttribute("aria-disabled", "false");
  await share.click();
  await expect(ann.page.getByTestId("people-row").filter({ hasText: "Bob" }).getByTestId("stop-screen")).toBeVisible();
  await expect(ann.tile("Bob", "screen")).toBeVisible();
  await his.getByTestId("exception-screen").click();
  await expect(ann.tile("Bob", "screen")).toHaveCount(0);
  await expect(share).toHaveAttribute("aria-disabled", "true");

  await his.getByTestId("take-presenter").click();
  await expect(bob.page.getByTestId("ask-to-present")).toBeVisible();
});

test("a moderator hands the role on, takes it back, and cannot be the last to go", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const dan = await arrive("Dan", room.moderator);
  for (const person of [ann, dan]) await person.join({ camera: false, microphone: false });
  for (const person of [ann, dan]) await person.page.getByTestId("people").click();
  await expect(dan.page.getByTestId("entrance")).toBeVisible();

  await (await actions(ann.page, "Dan")).getByTestId("demote").click();
  await expect(dan.page.getByTestId("entrance")).toHaveCount(0);
  await expect(row(ann.page, "Dan").getByTestId("marks")).toHaveCount(0);
  // The same access, the role as it stands.
  await dan.page.reload();
  await expect(dan.page.getByTestId("leave")).toBeVisible();
  await dan.page.getByTestId("people").click();
  await expect(dan.page.getByTestId("entrance")).toHaveCount(0);

  await (await actions(ann.page, "Ann")).getByTestId("demote").click();
  await expect(ann.page.getByTestId("notice").filter({ hasText: "Nobody else moderates" })).toBeVisible();
  await (await actions(ann.page, "Dan")).getByTestId("promote").click();
  await expect(dan.page.getByTestId("entrance")).toBeVisible();
  await (await actions(ann.page, "Ann")).getByTestId("demote").click();
  await expect(ann.page.getByTestId("entrance")).toHaveCount(0);

  await (await actions(ann.page, "Ann")).getByTestId("away").click();
  await expect(row(dan.page, "Ann").getByTestId("marks")).toContainText("Away for a moment");
  // Her link is still the one for moderators: she is not asked to send it round.
  await dan.page.getByTestId("leave").click();
  await dan.page.getByTestId("leave-only").click();
  await expect(ann.page.getByTestId("people-row")).toHaveCount(1);
  await expect(ann.page.getByTestId("waiting")).toBeVisible();
  await expect(ann.page.getByTestId("waiting")).not.toContainText("Send this link");
});

test("while microphones are locked one person may speak, is asked to, and opens it themself", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join({ camera: false });
  const mic = bob.page.getByTestId("mic");
  await expect(mic).toHaveAttribute("data-state", "on");

  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-microphone").click();
  await expect(mic).toHaveAttribute("data-state", "muted");
  await expect(mic).toHaveAttribute("aria-disabled", "true");
  const his = await actions(ann.page, "Bob");
  await his.getByTestId("exception-microphone").click();
  await expect(mic).toHaveAttribute("aria-disabled", "false");
  await his.getByTestId("ask-unmute").click();
  const asked = bob.page.getByTestId("asked-to-unmute");
  await expect(asked).toContainText("Ann asks you to turn on your microphone");
  await expect(mic).toHaveAttribute("data-state", "muted");
  await asked.getByTestId("asked-unmute").click();
  await expect(mic).toHaveAttribute("data-state", "on");
  await expect(asked).toHaveCount(0);
  await his.getByTestId("exception-microphone").click();
  await expect(mic).toHaveAttribute("data-state", "muted");
});

test("a hidden camera has a word in its place, and a name changes for everyone", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cem = await arrive("Cem", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join({ microphone: false });
  await cem.join({ camera: false, microphone: false });
  const video = cem.tile("Bob").locator("video.moving");
  await expect(video).toBeVisible();

  await ann.page.getByTestId("people").click();
  await ann.page.getByTestId("lock-see_cameras").click();
  await expect(cem.tile("Bob").locator("[data-why=hidden]")).toContainText("Only moderators see this camera");
  await expect(video).toHaveCount(0);
  await expect(ann.tile("Bob").locator("video.moving")).toBeVisible();
  await ann.page.getByTestId("lock-see_cameras").click();
  await expect(video).toBeVisible();

  await (await actions(ann.page, "Bob")).getByTestId("rename").click();
  await ann.page.getByTestId("rename-text").fill("Robert");
  await ann.page.getByTestId("rename-confirm").click();
  await expect(cem.tile("Robert")).toBeVisible();

  await cem.page.getByTestId("people").click();
  await (await actions(cem.page, "Ann")).getByTestId("report").click();
  await cem.page.getByTestId("report-text").fill("She renames people.");
  await cem.page.getByTestId("report-confirm").click();
  await expect(cem.page.getByTestId("notice").filter({ hasText: "kept for the operator" })).toBeVisible();
});
