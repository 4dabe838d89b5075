// Cameras, microphones and screens, with every failure as a code.

import { withBlur, type Blur } from "./blur";
import { ConfError } from "./error";
import { report } from "./processing/derived";
import type { Noise } from "./processing/noise";

export type DeviceKind = "microphone" | "camera" | "speaker";

export interface Device {
  readonly kind: DeviceKind;
  readonly id: string;
  /** Empty until the person has given permission once. */
  readonly label: string;
}

const KINDS: Record<MediaDeviceKind, DeviceKind> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

export async function listDevices(): Promise<Device[]> {
  if (mediaDevices() === null) return [];
  const all = await navigator.mediaDevices.enumerateDevices();
  return all
    .filter((device) => device.deviceId !== "")
    .map((device) => ({ kind: KINDS[device.kind], id: device.deviceId, label: device.label }));
}

/** Calls `changed` when a device was plugged in or out; returns what ends it. */
export function watchDevices(changed: () => void): () => void {
  const devices = mediaDevices();
  devices?.addEventListener("devicechange", changed);
  return () => devices?.removeEventListener("devicechange", changed);
}

/** A suppressor of ours that does not start leaves the noise to the browser, and says so (`hold`). */
export async function openMicrophone(deviceId?: string, noise: Noise = "browser"): Promise<MediaStreamTrack> {
  const audio: MediaTrackConstraints = {
    echoCancellation: true,
    // Taken out twice, voices sound hollow.
    noiseSuppression: noise === "browser",
    autoGainControl: true,
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  };
  const track = first(await capture(() => navigator.mediaDevices.getUserMedia({ audio })), "audio");
  if (noise !== "strong") return track;
  try {
    const { suppressNoise } = await import("./processing/suppressor");
    return await suppressNoise(track);
  } catch {
    await track.applyConstraints({ ...audio, noiseSuppression: true }).catch(() => undefined);
    report(track, "noise_failed");
    return track;
  }
}

/** With `blur` a camera whose background stays sharp is not opened: nobody sees a room by mistake. */
export async function openCamera(deviceId?: string, blur: Blur = "off"): Promise<MediaStreamTrack> {
  const video: MediaTrackConstraints = {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  };
  const track = first(await capture(() => navigator.mediaDevices.getUserMedia({ video })), "video");
  if (blur === "off") return track;
  try {
    const blurred = await withBlur(track, blur);
    if (blurred !== track) track.stop();
    return blurred;
  } catch (thrown) {
    track.stop();
    throw thrown;
  }
}

/** Lets the person choose a screen; its sound comes along where the browser can. */
export async function openScreen(): Promise<{ picture: MediaStreamTrack; sound: MediaStreamTrack | null }> {
  const stream = await capture(() =>
    navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 30 } },
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    }),
  );
  const picture = first(stream, "video");
  // Text stays sharp; when bits are short, frames are given up first.
  picture.contentHint = "detail";
  return { picture, sound: stream.getAudioTracks()[0] ?? null };
}

export function canShareScreen(): boolean {
  return mediaDevices() !== null && "getDisplayMedia" in navigator.mediaDevices;
}

function mediaDevices(): MediaDevices | null {
  // Absent on pages that are neither HTTPS nor from this machine.
  return (navigator as Partial<Navigator>).mediaDevices ?? null;
}

async function capture(open: () => Promise<MediaStream>): Promise<MediaStream> {
  if (mediaDevices() === null) throw new ConfError("insecure_page");
  try {
    return await open();
  } catch (thrown) {
    throw new ConfError(codeOf(thrown), thrown instanceof Error ? thrown.message : "");
  }
}

function codeOf(thrown: unknown): "device_denied" | "device_missing" | "device_busy" {
  switch (thrown instanceof Error ? thrown.name : "") {
    case "NotFoundError":
    case "OverconstrainedError":
      return "device_missing";
    case "NotReadableError":
    case "AbortError":
      return "device_busy";
    default:
      return "device_denied";
  }
}

function first(stream: MediaStream, kind: "audio" | "video"): MediaStreamTrack {
  const track = stream.getTracks().find((candidate) => candidate.kind === kind);
  if (track === undefined) throw new ConfError("device_missing");
  return track;
}
