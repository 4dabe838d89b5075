// A camera with its background blurred by our own code: the page's side of the worker that does it.

import { ConfError } from "../error";
import workerUrl from "./blur-worker.ts?worker&url";
import { derive, report } from "./derived";
import { scriptUrl } from "./script-url";

export type Strength = "light" | "strong";

export type ToWorker =
  | { type: "start"; strength: Strength; streams: Streams | null }
  | { type: "strength"; strength: Strength }
  /** `null` where the camera has no picture yet. */
  | { type: "frame"; frame: ImageBitmap | null };

export type FromWorker =
  | { type: "ready" }
  | { type: "alive" }
  | { type: "slow" }
  | { type: "want" }
  | { type: "picture"; picture: ImageBitmap }
  | { type: "failed"; why: string };

interface Streams {
  readable: ReadableStream<VideoFrame>;
  writable: WritableStream<VideoFrame>;
}

/** Of Chromium alone; newer than the types the compiler knows. */
interface Insertable {
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack; maxBufferSize: number }) => Pick<Streams, "readable">;
  MediaStreamTrackGenerator?: new (init: { kind: "video" }) => MediaStreamTrack & Pick<Streams, "writable">;
}

/** Three megabytes come first, over whatever line one has. */
const READY_WITHIN_MS = 60_000;
/** The worker speaks once a second. Counted in looks, not in time: a device that slept is not a worker that died. */
const LOOK_MS = 2_000;
const LOOKS = 5;

const workers = new WeakMap<MediaStreamTrack, Worker>();

/**
 * `device` with its background blurred. No clear picture ever reaches the track:
 * before the first blurred one it has none, and when the worker fails it gets
 * no more and `blur_failed` is reported on it. `blur_slow` says that less is done.
 */
export async function softenBackground(device: MediaStreamTrack, strength: Strength): Promise<MediaStreamTrack> {
  const worker = new Worker(scriptUrl(workerUrl), { type: "module" });
  try {
    const way = insertable(device) ?? (await drawn(device, worker));
    await ready(worker, strength, way.streams);
    return tie(way, device, worker);
  } catch (thrown) {
    worker.terminate();
    throw ConfError.from(thrown, "blur_failed");
  }
}

/** Of a track from `softenBackground`. */
export function setStrength(track: MediaStreamTrack, strength: Strength): void {
  workers.get(track)?.postMessage({ type: "strength", strength } satisfies ToWorker);
}

/** How pictures come to the worker and back. */
interface Way {
  readonly made: MediaStreamTrack;
  readonly streams: Streams | null;
  readonly hear: (message: FromWorker) => void;
  readonly end: () => void;
}

/** Pictures go to the worker and back without touching the page. */
function insertable(device: MediaStreamTrack): Way | null {
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = globalThis as Insertable;
  if (MediaStreamTrackProcessor === undefined || MediaStreamTrackGenerator === undefined) return null;
  const { readable } = new MediaStreamTrackProcessor({ track: device, maxBufferSize: 1 });
  const made = new MediaStreamTrackGenerator({ kind: "video" });
  return { made, streams: { readable, writable: made.writable }, hear: () => undefined, end: () => undefined };
}

/** Pictures are taken from a video element and drawn onto a canvas that is sent. */
async function drawn(device: MediaStreamTrack, worker: Worker): Promise<Way> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([device]);
  await video.play();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  [canvas.width, canvas.height] = [video.videoWidth || 640, video.videoHeight || 360];
  const [made] = canvas.captureStream().getVideoTracks();
  if (pen === null || made === undefined) throw new ConfError("blur_failed", "no canvas");
  const take = async (): Promise<void> => {
    const frame = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await createImageBitmap(video).catch(() => null) : null;
    worker.postMessage({ type: "frame", frame } satisfies ToWorker, frame === null ? [] : [frame]);
  };
  return {
    made,
    streams: null,
    hear: (message) => {
      if (message.type === "want") void take();
      if (message.type !== "picture") return;
      const { picture } = message;
      if (canvas.width !== picture.width || canvas.height !== picture.height) [canvas.width, canvas.height] = [picture.width, picture.height];
      pen.drawImage(picture, 0, 0);
      picture.close();
    },
    end: () => {
      video.srcObject = null;
    },
  };
}

function ready(worker: Worker, strength: Strength, streams: Streams | null): Promise<void> {
  return new Promise((done, failed) => {
    const late = setTimeout(() => fail("not ready in time"), READY_WITHIN_MS);
    const fail = (why: string): void => {
      clearTimeout(late);
      failed(new ConfError("blur_failed", why));
    };
    worker.onerror = (event) => fail(event.message);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "failed") fail(data.why);
      if (data.type !== "ready") return;
      clearTimeout(late);
      done();
    };
    const transfer = streams === null ? [] : [streams.readable, streams.writable];
    worker.postMessage({ type: "start", strength, streams } satisfies ToWorker, transfer);
  });
}

function tie(way: Way, device: MediaStreamTrack, worker: Worker): MediaStreamTrack {
  let missed = 0;
  const end = (): void => {
    clearInterval(looking);
    worker.terminate();
    way.end();
  };
  const track = derive(way.made, device, end, { backgroundBlur: true });
  const fail = (): void => {
    // First no more pictures, then the word of it.
    end();
    report(track, "blur_failed");
  };
  const looking = setInterval(() => {
    missed += 1;
    if (missed > LOOKS) fail();
  }, LOOK_MS);
  worker.onerror = fail;
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    missed = 0;
    if (data.type === "failed") fail();
    else if (data.type === "slow") report(track, "blur_slow");
    else way.hear(data);
  };
  workers.set(track, worker);
  return track;
}
