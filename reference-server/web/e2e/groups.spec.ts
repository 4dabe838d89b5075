// A lesson in groups: a teacher and three pupils, hands, a poll, groups with a visit and a dead server in between, and everyone back.

import { expectFlawless } from "./support/flawless";
import { inbound, moved, picture, total } from "./support/media";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

/** Small pictures: four browsers share the machine. */
const SMALL = { width: 640, height: 480 } as const;

/** Everyone in `names` is seen moving and heard, and nobody else is shown. */
async function meets(person: Person, names: readonly string[]): Promise<void> {
  const { page } = person;
  await expect(page.locator('[data-testid=tile][data-own="false"]')).toHaveCount(names.length);
  for (const name of names) {
    const tile = person.tile(name);
    await expect.poll(async () => (await picture(tile)).mean, { timeout: 20_000 }).toBeGreaterThan(5);
    const before = await picture(tile);
    await expect.poll(async () => moved(before, await picture(tile))).toBeGreaterThan(0);
  }
  const heard = await total(page, "audio", "energy");
  await expect.poll(() => total(page, "audio", "energy"), { timeout: 20_000 }).toBeGreaterThan(heard);
  const pictures = (await inbound(page)).filter((stream) => stream.kind === "video" && stream.fps > 0);
  expect(pictures.length).toBeLessThanOrEqual(names.length);
}

test("a lesson in groups", async ({ server, arrive }, info) => {
  test.setTimeout(240_000);
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, SMALL);
  const bob = await arrive("Bob", room.guest, SMALL);
  const cleo = await arrive("Cleo", room.guest, { width: 360, height: 740, scheme: "dark" });
  const dan = await arrive("Dan", room.guest, { ...SMALL, locale: "de-DE" });
  const everyone = [ann, bob, cleo, dan];
  for (const person of everyone) await person.join();
  await meets(bob, ["Ann", "Cleo", "Dan"]);

  // Hands go up, and the teacher sees in which order.
  await cleo.page.getByTestId("hand").click();
  await bob.page.getByTestId("hand").click();
  await ann.page.getByTestId("people").click();
  await expect(ann.page.getByTestId("hands-order")).toContainText("Cleo, Bob");
  await ann.page.getByTestId("people").click();

  // A question to all, and the chart of what they say.
  await ann.page.getByTestId("polls").click();
  await ann.page.getByTestId("poll-question").fill("Have you read the text?");
  await ann.page.getByTestId("poll-start").click();
  for (const [person, choice] of [[bob, 0], [cleo, 0], [dan, 1]] as const) {
    await person.page.getByTestId("poll-show").click();
    await person.page.getByTestId("poll-choice").nth(choice).check();
    await person.page.getByTestId("poll-vote").click();
    await expect(person.page.getByTestId("poll-voted")).toBeVisible();
  }
  await ann.page.getByTestId("poll-close").click();
  await ann.page.getByTestId("poll-publish").click();
  await expect(dan.page.getByTestId("poll-row").first()).toHaveAttribute("data-count", "2");
  for (const person of everyone) await person.page.getByTestId("polls").click();

  // Into groups: Bob and Dan by a list, Cleo by hand to Bob.
  await ann.page.getByTestId("groups").click();
  await ann.page.getByText("From a list").click();
  await ann.page.getByTestId("groups-list").fill("bob, Zoe\nDan");
  await ann.page.getByTestId("groups-list-read").click();
  await expect(ann.page.getByTestId("groups-list-said")).toHaveText("2 people are in a group. Not here: Zoe.");
  const group = (name: string) => ann.page.locator(`[data-testid=groups-person][data-name=${name}] select`);
  await group("Cleo").selectOption("0");
  for (const [name, at] of [["Bob", "0"], ["Dan", "1"]] as const) await expect(group(name)).toHaveValue(at);
  await ann.page.screenshot({ path: info.outputPath("plan.png") });
  await ann.page.getByTestId("groups-open").click();
  await expect(dan.page.getByTestId("invited")).toHaveText("Sie gehören zu Group 2.");
  await cleo.page.screenshot({ path: info.outputPath("invited-360-dark.png") });
  for (const person of [bob, cleo, dan]) await person.page.getByTestId("group-enter").click();
  for (const person of [bob, cleo]) await expect(person.page.getByTestId("group-name")).toHaveText("Group 1");
  await expect(dan.page.getByTestId("group-name")).toHaveText("Group 2");

  // Microphone and camera are as they were; the two meet each other and nobody else.
  await expect(bob.page.getByTestId("camera")).toHaveAttribute("data-state", "on");
  await expect(bob.page.getByTestId("mic")).toHaveAttribute("data-state", "on");
  await meets(bob, ["Cleo"]);
  await meets(cleo, ["Bob"]);
  await expect(dan.page.locator('[data-testid=tile][data-own="false"]')).toHaveCount(0);
  await expect(ann.page.locator('[data-testid=tile][data-own="false"][data-source=camera] video')).toHaveCount(0);
  await expect(ann.page.getByTestId("group-person")).toHaveCount(3);
  await expect(ann.page.locator("[data-testid=group-person][data-inside=true]")).toHaveCount(3);
  await ann.page.screenshot({ path: info.outputPath("overview.png") });
  await cleo.page.screenshot({ path: info.outputPath("group-360-dark.png") });

  // What is written in a group stays there; what is told to all groups is read in each.
  await bob.page.getByTestId("chat").click();
  await bob.page.getByTestId("chat-input").fill("I take the first page.");
  await bob.page.getByTestId("chat-input").press("Enter");
  await cleo.page.getByTestId("chat").click();
  await expect(cleo.page.getByTestId("chat-line")).toContainText("I take the first page.");
  await cleo.page.getByTestId("chat").click();
  await ann.page.getByTestId("groups-text").fill("Ten minutes left.");
  await ann.page.getByTestId("groups-tell").click();
  for (const person of [bob, dan]) await expect(person.page.getByText("Ten minutes left.").first()).toBeVisible();

  // A group calls, and the teacher comes.
  await cleo.page.getByTestId("call-help").click();
  await expect(ann.page.getByTestId("group-help")).toContainText("Group 1");
  await ann.page.getByTestId("help-visit").click();
  await expect(ann.page.getByTestId("group-name")).toHaveText("Group 1");
  await meets(ann, ["Bob", "Cleo"]);
  await expect(ann.page.getByTestId("group-help")).toHaveCount(0);

  // The server dies in the middle of it. Everyone is where they were.
  for (const person of everyone) person.serverAway = true;
  await server.kill();
  await server.restart();
  for (const person of everyone) {
    await expect(person.page.getByTestId("reconnecting")).toHaveCount(0, { timeout: 30_000 });
    await expect(person.page.getByTestId("room")).toHaveAttribute("data-connection", "connected", { timeout: 30_000 });
    person.serverAway = false;
  }
  await expect(bob.page.getByTestId("chat-line")).toContainText("I take the first page.");
  await meets(cleo, ["Ann", "Bob"]);
  for (const person of [ann, cleo]) {
    await expectFlawless(person.page, "the group");
  }

  // Called back: everybody is in the main room again, seen and heard by all.
  await ann.page.getByTestId("groups").click();
  await ann.page.getByTestId("groups-close").click();
  for (const person of everyone) {
    await expect(person.page.getByTestId("group-name")).toHaveCount(0);
    await expect(person.page.getByTestId("camera")).toHaveAttribute("data-state", "on", { timeout: 20_000 });
  }
  await meets(ann, ["Bob", "Cleo", "Dan"]);
  await meets(dan, ["Ann", "Bob", "Cleo"]);
});
