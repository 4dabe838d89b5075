// The server dies in the middle of a meeting and comes back.

import { inbound, total } from "./support/media";
import { expect, test } from "./support/story";

test("a killed server brings everyone back without a click", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join();
  await bob.join();
  for (const person of [ann, bob]) {
    await expect.poll(() => total(person.page, "video", "frames")).toBeGreaterThan(10);
  }
  await bob.page.getByTestId("hand").click();
  await bob.page.getByTestId("chat").click();
  await bob.page.getByTestId("chat-input").fill("Said before the crash.");
  await bob.page.getByTestId("chat-input").press("Enter");
  await expect(bob.page.getByTestId("chat-line")).toHaveCount(1);

  for (const person of [ann, bob]) person.serverAway = true;
  await server.kill();
  for (const person of [ann, bob]) {
    await expect(person.page.getByTestId("reconnecting")).toBeVisible();
  }
  await server.restart();
  const ready = Date.now();

  for (const person of [ann, bob]) {
    // A new connection, and it decodes.
    await expect
      .poll(async () => {
        const video = (await inbound(person.page)).filter((s) => s.kind === "video");
        const connections = await person.page.evaluate(
          () => (window as unknown as { __kept: RTCPeerConnection[] }).__kept.length,
        );
        return connections > 1 && video.some((s) => s.frames > 5);
      }, { intervals: [100], timeout: 15_000 })
      .toBe(true);
    console.log(`${person.name} decodes again ${Date.now() - ready} ms after the ready line`);
  }
  expect(Date.now() - ready).toBeLessThan(5_000);

  await expect(ann.page.getByTestId("reconnecting")).toHaveCount(0);
  await ann.page.getByTestId("people").click();
  await expect(ann.page.getByTestId("people-row")).toHaveCount(2);
  await expect(ann.page.getByTestId("hands-order")).toContainText("Bob");
  await expect(
    ann.page.locator('[data-testid=people-row][data-name="Ann"]').getByTestId("marks"),
  ).toContainText("Moderator");
  await ann.page.getByTestId("chat").click();
  await expect(ann.page.getByTestId("chat-line")).toContainText("Said before the crash.");
  await expect.poll(() => total(ann.page, "audio", "energy")).toBeGreaterThan(0);
});
