// Finds the person in each picture and blurs the rest; the only place that pictures leave for the call from.

import { ImageSegmenter } from "@mediapipe/tasks-vision";
import loaderUrl from "@mediapipe/tasks-vision/vision_wasm_module_internal.js?url";
import binaryUrl from "@mediapipe/tasks-vision/vision_wasm_module_internal.wasm?url";
import { Pace } from "./pace";
import modelUrl from "./selfie.tflite?url";
import type { FromWorker, Strength, ToWorker } from "./softened";
import { cutOut, soften } from "./softening";

/** What the network looks at, and what the background is blurred on. */
const [LONG, SHORT] = [256, 144];
/** In pixels of that small picture. */
const RADIUS: Record<Strength, number> = { light: 3, strong: 8 };
const ALIVE_MS = 1_000;

const door = self as unknown as {
  onmessage: ((message: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
};

// What runs the network says everything as an error, even that all is well.
const complain = console.error.bind(console);
console.error = (...said: unknown[]) => (String(said[0]).startsWith("INFO:") ? console.info(...said) : complain(...said));

const pace = new Pace();
let strength: Strength = "strong";
let segmenter: ImageSegmenter;
let last = -Infinity;

const canvas = new OffscreenCanvas(LONG, SHORT);
const small = new OffscreenCanvas(LONG, SHORT);
const matte = new OffscreenCanvas(LONG, SHORT);
const pen = context(canvas);
// Read back for every picture: faster where it never leaves the processor.
const smallPen = context(small, { willReadFrequently: true });
const mattePen = context(matte);

door.onmessage = ({ data }) => {
  switch (data.type) {
    case "start":
      strength = data.strength;
      start(data.streams).catch(failed);
      return;
    case "strength":
      strength = data.strength;
      return;
    case "frame":
      answer(data.frame);
      return;
    default:
      data satisfies never;
  }
};

async function start(streams: { readable: ReadableStream<VideoFrame>; writable: WritableStream<VideoFrame> } | null): Promise<void> {
  const answered = await fetch(modelUrl);
  if (!answered.ok) throw new Error(`model: ${answered.status}`);
  segmenter = await ImageSegmenter.createFromOptions(
    { wasmLoaderPath: loaderUrl, wasmBinaryPath: binaryUrl },
    {
      // The graphics processor is slower where it is only pretended, and that cannot be told from here.
      baseOptions: { modelAssetBuffer: new Uint8Array(await answered.arrayBuffer()), delegate: "CPU" },
      runningMode: "VIDEO",
      outputConfidenceMasks: true,
      outputCategoryMask: false,
    },
  );
  // The first picture takes the longest, and nobody waits for it here.
  paint(small, LONG, SHORT);
  setInterval(() => door.postMessage({ type: "alive" }), ALIVE_MS);
  door.postMessage({ type: "ready" });
  if (streams === null) ask();
  else await through(streams.readable, streams.writable);
}

async function through(readable: ReadableStream<VideoFrame>, writable: WritableStream<VideoFrame>): Promise<void> {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  for (;;) {
    const { value: frame, done } = await reader.read();
    if (done) return;
    const { timestamp } = frame;
    // A little early is in time: cameras are not clocks.
    const due = timestamp / 1_000 - last >= 900 / pace.effort.fps;
    try {
      if (!due) continue;
      last = timestamp / 1_000;
      paint(frame, frame.displayWidth, frame.displayHeight);
    } finally {
      frame.close();
    }
    await writer.write(new VideoFrame(canvas, { timestamp }));
  }
}

/** Where pictures do not come by themselves, they are asked for; timers of workers are not slowed in the background. */
function ask(): void {
  setTimeout(() => door.postMessage({ type: "want" }), 1_000 / pace.effort.fps);
}

function answer(frame: ImageBitmap | null): void {
  try {
    if (frame !== null) {
      paint(frame, frame.width, frame.height);
      frame.close();
      const picture = canvas.transferToImageBitmap();
      door.postMessage({ type: "picture", picture }, [picture]);
    }
    ask();
  } catch (thrown) {
    failed(thrown);
  }
}

/** Paints `frame` with its background blurred onto `canvas`. */
function paint(frame: CanvasImageSource, width: number, height: number): void {
  const began = performance.now();
  const scale = Math.min(1, pace.effort.longest / Math.max(width, height));
  // Encoders want even sides.
  resize(canvas, 2 * Math.round((width * scale) / 2), 2 * Math.round((height * scale) / 2));
  const [across, down] = width >= height ? [LONG, SHORT] : [SHORT, LONG];
  resize(small, across, down);
  resize(matte, across, down);

  smallPen.drawImage(frame, 0, 0, across, down);
  const picture = smallPen.getImageData(0, 0, across, down);
  const mask = mattePen.createImageData(across, down);
  segmenter.segmentForVideo(picture, began, ({ confidenceMasks }) => {
    const person = confidenceMasks?.[0];
    if (person === undefined) throw new Error("no mask");
    cutOut(person.getAsFloat32Array(), mask.data);
  });
  mattePen.putImageData(mask, 0, 0);
  soften(picture.data, across, down, RADIUS[strength]);
  smallPen.putImageData(picture, 0, 0);

  pen.globalCompositeOperation = "copy";
  pen.drawImage(matte, 0, 0, canvas.width, canvas.height);
  pen.globalCompositeOperation = "source-in";
  pen.drawImage(frame, 0, 0, canvas.width, canvas.height);
  pen.globalCompositeOperation = "destination-over";
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);

  const now = performance.now();
  if (pace.took(now - began, now)) door.postMessage({ type: "slow" });
}

function resize(of: OffscreenCanvas, width: number, height: number): void {
  if (of.width === width && of.height === height) return;
  of.width = width;
  of.height = height;
}

function context(of: OffscreenCanvas, options?: CanvasRenderingContext2DSettings): OffscreenCanvasRenderingContext2D {
  const found = of.getContext("2d", options);
  if (found === null) throw new Error("no canvas");
  return found;
}

function failed(thrown: unknown): void {
  door.postMessage({ type: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) });
}
