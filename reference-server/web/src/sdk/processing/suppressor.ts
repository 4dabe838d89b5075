// A voice without noise: RNNoise in an audio worklet, from our own files; loaded when it is first wanted.

import { RnnoiseWorkletNode } from "@sapphi-red/web-noise-suppressor";
import wasmUrl from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
import workletUrl from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";
import { ConfError } from "../error";
import { derive, report } from "./derived";
import { SoundProof } from "./proof";
import { scriptUrl } from "./script-url";

/** The network works on 10 ms at this rate and no other. */
const SAMPLE_RATE = 48_000;
const LOOK_MS = 200;
/** A browser that wants a click first does not answer at all. */
const START_WITHIN_MS = 3_000;

/**
 * `device` without its noise. If nothing comes out although something goes in,
 * the track goes on with the plain sound, and `noise_failed` is reported on it.
 */
export async function suppressNoise(device: MediaStreamTrack): Promise<MediaStreamTrack> {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
  try {
    const [wasmBinary] = await Promise.all([load(wasmUrl), context.audioWorklet.addModule(scriptUrl(workletUrl))]);
    await started(context);
    return connect(context, device, wasmBinary);
  } catch (thrown) {
    void context.close();
    throw ConfError.from(thrown, "noise_failed");
  }
}

function connect(context: AudioContext, device: MediaStreamTrack, wasmBinary: ArrayBuffer): MediaStreamTrack {
  const source = context.createMediaStreamSource(new MediaStream([device]));
  const suppressor = new RnnoiseWorkletNode(context, { wasmBinary, maxChannels: 1 });
  suppressor.channelCount = 1;
  suppressor.channelCountMode = "explicit";
  const out = context.createMediaStreamDestination();
  const [going, coming] = [context.createAnalyser(), context.createAnalyser()];
  source.connect(suppressor).connect(out);
  source.connect(going);
  suppressor.connect(coming);

  const proof = new SoundProof();
  const sound = new Float32Array(going.fftSize);
  const loudest = (of: AnalyserNode): number => {
    of.getFloatTimeDomainData(sound);
    return sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  };
  const looking = setInterval(() => {
    const verdict = proof.look(loudest(going), loudest(coming));
    if (verdict === "silent") goPlain();
    else if (verdict === "works") stopLooking();
  }, LOOK_MS);
  const stopLooking = (): void => {
    clearInterval(looking);
    source.disconnect(going);
    suppressor.disconnect(coming);
  };

  const [track] = out.stream.getAudioTracks();
  if (track === undefined) throw new ConfError("noise_failed");
  let plain = false;
  const goPlain = (): void => {
    if (plain) return;
    plain = true;
    clearInterval(looking);
    source.disconnect();
    suppressor.disconnect();
    suppressor.destroy();
    source.connect(out);
    report(track, "noise_failed");
  };
  suppressor.onprocessorerror = goPlain;
  // Some systems stop every sound for a telephone call, and leave it to the page to go on.
  context.onstatechange = () => {
    if (context.state !== "closed" && context.state !== "running") void context.resume();
  };
  return derive(track, device, () => {
    clearInterval(looking);
    context.onstatechange = null;
    suppressor.destroy();
    void context.close();
  });
}

async function load(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new ConfError("noise_failed", `${answer.status}`);
  return answer.arrayBuffer();
}

async function started(context: AudioContext): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((done) => (timer = setTimeout(done, START_WITHIN_MS)));
  await Promise.race([context.resume(), late]);
  clearTimeout(timer);
  if (context.state !== "running") throw new ConfError("noise_failed", "sound does not start");
}
