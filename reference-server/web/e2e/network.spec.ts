// The same meeting by other ways, and what happens when the way is lost.

import type { Person } from "./support/person";

import { expect, test } from "./support/apart";
import { inbound, moved, picture, total } from "./support/media";

/** Picture and voice of the other, from now on. */
async function expectMeeting(one: Person, other: Person): Promise<void> {
  for (const [watcher, watched] of [[one, other], [other, one]] as const) {
    const tile = watcher.tile(watched.name);
    const before = await picture(tile);
    const frames = await total(watcher.page, "video", "frames");
    const energy = await total(watcher.page, "audio", "energy");
    await expect.poll(async () => moved(before, await picture(tile)), { timeout: 40_000 }).toBeGreaterThan(0);
    await expect.poll(() => total(watcher.page, "video", "frames")).toBeGreaterThan(frames);
    await expect.poll(() => total(watcher.page, "audio", "energy")).toBeGreaterThan(energy);
  }
}

test("over IPv6 alone people see and hear each other", async ({ server, arrive, away, arriveAway }) => {
  away.onlyIpv6();
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arriveAway("Bob", room.guest);
  await ann.join();
  await bob.join();
  await expectMeeting(ann, bob);
  expect((await inbound(bob.page)).length).toBeGreaterThan(0);
});
