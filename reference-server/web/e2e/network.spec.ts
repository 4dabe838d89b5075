// The same meeting by other ways, and what happens when the way is lost.

import { setTimeout as after } from "node:timers/promises";

import { expect, test } from "./support/apart";
import { beASlowCamera } from "./support/camera";
import { moved, picture, total, way } from "./support/media";
import type { Person } from "./support/person";

// Long by nature, and machines are shared.
test.describe.configure({ timeout: 180_000 });

/** Picture and voice of the other, both ways, from now on. */
async function expectMeeting(one: Person, other: Person): Promise<void> {
  for (const [watcher, watched] of [[one, other], [other, one]] as const) {
    const what = `${watcher.name} and ${watched.name}`;
    const tile = watcher.tile(watched.name);
    await expect(tile.locator("video")).toHaveCount(1);
    const before = await picture(tile);
    await expect
      .poll(async () => moved(before, await picture(tile)), { message: `${what}: picture`, timeout: 40_000 })
      .toBeGreaterThan(0);
    // Of the connection there is now: after an outage it may be another one.
    for (const [kind, figure] of [["video", "frames"], ["audio", "energy"]] as const) {
      const now = await total(watcher.page, kind, figure);
      await expect
        .poll(() => total(watcher.page, kind, figure), { message: `${what}: ${kind}` })
        .toBeGreaterThan(now);
    }
  }
}

/** How many connections the page has made; an unchanged number means the media outlived it all. */
async function connections(person: Person): Promise<number> {
  return person.page.evaluate(() => (window as unknown as { __kept: unknown[] }).__kept.length);
}

test("over IPv6 alone people see and hear each other", async ({ server, arrive, away, arriveAway }) => {
  away.onlyIpv6();
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arriveAway("Bob", room.guest, { first: beASlowCamera });
  await ann.join();
  await bob.join();
  await expectMeeting(ann, bob);
  expect((await way(bob.page))?.remote).toContain("fd77:");
});

test("where UDP is blocked the same meeting goes over TCP", async ({ server, arrive, away, arriveAway }) => {
  away.blockUdp();
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arriveAway("Bob", room.guest, { first: beASlowCamera });
  await ann.join();
  await bob.join();
  await expectMeeting(ann, bob);
  expect((await way(bob.page))?.protocol).toBe("tcp");
  expect((await way(ann.page))?.protocol).toBe("udp");
});

for (const how of ["unplugged", "silent"] as const) {
  test(`a network cut for ten seconds (${how}) comes back without a click`, async ({
    server,
    arrive,
    away,
    arriveAway,
  }) => {
    const room = await server.room();
    const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
    const bob = await arriveAway("Bob", room.guest, { first: beASlowCamera });
    await ann.join();
    await bob.join();
    await expectMeeting(ann, bob);
    const made = await connections(bob);

    bob.serverAway = true;
    away.cut(how);
    const tenSeconds = after(10_000);
    await expect(bob.page.getByTestId("reconnecting")).toBeVisible();
    await tenSeconds;
    away.mend();
    const mended = Date.now();
    await expectMeeting(ann, bob);
    console.log(`picture and voice again ${Date.now() - mended} ms after the network`);
    await expect(bob.page.getByTestId("reconnecting")).toHaveCount(0);
    console.log(`connections made meanwhile: ${(await connections(bob)) - made}`);
  });
}

test("a change of address keeps the meeting", async ({ server, arrive, away, arriveAway }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arriveAway("Bob", room.guest, { first: beASlowCamera });
  await ann.join();
  await bob.join();
  await expectMeeting(ann, bob);
  const made = await connections(bob);
  const old = (await way(bob.page))?.local;

  bob.serverAway = true;
  away.changeAddress();
  const changed = Date.now();
  await expect.poll(async () => (await way(bob.page))?.local ?? old, { timeout: 40_000 }).not.toBe(old);
  await expectMeeting(ann, bob);
  console.log(`picture and voice again ${Date.now() - changed} ms after the change`);
  console.log(`connections made meanwhile: ${(await connections(bob)) - made}`);
});
