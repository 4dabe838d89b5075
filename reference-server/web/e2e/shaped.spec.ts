// A thin link in the middle of a meeting: the picture becomes small at once and large again, the page
// says why, and nothing stands still for long.
//
// Unlike everywhere else there are bounds in seconds of a clock on the wall: so they were promised.

import { beABusyCamera, beASlowCamera } from "./support/camera";
import { inbound, total } from "./support/media";
import { Shaper } from "./support/shaper";
import { expect, test as base } from "./support/story";
import { Watch } from "./support/watch";

const WIDE = 3_000_000;
const NARROW = 500_000;

// Promised are 2 s, 8 s and 1 s of freezes; docs/measured.md says how often each was kept. A machine shared
// with others is late by itself, so what is asserted is twice that of the median of several falls, and what
// was found is printed.
const SMALL_WITHIN = 4_000;
const LARGE_WITHIN = 16_000;
const FROZEN_AT_MOST = 2_000;
const FALLS = 3;

const test = base.extend<{ shaper: Shaper }>({
  shaper: async ({ server }, use) => {
    const shaper = await Shaper.before(server.media);
    await use(shaper);
    await shaper.stop();
  },
});

// Seconds are judged in one language; in the other it is seen that the page says why.
for (const { locale, falls } of [
  { locale: "en-GB", falls: FALLS },
  { locale: "de-DE", falls: 1 },
]) {
  test(`a picture follows a link that falls and comes back: ${locale}`, async ({ server, shaper, arrive }, info) => {
    test.setTimeout(240_000);
    await shaper.rate(WIDE);
    const room = await server.room();
    const ann = await arrive("Ann", room.moderator, { first: beABusyCamera });
    const bob = await arrive("Bob", room.guest, { through: shaper.port, locale, width: 1400, height: 900 });
    await ann.join();
    await bob.join({ camera: false, microphone: false });
    const why = bob.tile("Ann").getByTestId("why");
    const watch = await Watch.of(bob.page);
    const small: number[] = [];
    const large: number[] = [];
    const frozen: number[] = [];

    for (let fall = 0; fall < falls; fall += 1) {
      // The whole rate of the largest layer, not its first pictures: the sender begins gently too.
      await expect
        .poll(() => watch.kbps(2_000), { message: "a large picture at its full rate", timeout: 60_000 })
        .toBeGreaterThan(1_200);
      await expect(why).toHaveCount(0);
      const before = await watch.last();
      expect(before.height).toBeGreaterThan(400);

      const fell = await shaper.rate(NARROW);
      small.push((await watch.first(fell, "small")) - fell);
      await expect(why).toHaveAttribute("data-why", "lowered");
      if (fall === 0) await bob.page.screenshot({ path: info.outputPath(`lowered-${locale}.png`) });
      // What is small stays so while the link is thin.
      await watch.until(fell + 8_000);

      const rose = await shaper.rate(WIDE);
      large.push((await watch.first(rose, "large")) - rose);
      await expect(why).toHaveCount(0);
      if (fall === 0) await bob.page.screenshot({ path: info.outputPath(`again-${locale}.png`) });
      await watch.until(rose + 10_000);

      const after = await watch.last();
      frozen.push(Math.round((after.frozenFor - before.frozenFor) * 1_000));
      console.log(
        `small after ${small.at(-1)} ms, large after ${large.at(-1)} ms; ` +
          `${after.freezes - before.freezes} freezes, ${frozen.at(-1)} ms in all; ${await watch.course(fell)}`,
      );
    }
    console.log(await shaper.counts());
    if (falls < FALLS) return;
    expect(median(small), "milliseconds until the layer fell").toBeLessThan(SMALL_WITHIN);
    expect(median(large), "milliseconds until the layer was back").toBeLessThan(LARGE_WITHIN);
    expect(median(frozen), "milliseconds of freezes over both steps").toBeLessThan(FROZEN_AT_MOST);
  });
}

function median(of: number[]): number {
  return [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN;
}

test("one packet in twenty lost and 60 ms of way keep picture and sound", async ({ server, shaper, arrive }) => {
  await shaper.rate(WIDE);
  await shaper.delay(30);
  await shaper.loss(0.05);
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beASlowCamera });
  const bob = await arrive("Bob", room.guest, { through: shaper.port, width: 1400, height: 900 });
  await ann.join();
  await bob.join({ camera: false, microphone: false });
  await expect.poll(() => total(bob.page, "video", "frames"), { timeout: 40_000 }).toBeGreaterThan(10);

  // Anew each time, for a hundred frames: neither may stop.
  const begun = (await inbound(bob.page)).reduce((sum, s) => sum + s.frozenFor, 0);
  for (let turn = 0; turn < 5; turn += 1) {
    const frames = await total(bob.page, "video", "frames");
    const energy = await total(bob.page, "audio", "energy");
    await expect.poll(() => total(bob.page, "video", "frames"), { message: "frames" }).toBeGreaterThan(frames + 20);
    await expect.poll(() => total(bob.page, "audio", "energy"), { message: "sound" }).toBeGreaterThan(energy);
  }
  const frozen = (await inbound(bob.page)).reduce((sum, s) => sum + s.frozenFor, 0) - begun;
  const counts = await shaper.counts();
  console.log(`${Math.round(frozen * 1_000)} ms of freezes in 100 frames; ${counts}`);
  expect(Number(/down .*?lost=(\d+)/.exec(counts)?.[1]), "packets lost on the way").toBeGreaterThan(10);
});

// A machine that is late by itself freezes too: the share is printed, and that frames go on is asserted.
// The bounds are those of conf-media/tests/lossy.rs, in simulated time.
for (const lossy of ["who sends", "who watches"] as const) {
  test(`a fifth lost in bursts on the line of ${lossy} leaves a picture that moves`, async ({ server, shaper, arrive }) => {
    test.setTimeout(150_000);
    await shaper.delay(30);
    const room = await server.room();
    const through = (of: string): { through?: number } => (of === lossy ? { through: shaper.port } : {});
    const ann = await arrive("Ann", room.moderator, { first: beABusyCamera, ...through("who sends") });
    const bob = await arrive("Bob", room.guest, { width: 1400, height: 900, ...through("who watches") });
    await ann.join();
    await bob.join({ camera: false, microphone: false });
    await expect.poll(() => total(bob.page, "video", "frames"), { timeout: 40_000 }).toBeGreaterThan(30);
    const watch = await Watch.of(bob.page);
    await shaper.loss(0.2, 3);
    const bad = Date.now();
    // What the line is like has to be learnt.
    await watch.until(bad + 15_000);
    const before = await watch.last();
    await watch.until(bad + 40_000);
    const after = await watch.last();
    const seconds = (after.at - before.at) / 1_000;
    const share = ((after.frozenFor - before.frozenFor) / seconds) * 100;
    console.log(
      `${lossy}: ${((after.frames - before.frames) / seconds).toFixed(1)} frames a second, ` +
        `frozen ${share.toFixed(1)} % of the time; ${await watch.course(bad)}; ${await shaper.counts()}`,
    );
    expect(after.frames - before.frames, "frames in 25 seconds").toBeGreaterThan(100);
  });
}
