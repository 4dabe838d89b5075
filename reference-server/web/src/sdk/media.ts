// One peer connection: four sending lines, the receiving slots, one offer, one answer.

import { ConfError } from "./error";
import { type Face, type LipDoor, Lips } from "./lips";
import type { Answer, Offer, Source } from "./proto";

export const AUDIO_SLOTS = 4;
export const VIDEO_SLOTS = 9;

/** Lowest first, as the server numbers them. */
const CAMERA_LAYERS: readonly RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
const SCREEN_LAYER: RTCRtpEncodingParameters = { maxBitrate: 2_500_000 };

export type MediaStatus = "new" | "connecting" | "connected" | "interrupted" | "failed" | "closed";

/**
 * All lines are negotiated up front and tracks put in later, so that nothing
 * is ever renegotiated as people come, go, and switch their devices.
 */
export class MediaConnection {
  readonly #peer: RTCPeerConnection;
  readonly #sending: Readonly<Record<Source, RTCRtpTransceiver>>;
  readonly #slots: readonly RTCRtpTransceiver[];
  #offer: Offer | null = null;
  #answered = false;
  #closed = false;
  readonly #lips = new Lips();
  readonly #lipDoor: LipDoor = {
    getStats: async () => (await this.#peer.getStats()) as unknown as Awaited<ReturnType<LipDoor["getStats"]>>,
    receiver: (mid) => this.#slots.find((slot) => slot.mid === mid)?.receiver,
  };

  constructor(onStatus: (status: MediaStatus) => void) {
    this.#peer = new RTCPeerConnection({
      iceServers: [],
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
    });
    const sendonly = "sendonly" as const;
    this.#sending = {
      microphone: this.#add("audio", { direction: sendonly }),
      camera: this.#add("video", { direction: sendonly, sendEncodings: CAMERA_LAYERS.map((l) => ({ ...l })) }),
      screen: this.#add("video", { direction: sendonly, sendEncodings: [{ ...SCREEN_LAYER }] }),
      screen_audio: this.#add("audio", { direction: sendonly }),
    };
    this.#slots = [
      ...Array.from({ length: AUDIO_SLOTS }, () => this.#add("audio", { direction: "recvonly" })),
      ...Array.from({ length: VIDEO_SLOTS }, () => this.#add("video", { direction: "recvonly" })),
    ];
    this.#peer.onconnectionstatechange = () => {
      if (!this.#closed) onStatus(this.status);
    };
  }

  get status(): MediaStatus {
    switch (this.#peer.connectionState) {
      case "disconnected":
        return "interrupted";
      default:
        return this.#peer.connectionState;
    }
  }

  get answered(): boolean {
    return this.#answered;
  }

  /** The offer of this connection; the same one however often it is asked for. */
  async offer(): Promise<Offer> {
    if (this.#offer !== null) return this.#offer;
    const description = await this.#peer.createOffer();
    await this.#peer.setLocalDescription(description);
    const sources: Record<string, Source> = {};
    for (const [source, transceiver] of Object.entries(this.#sending)) {
      if (transceiver.mid !== null) sources[transceiver.mid] = source as Source;
    }
    // Without our candidates: the server learns our address from our checks.
    this.#offer = { number: 1, fresh: true, sdp: description.sdp ?? "", sources };
    return this.#offer;
  }

  /** Takes the answer; one to another offer than ours is left alone. */
  async accept(answer: Answer): Promise<void> {
    if (this.#closed || this.#answered || answer.number !== this.#offer?.number) return;
    this.#answered = true;
    try {
      await this.#peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    } catch (thrown) {
      throw ConfError.from(thrown, "media_failed");
    }
  }

  /** Sends `track` as `source` from now on, or nothing. */
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    if (!this.#closed) await this.#sending[source].sender.replaceTrack(track);
  }

  /** The receiving track of every slot, by `a=mid`; known once the offer is made. */
  slotTracks(): ReadonlyMap<string, MediaStreamTrack> {
    const tracks = new Map<string, MediaStreamTrack>();
    for (const { mid, receiver } of this.#slots) {
      if (mid !== null) tracks.set(mid, receiver.track);
    }
    return tracks;
  }

  /** Makes pictures wait for their voices; `measuring` about once a second, else for new slots. */
  async alignLips(faces: readonly Face[], measuring: boolean): Promise<void> {
    if (measuring && !this.#closed) await this.#lips.measure(this.#lipDoor);
    if (this.#closed) return;
    const pictures = this.#slots.filter((slot) => slot.receiver.track.kind === "video" && slot.mid !== null);
    this.#lips.align(this.#lipDoor, faces, pictures.map((slot) => slot.mid ?? ""));
  }

  close(): void {
    this.#closed = true;
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
  }

  #add(kind: "audio" | "video", init: RTCRtpTransceiverInit): RTCRtpTransceiver {
    const transceiver = this.#peer.addTransceiver(kind, init);
    prefer(transceiver, kind);
    return transceiver;
  }
}

/** Only what the server forwards: VP8 with its retransmissions, and Opus. */
function prefer(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  if (!("setCodecPreferences" in transceiver)) return;
  const wanted = kind === "video" ? ["video/vp8", "video/rtx"] : ["audio/opus"];
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const kept = codecs.filter((codec) => wanted.includes(codec.mimeType.toLowerCase()));
  if (kept.length > 0) transceiver.setCodecPreferences(kept);
}
