// The main job: people in one room see and hear each other through our SFU.

import { inbound, moved, picture, presentedFps, total } from "./support/media";
import { expect, test } from "./support/story";

test("three people see and hear each other", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  const cem = await arrive("Cem", room.guest);
  await ann.join();
  await bob.join();
  await cem.join();
  const people = [ann, bob, cem];

  // Those who came to somebody: from the click to the first picture of another.
  for (const person of [bob, cem]) {
    console.log(`${person.name}: ${await person.firstFrameAfter()} ms from join to a remote frame`);
  }

  for (const person of people) {
    for (const other of people.filter((p) => p !== person)) {
      const tile = person.tile(other.name);
      await expect.poll(async () => (await picture(tile)).mean).toBeGreaterThan(10);
      const before = await picture(tile);
      await expect.poll(async () => moved(before, await picture(tile))).toBeGreaterThan(0);
    }
  }

  for (const person of people) {
    const energy = await total(person.page, "audio", "energy");
    await expect.poll(() => total(person.page, "audio", "energy")).toBeGreaterThan(energy);
    const heard = (await inbound(person.page)).filter((s) => s.kind === "audio" && s.energy > 0);
    expect(heard.length, `voices ${person.name} hears`).toBeGreaterThanOrEqual(2);
  }

  for (const person of people) {
    const others = people.filter((p) => p !== person);
    const rates = await Promise.all(others.map((o) => presentedFps(person.tile(o.name), 3)));
    console.log(`${person.name} sees ${rates.map((r) => r.toFixed(1)).join(" and ")} fps`);
    for (const rate of rates) expect(rate).toBeGreaterThanOrEqual(12);
  }
});

test("someone without camera and microphone still sees, hears, and writes", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const eve = await arrive("Eve", room.guest);
  await ann.join();
  await eve.join({ camera: false, microphone: false });
  await expect.poll(async () => (await picture(eve.tile("Ann"))).mean).toBeGreaterThan(10);
  await expect.poll(() => total(eve.page, "audio", "energy")).toBeGreaterThan(0);

  await eve.page.getByTestId("chat").click();
  await eve.page.getByTestId("chat-input").fill("I only listen today.");
  await eve.page.getByTestId("chat-input").press("Enter");
  await ann.page.getByTestId("chat").click();
  await expect(ann.page.getByTestId("chat-line")).toContainText("I only listen today.");
});

test("a shared screen takes the stage of the others", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false });
  await bob.join({ camera: false, microphone: false });
  await ann.page.getByTestId("share").click();
  const shared = bob.tile("Ann", "screen");
  await expect(shared).toBeVisible();
  await expect.poll(async () => (await picture(shared)).mean).toBeGreaterThan(5);
  await ann.page.getByTestId("share").click();
  await expect(shared).toHaveCount(0);
});
