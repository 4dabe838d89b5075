// What a browser says it received, and what its decoded pictures look like.

import type { Locator } from "@playwright/test";

/** A page of either browser, as far as reading from it goes. */
export interface Readable {
  evaluate<R>(read: () => R | Promise<R>): Promise<R>;
}

export interface Inbound {
  mid: string;
  kind: string;
  /** What it is coded in, such as "video/VP8". */
  codec: string;
  frames: number;
  fps: number;
  height: number;
  energy: number;
  packets: number;
  freezes: number;
  frozenFor: number;
}

/** Every inbound stream of the page's newest connection. */
export async function inbound(page: Readable): Promise<Inbound[]> {
  return page.evaluate(async () => {
    const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
    const connection = kept.at(-1);
    if (!connection) return [];
    const found: Inbound[] = [];
    const stats = await connection.getStats();
    for (const stat of stats.values()) {
      if (stat.type !== "inbound-rtp") continue;
      found.push({
        mid: stat.mid ?? "",
        kind: stat.kind,
        codec: stats.get(stat.codecId)?.mimeType ?? "",
        frames: stat.framesDecoded ?? 0,
        fps: stat.framesPerSecond ?? 0,
        height: stat.frameHeight ?? 0,
        energy: stat.totalAudioEnergy ?? 0,
        packets: stat.packetsReceived ?? 0,
        freezes: stat.freezeCount ?? 0,
        frozenFor: stat.totalFreezesDuration ?? 0,
      });
    }
    return found;
  });
}

/** The sum of one figure over all streams of a kind. */
export async function total(
  page: Readable,
  kind: "audio" | "video",
  figure: "frames" | "energy" | "packets",
): Promise<number> {
  return (await inbound(page)).filter((s) => s.kind === kind).reduce((sum, s) => sum + s[figure], 0);
}

export interface Picture {
  width: number;
  height: number;
  /** Mean luminance, 0 to 255. */
  mean: number;
  /** Frames the element has presented. */
  frames: number;
  /** Down-sampled grey values, to compare two moments. */
  grey: number[];
}

/** What the tile's video element shows now; it must hold decoded pixels. */
export async function picture(tile: Locator): Promise<Picture> {
  return tile.locator("video").first().evaluate(sample);
}

/** Runs in a page: the picture a video element shows. */
export function sample(element: Element): Picture {
  const video = element as HTMLVideoElement;
  const canvas = new OffscreenCanvas(32, 18);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no 2d context");
  if (video.videoWidth > 0) context.drawImage(video, 0, 0, 32, 18);
  const data = context.getImageData(0, 0, 32, 18).data;
  const grey: number[] = [];
  for (let i = 0; i < data.length; i += 4) {
    grey.push(Math.round(((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0)) / 3));
  }
  return {
    width: video.videoWidth,
    height: video.videoHeight,
    mean: grey.reduce((a, b) => a + b, 0) / grey.length,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    grey,
  };
}

/** How many of the sampled points differ clearly between two pictures. */
export function moved(a: Picture, b: Picture): number {
  return a.grey.filter((value, i) => Math.abs(value - (b.grey[i] ?? value)) > 8).length;
}

/** Frames per second the tile presents, measured over `seconds` of the page's own clock. */
export async function presentedFps(tile: Locator, seconds: number): Promise<number> {
  return tile
    .locator("video")
    .first()
    .evaluate(async (element, span) => {
      const video = element as HTMLVideoElement;
      for (let tries = 0; ; tries += 1) {
        const from = video.getVideoPlaybackQuality().totalVideoFrames;
        const start = performance.now();
        await new Promise((done) => setTimeout(done, span * 1000));
        const frames = video.getVideoPlaybackQuality().totalVideoFrames - from;
        // A picture that began anew meanwhile counts from nothing: that is no rate.
        if (frames >= 0 || tries === 2) return (frames * 1000) / (performance.now() - start);
      }
    }, seconds);
}

export interface Way {
  /** "udp" or "tcp". */
  protocol: string;
  local: string;
  remote: string;
}

/** The candidate pair the page's newest connection uses, if it has chosen one. */
export async function way(page: Readable): Promise<Way | null> {
  return page.evaluate(async () => {
    const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
    const stats = await kept.at(-1)?.getStats();
    for (const transport of stats?.values() ?? []) {
      if (transport.type !== "transport" || !transport.selectedCandidatePairId) continue;
      const pair = stats?.get(transport.selectedCandidatePairId);
      const local = stats?.get(pair?.localCandidateId);
      const remote = stats?.get(pair?.remoteCandidateId);
      if (!local || !remote) continue;
      return { protocol: local.protocol, local: local.address ?? "", remote: remote.address ?? "" };
    }
    return null;
  });
}

export interface Sent {
  rid: string;
  codec: string;
  frames: number;
  height: number;
}

/** The pictures the page's newest connection sends, one entry for each layer that ever was sent. */
export async function sent(page: Readable): Promise<Sent[]> {
  return page.evaluate(async () => {
    const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
    const stats = await kept.at(-1)?.getStats();
    const found: Sent[] = [];
    for (const stat of stats?.values() ?? []) {
      if (stat.type !== "outbound-rtp" || stat.kind !== "video" || !stat.framesEncoded) continue;
      const codec = stats?.get(stat.codecId)?.mimeType ?? "";
      const [frames, height] = [stat.framesSent ?? 0, stat.frameHeight ?? 0];
      found.push({ rid: stat.rid ?? "", codec, frames, height });
    }
    return found;
  });
}
