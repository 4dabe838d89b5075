// The blurred background that the browser itself offers.

import { ConfError } from "./error";

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
