// A flash and a beep made at one instant, and what lies between them where they are received.

import type { Page } from "@playwright/test";

/**
 * Runs before the page's code: camera and microphone become a canvas that turns white and an
 * oscillator that sounds, both for a tenth of a second, once a second, at the same instant.
 *
 * The clock is the audio context's: the tone is scheduled for a moment of it ahead of time, and the
 * canvas is painted white as soon as a 4 ms timer sees that moment reached. The picture is thus
 * late by at most one timer tick and one frame (33 ms), the sound by one block (3 ms).
 */
export function beAClapper(): void {
  const PERIOD = 1;
  const LENGTH = 0.1;
  let made: { picture: MediaStreamTrack; sound: MediaStreamTrack } | null = null;

  const make = (): NonNullable<typeof made> => {
    const audio = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
    const tone = new OscillatorNode(audio, { frequency: 1_000 });
    const gate = new GainNode(audio, { gain: 0 });
    const out = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 });
    tone.connect(gate).connect(out);
    tone.start();

    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 360];
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no 2d context");
    let next = audio.currentTime + PERIOD;
    let until = 0;
    let scheduled = false;
    let step = 0;
    setInterval(() => {
      if (!scheduled && audio.currentTime > next - PERIOD / 2) {
        gate.gain.setValueAtTime(0.7, next);
        gate.gain.setValueAtTime(0, next + LENGTH);
        scheduled = true;
      }
      if (audio.currentTime >= next) {
        until = next + LENGTH;
        next += PERIOD;
        scheduled = false;
      }
      pen.fillStyle = audio.currentTime < until ? "#fff" : "#181818";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      // Something moves all the time, so that frames are sent all the time.
      pen.fillStyle = "#777";
      pen.fillRect((step = (step + 1) % canvas.width), 0, 8, 8);
    }, 4);
    const picture = canvas.captureStream(30).getVideoTracks()[0];
    const sound = out.stream.getAudioTracks()[0];
    if (!picture || !sound) throw new Error("no tracks");
    return { picture, sound };
  };

  navigator.mediaDevices.getUserMedia = async (wanted) => {
    made ??= make();
    const tracks = [];
    if (wanted?.video) tracks.push(made.picture.clone());
    if (wanted?.audio) tracks.push(made.sound.clone());
    return new MediaStream(tracks);
  };
}

interface Heard {
  flashes: number[];
  beeps: number[];
}

/**
 * Starts to note, on the receiving page, when flashes are shown in `name`'s tile and beeps heard,
 * both on the page's clock (`performance.now()`).
 *
 * A flash counts from the `expectedDisplayTime` of the first presented frame that is bright. A beep
 * counts from its first loud sample: every receiving audio track runs into one analyser; each 5 ms
 * the last 85 ms of samples are searched, the sample's place gives its time on the context's clock,
 * and `getOutputTimestamp` says when a sample of that time leaves the speaker.
 */
export async function watchClapper(page: Page, name: string): Promise<void> {
  await page.evaluate((who) => {
    const heard: Heard = { flashes: [], beeps: [] };
    Object.assign(window, { __clapper: heard });

    const small = new OffscreenCanvas(8, 8);
    const pen = small.getContext("2d", { willReadFrequently: true });
    const watched = new WeakSet<HTMLVideoElement>();
    let bright = false;
    const look = (video: HTMLVideoElement): void => {
      video.requestVideoFrameCallback((_now, frame) => {
        pen?.drawImage(video, 0, 0, 8, 8);
        const data = pen?.getImageData(0, 0, 8, 8).data ?? [];
        // A point in the middle: the moving mark is in a corner.
        const is = (data[4 * (8 * 4 + 4)] ?? 0) > 128;
        if (is && !bright) heard.flashes.push(frame.expectedDisplayTime);
        bright = is;
        if (video.isConnected) look(video);
      });
    };
    // The tile may get another element when its source comes back.
    setInterval(() => {
      const tile = `[data-testid=tile][data-name="${who}"][data-source=camera] video`;
      const video = document.querySelector<HTMLVideoElement>(tile);
      if (!video || watched.has(video)) return;
      watched.add(video);
      bright = false;
      look(video);
    }, 50);

    const audio = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
    const ear = new AnalyserNode(audio, { fftSize: 4096 });
    const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
    for (const { track } of kept.at(-1)?.getReceivers() ?? []) {
      if (track.kind === "audio") audio.createMediaStreamSource(new MediaStream([track])).connect(ear);
    }
    const samples = new Float32Array(ear.fftSize);
    let lastLoud = 0;
    setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      const end = audio.currentTime;
      const first = samples.findIndex((sample) => Math.abs(sample) > 0.1);
      if (first < 0) return;
      const at = end - (samples.length - first) / audio.sampleRate;
      // A tone is one beep, however often its samples are seen.
      const isNew = at - lastLoud > 0.3;
      lastLoud = end;
      if (!isNew) return;
      const { contextTime = 0, performanceTime = 0 } = audio.getOutputTimestamp();
      heard.beeps.push(performanceTime + (at - contextTime) * 1000);
    }, 5);
  }, name);
}

/** The page's clock, to name the moment from which something is measured. */
export function pageClock(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

/** Milliseconds by which each flash since `from` came after its beep; a lone one is left out. */
export async function skews(page: Page, from: number): Promise<number[]> {
  const { flashes, beeps } = await page.evaluate(
    () => (window as unknown as { __clapper: Heard }).__clapper,
  );
  const found: number[] = [];
  for (const flash of flashes.filter((at) => at > from)) {
    const beep = beeps.find((at) => Math.abs(at - flash) < 400);
    if (beep !== undefined) found.push(flash - beep);
  }
  return found;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
