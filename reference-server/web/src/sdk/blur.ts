// A blurred background: the browser's own where it has one, otherwise ours.

import { ConfError } from "./error";
import { deviceBehind } from "./processing/derived";

/** Browsers that blur by themselves know one strength only. */
export type Blur = "off" | "light" | "strong";

/** Newer than the types the compiler knows. */
interface Blurring {
  readonly backgroundBlur?: unknown;
}

/** Whether `camera` can blur what is behind one; without a camera, whether the browser knows of it at all. */
export function offersBlur(camera: MediaStreamTrack | null): boolean {
  if (!knows("backgroundBlur")) return false;
  if (camera === null) return true;
  // Firefox had no capabilities for a long time.
  const offered = (camera.getCapabilities?.() as Blurring | undefined)?.backgroundBlur;
  return Array.isArray(offered) && offered.includes(true);
}

/** Whether we can blur ourselves here. */
export function canSoften(): boolean {
  return ["Worker", "OffscreenCanvas", "WebAssembly", "createImageBitmap"].every((needed) => needed in globalThis);
}

/**
 * `camera` with the background as wanted: itself where the browser blurs, or
 * another track of the same device, which its caller puts in its place.
 */
export async function withBlur(camera: MediaStreamTrack, blur: Blur): Promise<MediaStreamTrack> {
  const device = deviceBehind(camera);
  if (device !== undefined) {
    if (blur === "off") return device.clone();
    (await import("./processing/softened")).setStrength(camera, blur);
    return camera;
  }
  if (blur === "off" || offersBlur(camera) || !canSoften()) {
    await blurBackground(camera, blur !== "off");
    return camera;
  }
  const clone = camera.clone();
  try {
    const { softenBackground } = await import("./processing/softened");
    return await softenBackground(clone, blur);
  } catch (thrown) {
    clone.stop();
    throw ConfError.from(thrown, "blur_failed");
  }
}

/** Whether the background can be seen: a browser that does not say has not blurred it. */
export function sharp(camera: MediaStreamTrack): boolean {
  return (camera.getSettings() as Blurring).backgroundBlur !== true;
}

/** Blurs what is behind one, or no longer. What the camera then says of itself counts, not that it did not refuse. */
export async function blurBackground(camera: MediaStreamTrack, on: boolean): Promise<void> {
  if (on !== sharp(camera)) return;
  if (on && !offersBlur(camera)) throw new ConfError("blur_missing");
  try {
    await camera.applyConstraints({ ...camera.getConstraints(), backgroundBlur: { exact: on } } as MediaTrackConstraints);
  } catch (thrown) {
    throw new ConfError(on ? "blur_missing" : "blur_stays", thrown instanceof Error ? thrown.message : "");
  }
  if (on && sharp(camera)) throw new ConfError("blur_missing");
}

function knows(constraint: string): boolean {
  const devices = typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).mediaDevices;
  return (devices?.getSupportedConstraints() as Record<string, unknown> | undefined)?.[constraint] === true;
}
