// Noise taken out of a voice on the device itself: what the other side then hears.

import type { Page } from "@playwright/test";

import { expect, test } from "./support/story";

/** Runs before the page's code: the microphone hears white noise, or something like a vowel that comes and goes. */
function beAMicrophone(): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!wanted?.audio) return original(wanted);
    const context = new AudioContext({ sampleRate: 48_000 });
    const buffer = context.createBuffer(1, 48_000, 48_000);
    const samples = buffer.getChannelData(0);
    const hears = (window as unknown as { __hears?: string }).__hears ?? "noise";
    let state = 1;
    // Harmonics of 125 Hz that are loud where a mouth makes them loud, four syllables a second.
    const harmonics = Array.from({ length: 24 }, (_, n) => {
      const hertz = 125 * (n + 1);
      const near = (formant: number) => 1 / (1 + ((hertz - formant) / 120) ** 2);
      return { hertz, weight: near(700) + 0.6 * near(1220) + 0.25 * near(2600) };
    });
    for (let at = 0; at < samples.length; at += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const noise = (state / 1_073_741_824 - 1) * 0.1;
      const time = at / 48_000;
      const voice = harmonics.reduce((sum, { hertz, weight }) => sum + weight * Math.sin(2 * Math.PI * hertz * time), 0);
      samples[at] = hears === "noise" ? noise : 0.08 * voice * Math.sin(Math.PI * 4 * time) ** 2;
    }
    const loop = new AudioBufferSourceNode(context, { buffer, loop: true });
    const out = context.createMediaStreamDestination();
    loop.connect(out);
    loop.start();
    return out.stream;
  };
}

/** How loud what `page` receives is, over the next second of received sound: RMS, 1 is full scale. */
async function heard(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const look = async (): Promise<{ energy: number; seconds: number }> => {
      const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
      let [energy, seconds] = [0, 0];
      for (const stat of (await kept.at(-1)?.getStats())?.values() ?? []) {
        if (stat.type !== "inbound-rtp" || stat.kind !== "audio" || !stat.packetsReceived) continue;
        energy += stat.totalAudioEnergy ?? 0;
        seconds += stat.totalSamplesDuration ?? 0;
      }
      return { energy, seconds };
    };
    const from = await look();
    let now = from;
    while (now.seconds < from.seconds + 1) {
      await new Promise((done) => setTimeout(done, 100));
      now = await look();
    }
    return Math.sqrt((now.energy - from.energy) / (now.seconds - from.seconds));
  });
}

/** Processor seconds that the page's process has used so far; workers and worklets are in it. */
async function processorSeconds(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  return metrics.find((metric) => metric.name === "ProcessTime")?.value ?? NaN;
}

/** Share of one processor that the page used while `during` ran. */
async function load<R>(page: Page, during: () => Promise<R>): Promise<[number, R]> {
  const [from, start] = [await processorSeconds(page), performance.now()];
  const result = await during();
  return [((await processorSeconds(page)) - from) / ((performance.now() - start) / 1000), result];
}

/** Files of the page's own that `page` asks for from now on. */
function asked(page: Page): string[] {
  const files: string[] = [];
  page.on("request", (request) => files.push(new URL(request.url()).pathname));
  return files;
}

const choose = (page: Page, noise: string) =>
  page.getByTestId("noise").locator(`input[value=${noise}]`).evaluate((radio) => (radio as HTMLInputElement).click());

test("white noise hardly reaches the others, a voice does; nothing is loaded before, and nothing from elsewhere", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beAMicrophone });
  const files = asked(ann.page);
  await ann.join({ camera: false });
  const { page: ben } = await arrive("Ben", room.guest).then(async (person) => (await person.join({ camera: false, microphone: false }), person));
  await expect.poll(() => heard(ben)).toBeGreaterThan(0.02);
  const [plainLoad, noise] = await load(ann.page, () => heard(ben));
  expect(files.filter((file) => /rnnoise|suppressor|worklet/i.test(file))).toEqual([]);

  await ann.page.getByTestId("settings").click();
  await choose(ann.page, "strong");
  await expect(ann.page.getByTestId("noise")).toHaveAttribute("data-value", "strong");
  expect(files.some((file) => file.endsWith(".wasm"))).toBe(true);
  await expect.poll(() => heard(ben)).toBeLessThan(noise / 10);
  const [strongLoad, quiet] = await load(ann.page, () => heard(ben));
  console.log(`noise ${noise.toFixed(4)} -> ${quiet.toFixed(4)} RMS; page ${plainLoad.toFixed(2)} -> ${strongLoad.toFixed(2)} of a processor`);

  // A voice gets through the same way.
  await ann.page.evaluate(() => ((window as unknown as { __hears: string }).__hears = "voice"));
  await choose(ann.page, "off");
  await expect(ann.page.getByTestId("noise")).toHaveAttribute("data-value", "off");
  await expect.poll(() => heard(ben)).toBeGreaterThan(0.01);
  const voice = await heard(ben);
  await choose(ann.page, "strong");
  await expect(ann.page.getByTestId("noise")).toHaveAttribute("data-value", "strong");
  await expect.poll(() => heard(ben)).toBeGreaterThan(voice / 3);
  console.log(`voice ${voice.toFixed(4)} -> ${(await heard(ben)).toFixed(4)} RMS`);

  // Muted is silent, whatever is in between.
  await ann.page.keyboard.press("Escape");
  await ann.page.getByTestId("mic").click();
  await expect(ann.page.getByTestId("mic")).toHaveAttribute("data-state", "muted");
  await expect.poll(() => heard(ben)).toBeLessThan(0.0001);
});

test("a suppressor out of which nothing comes is left out, and that is said", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beAMicrophone });
  // Loaded, and no program: nothing fails aloud, the worklet gives zeros for ever.
  await ann.page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "nothing" }));
  await ann.page.getByTestId("device-test").locator("summary").click();
  await choose(ann.page, "strong");
  await ann.join({ camera: false });
  const { page: ben } = await arrive("Ben", room.guest).then(async (person) => (await person.join({ camera: false, microphone: false }), person));
  await expect(ann.page.getByText("strong noise suppression does not work")).toBeVisible();
  await expect.poll(() => heard(ben)).toBeGreaterThan(0.02);
});
