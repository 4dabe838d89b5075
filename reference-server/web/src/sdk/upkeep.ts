// Keeps sound and picture connected: offers, new paths after an outage, another connection when all else fails.

import { ConfError } from "./error";
import type { Face } from "./lips";
import { MediaConnection, MOST_VIDEO_SLOTS, VIDEO_SLOTS } from "./media";
import type { Answer, ClientBody, Offer, Source } from "./proto";
import { nextStep, type MediaStatus } from "./recovery";
import type { Welcome } from "./session";

/** What a room lends to the upkeep of its media. */
export interface UpkeepDoor {
  request(body: ClientBody): Promise<Answer | null>;
  /** Whether the server can be asked just now. */
  open(): boolean;
  /** A connection was made; what runs here is to be put into it. */
  made(media: MediaConnection): void;
  /** Server and client agree on the connection; a `fresh` one knows nothing yet. */
  agreed(fresh: boolean): void;
  /** Media is silent: the session may be dead too. */
  doubt(): void;
  changed(): void;
  failed(error: ConfError): void;
}

/** What the return of the session settles by itself. */
const SESSION_GONE: ReadonlySet<string> = new Set(["connection_lost", "not_connected", "aborted"]);
/** What a further offer may be refused for although the connection is sound. */
const LATER: ReadonlySet<string> = new Set(["busy", "unavailable", "too_fast"]);

export class Upkeep {
  readonly #door: UpkeepDoor;
  readonly #random: () => number;
  #media: MediaConnection | null = null;
  #status: MediaStatus = "new";
  #since = Date.now();
  /** Whether the server still has its end. */
  #kept = false;
  #tries = 0;
  #triedAt: number | null = null;
  #videoSlots = VIDEO_SLOTS;
  #mostSlots = MOST_VIDEO_SLOTS;
  #small = false;
  #busy = false;
  /** Whether there shall be no connection for a while. */
  #resting = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(door: UpkeepDoor, random: () => number = Math.random) {
    this.#door = door;
    this.#random = random;
  }

  get status(): MediaStatus {
    return this.#status;
  }

  /** The receiving track of every slot, by `a=mid`. */
  slotTracks(): ReadonlyMap<string, MediaStreamTrack> {
    return this.#media?.slotTracks() ?? new Map<string, MediaStreamTrack>();
  }

  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    await this.#media?.send(source, track);
  }

  async setLayers(source: Source, wanted: readonly boolean[]): Promise<void> {
    await this.#media?.setLayers(source, wanted);
  }

  /** For the connection there is, and those that follow it. */
  sendSmall(on: boolean): void {
    if (on === this.#small) return;
    this.#small = on;
    void this.#media?.sendSmall(on);
  }

  async alignLips(faces: readonly Face[], measuring: boolean): Promise<void> {
    await this.#media?.alignLips(faces, measuring);
  }

  /** So many pictures are to be shown at once; lines only ever become more. */
  show(pictures: number): void {
    this.#videoSlots = Math.min(this.#mostSlots, Math.max(this.#videoSlots, pictures));
    this.review();
  }

  /** What goes with a greeting: an offer, or nothing when the connection of before may be kept. */
  async greeting(): Promise<Offer | null> {
    if (this.#resting) return null;
    const media = this.#media;
    if (media !== null && media.answered && (media.proven || media.status !== "failed")) return null;
    const usable = media !== null && media.status !== "failed" ? media : this.#make();
    return usable.offer();
  }

  /** The session is open, for the first time or again. */
  async welcomed(message: Pick<Welcome, "answer" | "media">): Promise<void> {
    this.#kept = message.media && !this.#resting;
    // A new session starts with a new count: what failed before may have failed with the old one.
    this.#tries = 0;
    this.#triedAt = null;
    const { answer } = message;
    if (answer !== undefined) await this.#whileBusy(async () => this.#media?.accept(answer));
    if (this.#kept) this.#door.agreed(false);
    this.review();
  }

  /** The answer to a greeting that came after its welcome. */
  answered(answer: Answer): void {
    this.#media?.accept(answer).catch((thrown: unknown) => this.#broke(thrown));
  }

  /** Looks at how things stand and does what is next; for any news. */
  review(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // Whoever is busy looks again when done.
    if (this.#busy || this.#resting) return;
    const media = this.#media;
    const now = Date.now();
    const step = nextStep({
      session: this.#door.open(),
      kept: this.#kept && media !== null,
      status: this.#status,
      proven: media?.proven ?? false,
      forMs: now - this.#since,
      tries: this.#tries,
      sinceTryMs: this.#triedAt === null ? Infinity : now - this.#triedAt,
      short: media !== null && media.videoSlots < this.#videoSlots,
    });
    switch (step.act) {
      case "nothing":
        return;
      case "wait":
        // Half a second by chance: after an outage not all ask in the same moment.
        this.#timer = setTimeout(() => this.review(), step.ms + 500 * this.#random());
        return;
      default:
        void this.#act(step.act);
    }
  }

  /** Lets go of the connection; the next greeting, or welcome, makes another. */
  drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#media?.close();
    this.#media = null;
    this.#kept = false;
    this.#status = "new";
  }

  /** Has no connection until told otherwise. */
  rest(on: boolean): void {
    this.#resting = on;
    if (on) this.drop();
    else this.review();
  }

  /** Lets go for good. */
  close(): void {
    this.drop();
    this.#status = "closed";
  }

  async #act(act: "restart" | "renew" | "extend"): Promise<void> {
    this.#tries += 1;
    this.#triedAt = Date.now();
    await this.#whileBusy(() => (act === "renew" ? this.#renew() : this.#further(act)));
    this.review();
  }

  async #renew(): Promise<void> {
    const media = this.#make();
    const answer = await this.#door.request({ type: "offer", offer: await media.offer() });
    if (answer === null || media !== this.#media) return;
    await media.accept(answer);
    this.#kept = true;
    this.#door.agreed(true);
  }

  async #further(act: "restart" | "extend"): Promise<void> {
    const media = this.#media;
    if (media === null) return;
    try {
      const offer = await media.further(this.#videoSlots, act === "restart");
      const answer = await this.#door.request({ type: "offer", offer });
      if (answer !== null && media === this.#media) await media.accept(answer);
      if (act === "extend") this.#tries = 0;
    } catch (thrown) {
      const error = ConfError.from(thrown, "media_failed");
      if (SESSION_GONE.has(error.code) || LATER.has(error.code)) return;
      // The server has forgotten the connection, or the two no longer understand each other.
      this.#kept = false;
      // A browser or server that takes no more lines is not asked a second time.
      if (act === "extend") this.#videoSlots = this.#mostSlots = VIDEO_SLOTS;
    }
  }

  #make(): MediaConnection {
    this.#media?.close();
    const media = new MediaConnection(this.#videoSlots, (status) => {
      if (media === this.#media) this.#became(status);
    });
    this.#media = media;
    if (this.#small) void media.sendSmall(true);
    this.#status = "connecting";
    this.#since = Date.now();
    this.#door.made(media);
    return media;
  }

  #became(status: MediaStatus): void {
    this.#status = status;
    this.#since = Date.now();
    if (status === "connected") {
      this.#tries = 0;
      this.#triedAt = null;
    } else if (status === "interrupted" || status === "failed") {
      this.#door.doubt();
    }
    this.#door.changed();
    this.review();
  }

  async #whileBusy(run: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await run();
    } catch (thrown) {
      this.#broke(thrown);
    } finally {
      this.#busy = false;
    }
  }

  #broke(thrown: unknown): void {
    const error = ConfError.from(thrown, "media_failed");
    if (SESSION_GONE.has(error.code)) return;
    this.#kept = false;
    // Once is news; that it still does not work is seen from the status.
    if (this.#tries <= 1) this.#door.failed(error);
    this.review();
  }
}
