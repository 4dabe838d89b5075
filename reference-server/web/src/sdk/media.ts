// One peer connection: four sending lines, the receiving slots, and their offers.

import { offerForwarded } from "./codecs";
import { ConfError } from "./error";
import { lowestAlone, withLayers } from "./layers";
import { type Face, type LipDoor, Lips } from "./lips";
import type { Answer, Offer, Source } from "./proto";
import type { MediaStatus } from "./recovery";

export const AUDIO_SLOTS = 4;
export const VIDEO_SLOTS = 9;
/** More pictures at once are too small to look at, and too much to decode. */
export const MOST_VIDEO_SLOTS = 24;

/** Lowest first, as the server numbers them. */
const CAMERA_LAYERS: readonly RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
const CAMERA_RIDS = CAMERA_LAYERS.map((layer) => layer.rid ?? "");
const SCREEN_LAYER: RTCRtpEncodingParameters = { maxBitrate: 2_500_000 };

/**
 * All lines are negotiated up front and tracks put in later, so that nothing
 * is renegotiated as people come, go, and switch their devices. A further offer
 * is made only for new paths or for more pictures.
 */
export class MediaConnection {
  readonly #peer: RTCPeerConnection;
  readonly #sending: Readonly<Record<Source, RTCRtpTransceiver>>;
  readonly #slots: RTCRtpTransceiver[];
  readonly #wanted = new Map<Source, readonly boolean[]>();
  /** Whether the camera is sent small, whatever is wanted of it. */
  #small = false;
  #videoSlots = 0;
  #offer: Offer | null = null;
  #answered = 0;
  #proven = false;
  #closed = false;
  readonly #lips = new Lips();
  readonly #lipDoor: LipDoor = {
    getStats: async () => (await this.#peer.getStats()) as unknown as Awaited<ReturnType<LipDoor["getStats"]>>,
    receiver: (mid) => this.#slots.find((slot) => slot.mid === mid)?.receiver,
  };
  /** One change of a sender's parameters at a time: each needs the state the last one left. */
  #tuning: Promise<void> = Promise.resolve();

  constructor(videoSlots: number, onStatus: (status: MediaStatus) => void) {
    this.#peer = new RTCPeerConnection({
      iceServers: [],
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
    });
    const sendonly = "sendonly" as const;
    this.#sending = {
      microphone: this.#add("audio", { direction: sendonly }),
      camera: this.#addCamera(),
      screen: this.#add("video", { direction: sendonly, sendEncodings: [{ ...SCREEN_LAYER }] }),
      screen_audio: this.#add("audio", { direction: sendonly }),
    };
    this.#slots = Array.from({ length: AUDIO_SLOTS }, () => this.#add("audio", { direction: "recvonly" }));
    this.#growTo(videoSlots);
    this.#peer.onconnectionstatechange = () => {
      if (this.#closed) return;
      if (this.status === "connected") this.#proven = true;
      onStatus(this.status);
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

  /** Whether the server has answered it at least once. */
  get answered(): boolean {
    return this.#answered > 0;
  }

  /** Whether it was connected once: then what broke is a path, not the idea. */
  get proven(): boolean {
    return this.#proven;
  }

  get videoSlots(): number {
    return this.#videoSlots;
  }

  /** The first offer of this connection; the same one however often it is asked for. */
  async offer(): Promise<Offer> {
    return this.#offer ?? (await this.#describe(1, {}));
  }

  /** A further offer: with at least `videoSlots` lines for pictures, and new paths if `restart`. */
  async further(videoSlots: number, restart: boolean): Promise<Offer> {
    this.#growTo(videoSlots);
    return this.#describe((this.#offer?.number ?? 0) + 1, restart ? { iceRestart: true } : {});
  }

  /** Takes the answer; one to another offer than the last is left alone. */
  async accept(answer: Answer): Promise<void> {
    if (this.#closed || answer.number === this.#answered || answer.number !== this.#offer?.number) return;
    this.#answered = answer.number;
    try {
      await this.#peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    } catch (thrown) {
      throw ConfError.from(thrown, "media_failed");
    }
    for (const source of this.#wanted.keys()) void this.#tune(source);
    if (this.#small) void this.#tune("camera");
  }

  /** Sends `track` as `source` from now on, or nothing. */
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    if (!this.#closed) await this.#sending[source].sender.replaceTrack(track);
  }

  /** Encodes from now on only what somebody wants, lowest layer first. */
  setLayers(source: Source, wanted: readonly boolean[]): Promise<void> {
    this.#wanted.set(source, wanted);
    return this.#tune(source);
  }

  /** Encodes only the lowest layer of the camera from now on, or again what is wanted. */
  sendSmall(on: boolean): Promise<void> {
    this.#small = on;
    return this.#tune("camera");
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

  async #describe(number: number, options: RTCOfferOptions): Promise<Offer> {
    const description = await this.#peer.createOffer(options);
    await this.#peer.setLocalDescription(description);
    const sources: Record<string, Source> = {};
    for (const [source, transceiver] of Object.entries(this.#sending)) {
      if (transceiver.mid !== null) sources[transceiver.mid] = source as Source;
    }
    // Without our candidates: the server learns our address from our checks.
    this.#offer = { number, fresh: number === 1, sdp: description.sdp ?? "", sources };
    return this.#offer;
  }

  #growTo(videoSlots: number): void {
    while (this.#videoSlots < Math.min(videoSlots, MOST_VIDEO_SLOTS)) {
      this.#slots.push(this.#add("video", { direction: "recvonly" }));
      this.#videoSlots += 1;
    }
  }

  #tune(source: Source): Promise<void> {
    this.#tuning = this.#tuning.then(async () => {
      // Before the answer it is not known which encodings there are.
      if (this.#closed || !this.answered) return;
      const rids = source === "camera" ? CAMERA_RIDS : [];
      const wanted = this.#small && source === "camera" ? lowestAlone(rids) : (this.#wanted.get(source) ?? []);
      const { sender } = this.#sending[source];
      const parameters = sender.getParameters();
      parameters.encodings = withLayers(parameters.encodings, rids, wanted);
      // A browser that refuses sends more than is looked at, and nothing worse.
      await sender.setParameters(parameters).catch(() => undefined);
    });
    return this.#tuning;
  }

  #addCamera(): RTCRtpTransceiver {
    const init = (change: object): RTCRtpTransceiverInit => ({
      direction: "sendonly",
      sendEncodings: CAMERA_LAYERS.map((layer) => ({ ...layer, ...change })),
    });
    try {
      // Without it Chromium sends VP9 and AV1 as one stream instead of three.
      return this.#add("video", init({ scalabilityMode: "L1T3" }));
    } catch {
      return this.#add("video", init({}));
    }
  }

  #add(kind: "audio" | "video", init: RTCRtpTransceiverInit): RTCRtpTransceiver {
    const transceiver = this.#peer.addTransceiver(kind, init);
    offerForwarded(transceiver, kind);
    return transceiver;
  }
}
