// A moderator hides who is there: one is seen who speaks, and nobody else.

import type { Page } from "@playwright/test";
import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

const row = (page: Page, name: string) => page.locator(`[data-testid=people-row][data-name="${name}"]`);

test("who is hidden is on no list, who speaks is, and all are again once the list is open", async ({ server, arrive }, info) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest, { width: 360, height: 740, scheme: "dark" });
  const cleo = await arrive("Cleo", room.guest, { locale: "de-DE" });
  for (const person of [ann, bob, cleo]) await person.join({ camera: false, microphone: false });
  await ann.page.getByTestId("people").click();
  await bob.page.getByTestId("people").click();
  await expect(row(bob.page, "Cleo")).toBeVisible();

  await ann.page.getByTestId("lock-see_people").click();
  await expect(row(bob.page, "Cleo")).toHaveCount(0);
  await expect(row(bob.page, "Ann")).toBeVisible();
  await expect(bob.page.getByTestId("people-hidden")).toHaveText("Other participants are not shown.");
  await expect(bob.page.getByTestId("people-count")).toHaveCount(0);
  await expect(row(ann.page, "Cleo")).toBeVisible();
  await cleo.page.getByTestId("hand").click();
  await expect(ann.page.getByTestId("hands-order")).toContainText("Cleo");
  await expect(bob.page.getByTestId("hands-order")).toHaveCount(0);
  await expect(cleo.page.getByTestId("hand")).toHaveAttribute("aria-label", "Hand senken");
  await bob.page.screenshot({ path: info.outputPath("hidden-360-dark.png") });
  await expectFlawless(bob.page, "hidden-360-dark");
  await ann.page.screenshot({ path: info.outputPath("moderator.png") });
  await cleo.page.getByTestId("people").click();
  await expect(cleo.page.getByTestId("people-hidden")).toBeVisible();
  await cleo.page.screenshot({ path: info.outputPath("hidden-de.png") });

  // She speaks, and is there with the hand she raised; she is silent, and is not.
  await cleo.page.getByTestId("mic").click();
  await expect(row(bob.page, "Cleo")).toBeVisible();
  await expect(bob.page.getByTestId("hands-order")).toContainText("Cleo");
  await cleo.page.getByTestId("mic").click();
  await expect(row(bob.page, "Cleo")).toHaveCount(0);

  for (const person of [ann, bob, cleo]) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of [ann, bob, cleo]) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0);
    person.serverAway = false;
  }
  await expect(row(ann.page, "Cleo")).toBeVisible();
  await expect(row(bob.page, "Ann")).toBeVisible();
  await expect(row(bob.page, "Cleo")).toHaveCount(0);

  await ann.page.getByTestId("lock-see_people").click();
  await expect(row(bob.page, "Cleo")).toBeVisible();
  await expect(bob.page.getByTestId("people-hidden")).toHaveCount(0);
});
