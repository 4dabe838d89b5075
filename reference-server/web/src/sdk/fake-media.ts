// Test support: tracks and a peer connection without a browser.

export class FakeTrack extends EventTarget {
  static made = 0;
  readonly id = `track-${(FakeTrack.made += 1)}`;
  enabled = true;
  readyState: "live" | "ended" = "live";
  onended: (() => void) | null = null;
  readonly kind: string;
  /** Whether a camera says that it blurs; without a word of it where it cannot. */
  blurred: boolean | undefined = undefined;
  constructor(kind: "audio" | "video") {
    super();
    this.kind = kind;
  }
  stop(): void {
    this.readyState = "ended";
  }
  getSettings(): MediaTrackSettings {
    return { backgroundBlur: this.blurred } as MediaTrackSettings;
  }
}

export function fakeTrack(kind: "audio" | "video"): MediaStreamTrack & FakeTrack {
  return new FakeTrack(kind) as unknown as MediaStreamTrack & FakeTrack;
}

interface FakeTransceiver {
  mid: string | null;
  readonly kind: string;
  readonly init: RTCRtpTransceiverInit;
  readonly sender: {
    track: MediaStreamTrack | null;
    encodings: RTCRtpEncodingParameters[];
    replaceTrack(track: MediaStreamTrack | null): Promise<void>;
    getParameters(): { encodings: RTCRtpEncodingParameters[] };
    setParameters(parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void>;
  };
  readonly receiver: { readonly track: FakeTrack };
}

export class FakePeer {
  static all: FakePeer[] = [];
  connectionState: RTCPeerConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  remote: string | null = null;
  closed = false;
  /** How often new paths were asked for. */
  restarts = 0;
  answers = 0;
  readonly lines: FakeTransceiver[] = [];

  constructor() {
    FakePeer.all.push(this);
  }
  addTransceiver(kind: "audio" | "video", init: RTCRtpTransceiverInit): FakeTransceiver {
    const sender = {
      track: null as MediaStreamTrack | null,
      replaceTrack: async (track: MediaStreamTrack | null): Promise<void> => {
        sender.track = track;
      },
      encodings: (init.sendEncodings ?? []).map((encoding) => ({ ...encoding })),
      getParameters: () => ({ encodings: sender.encodings.map((encoding) => ({ ...encoding })) }),
      setParameters: async (parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void> => {
        sender.encodings = parameters.encodings;
      },
    };
    const line: FakeTransceiver = { mid: null, kind, init, sender, receiver: { track: new FakeTrack(kind) } };
    this.lines.push(line);
    return line;
  }
  async createOffer(options: RTCOfferOptions = {}): Promise<{ type: "offer"; sdp: string }> {
    if (options.iceRestart === true) this.restarts += 1;
    return { type: "offer", sdp: `v=0 ${FakePeer.all.indexOf(this)}` };
  }
  async setLocalDescription(): Promise<void> {
    this.lines.forEach((line, n) => (line.mid = String(n)));
  }
  async setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.remote = description.sdp;
    this.answers += 1;
  }
  async getStats(): Promise<ReadonlyMap<string, unknown>> {
    return new Map();
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close(): void {
    this.closed = true;
  }
}
