// Small tiles get the low layer, the enlarged one the high layer.

import { inbound, total } from "./support/media";
import { expect, test } from "./support/story";

test("the enlarged tile gets the high layer, without a freeze in between", async ({
  server,
  arrive,
}) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { width: 1400, height: 900 });
  const others = [];
  for (const name of ["Bob", "Cem", "Dora"]) others.push(await arrive(name, room.guest));
  await ann.join({ camera: false, microphone: false });
  // Only one of them sends: a browser that encodes three layers is a busy one.
  const [bob] = others;
  if (!bob) throw new Error("nobody came");
  await bob.join({ microphone: false });
  for (const person of others.slice(1)) await person.join({ camera: false, microphone: false });

  const height = async () =>
    Math.max(0, ...(await inbound(ann.page)).filter((s) => s.kind === "video").map((s) => s.height));
  await expect.poll(() => total(ann.page, "video", "frames")).toBeGreaterThan(10);

  // The sender's browser has to be sending its high layer before anybody can be given it.
  await expect
    .poll(
      () =>
        bob.page.evaluate(async () => {
          const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
          let most = 0;
          for (const stat of (await kept.at(-1)?.getStats())?.values() ?? []) {
            if (stat.type === "outbound-rtp" && stat.kind === "video" && stat.framesPerSecond > 0) {
              most = Math.max(most, stat.frameHeight ?? 0);
            }
          }
          return most;
        }),
      { timeout: 40_000 },
    )
    .toBeGreaterThanOrEqual(720);

  await ann.tile("Bob").getByTestId("tile-pin").click();
  await expect.poll(height, { timeout: 20_000 }).toBeGreaterThanOrEqual(720);
  const settled = (await inbound(ann.page)).find((s) => s.kind === "video" && s.frames > 0);

  await ann.page.setViewportSize({ width: 420, height: 800 });
  await ann.tile("Bob").getByTestId("tile-pin").click();
  await expect.poll(height, { timeout: 20_000 }).toBeLessThanOrEqual(360);
  await ann.page.setViewportSize({ width: 1400, height: 900 });
  await ann.tile("Bob").getByTestId("tile-pin").click();
  await expect.poll(height, { timeout: 20_000 }).toBeGreaterThanOrEqual(720);

  const after = (await inbound(ann.page)).find((s) => s.kind === "video" && s.frames > 0);
  const frozen = (after?.frozenFor ?? 0) - (settled?.frozenFor ?? 0);
  const freezes = (after?.freezes ?? 0) - (settled?.freezes ?? 0);
  console.log(`two switches: ${freezes} freezes, ${Math.round(frozen * 1000)} ms in all`);
  expect(freezes === 0 ? 0 : frozen / freezes).toBeLessThanOrEqual(0.5);
});
