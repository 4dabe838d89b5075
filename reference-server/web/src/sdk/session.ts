// One participant's session: a WebSocket that greets, resumes, pings and answers.

import { backoffMs } from "./backoff";
import { Emitter } from "./emitter";
import { ConfError } from "./error";
import { PROTOCOL } from "./proto";
import type {
  Answer,
  ByeReason,
  ClientBody,
  EventFrame,
  Offer,
  Quality,
  Resume,
  RoomSignal,
  RoomView,
  ServerMessage,
  Slot,
  Source,
  WaitReason,
  WithheldPicture,
} from "./proto";

export type Welcome = Extract<ServerMessage, { type: "welcome" }>;

/** How it stands with one's own waiting in the lobby. */
export interface Wait {
  readonly reason: WaitReason;
  /** The place in the queue, counted from 1. */
  readonly position: number;
  /** What the moderators tell those who wait. */
  readonly message: string | null;
}

/** What one request was answered with. */
export type Reply =
  | { readonly kind: "done" }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "guest_link"; readonly path: string }
  | { readonly kind: "breakout_pass"; readonly token: string }
  | { readonly kind: "upload"; readonly file: string; readonly token: string }
  | { readonly kind: "file_token"; readonly token: string; readonly seconds: number }
  | { readonly kind: "ballot"; readonly signature: string };

/** Why a session is over for good. */
export type Closed =
  | { readonly kind: "bye"; readonly reason: ByeReason }
  | { readonly kind: "refused"; readonly error: ConfError };

export interface SessionEvents {
  /** The socket is open and greeted; `again` when it was once before. */
  welcome: { readonly message: Welcome; readonly again: boolean };
  /** In the lobby, or news of it; a `welcome` follows once let in, unless the session is closed before. */
  waiting: Wait;
  /** The socket is gone; another try follows by itself. */
  lost: undefined;
  /** The answer to the offer of a greeting, where it did not come with the welcome. */
  answer: Answer;
  event: EventFrame;
  slots: readonly Slot[];
  speaking: readonly string[];
  /** Which encodings of one's own source anybody is shown, in the order of the offer. */
  layers: { readonly source: Source; readonly wanted: readonly boolean[] };
  /** How well people are connected; those not named are as before. */
  quality: readonly Quality[];
  /** Which pictures one's own connection does not carry: all of them each time. */
  withheld: readonly WithheldPicture[];
  /** Whether the server can keep what happens just now. */
  storage: boolean;
  /** The meeting in full, since one may see other things of it now. */
  room: { readonly seq: number; readonly room: RoomView };
  /** Something to know now or not at all. */
  signal: RoomSignal;
  closed: Closed;
}

/** The half of `WebSocket` a session uses; tests hand in their own. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface SessionOptions {
  readonly url: string;
  readonly token: string;
  /** The offer that goes with a greeting; `null` when the media connection of before is kept. */
  readonly offer: () => Promise<Offer | null>;
  /** Where an earlier session left off. */
  readonly resume: () => Resume | null;
  readonly socket?: (url: string) => SocketLike;
  readonly random?: () => number;
}

type Pending = { resolve: (reply: Reply) => void; reject: (error: ConfError) => void };

const TICK_MS = 1_000;
const PING_EVERY_MS = 5_000;
/** With the ping's five seconds: a silent socket is dead after twelve. */
const PONG_WITHIN_MS = 7_000;
/** When there is reason to doubt the socket, it has to prove itself faster. */
const PROBE_WITHIN_MS = 3_000;
/** A socket that is not open by then hangs on a path that is gone; a new one may find another. */
const OPEN_WITHIN_MS = [4_000, 6_000, 12_000] as const;
/** A session shorter than this did not prove that the server is well. */
const SOUND_AFTER_MS = 5_000;
const WELCOME_WITHIN_MS = 12_000;
/** A greeting refused for these reasons may be accepted a little later. */
const TRY_AGAIN: ReadonlySet<string> = new Set(["busy", "unavailable", "too_fast"]);

export class Session extends Emitter<SessionEvents> {
  readonly #options: SessionOptions;
  readonly #pending = new Map<number, Pending>();
  #socket: SocketLike | null = null;
  #state: "idle" | "connecting" | "lobby" | "open" | "pausing" | "closed" = "idle";
  #next = 1;
  #hello = 0;
  #welcomed = false;
  #attempt = 0;
  #outageSince = 0;
  #openedAt = 0;
  #connectingSince = 0;
  /** Whether the greeting has gone out on this socket. */
  #asked = false;
  #patience = PONG_WITHIN_MS;
  #lastPing = 0;
  #unansweredSince: number | null = null;
  #ticker: ReturnType<typeof setInterval> | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(options: SessionOptions) {
    super();
    this.#options = options;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  start(): void {
    if (this.#state !== "idle") return;
    this.#outageSince = Date.now();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#connect();
  }

  /** The network has changed: no waiting, and what hangs on the one of before is not trusted. */
  retryNow(): void {
    if (this.#greeted) this.probe();
    if (this.#state === "connecting" && !this.#asked && Date.now() - this.#connectingSince > 500) this.#lost();
    if (this.#state !== "pausing") return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#connect();
  }

  /** Asks for a sign of life, and takes the socket for dead if none comes soon. */
  probe(): void {
    if (!this.#greeted) return;
    this.#patience = PROBE_WITHIN_MS;
    this.#lastPing = Date.now();
    this.#unansweredSince ??= this.#lastPing;
    this.#send({ type: "ping" });
  }

  /**
   * Asks for something; resolves when it holds (with the answer to an offer).
   * Rejects with a ConfError: the server's code, `not_connected`,
   * `connection_lost` (its fate is then unknown) or `aborted`.
   */
  async request(body: ClientBody, signal?: AbortSignal): Promise<Answer | null> {
    const reply = await this.ask(body, signal);
    return reply.kind === "answer" ? reply.answer : null;
  }

  /** Like `request`, with whatever the server answered. */
  ask(body: ClientBody, signal?: AbortSignal): Promise<Reply> {
    if (this.#state !== "open") return Promise.reject(new ConfError("not_connected"));
    if (signal?.aborted) return Promise.reject(new ConfError("aborted"));
    return new Promise((resolve, reject) => {
      const id = this.#send(body);
      const abort = (): void => {
        this.#pending.delete(id);
        reject(new ConfError("aborted"));
      };
      const done = (): void => signal?.removeEventListener("abort", abort);
      signal?.addEventListener("abort", abort, { once: true });
      this.#pending.set(id, {
        resolve: (reply) => (done(), resolve(reply)),
        reject: (error) => (done(), reject(error)),
      });
    });
  }

  /** Says goodbye without waiting for the answer, as a closing page must. */
  leaveNow(): void {
    if (this.#greeted) this.#send({ type: "leave" });
    this.#finish({ kind: "bye", reason: "left" });
  }

  /** The greeting was answered: the socket is worth pinging, and leaving. */
  get #greeted(): boolean {
    return this.#state === "open" || this.#state === "lobby";
  }

  #connect(): void {
    this.#state = "connecting";
    this.#connectingSince = Date.now();
    this.#asked = false;
    // The offer is made while the socket opens: neither waits for the other.
    const offering = this.#options.offer().then(
      (offer) => ({ offer }),
      (thrown: unknown) => ({ error: ConfError.from(thrown, "media_failed") }),
    );
    const open = this.#options.socket ?? ((url: string): SocketLike => new WebSocket(url));
    let socket: SocketLike;
    try {
      socket = open(this.#options.url);
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    this.#unansweredSince = Date.now();
    socket.onopen = async () => {
      const made = await offering;
      if (socket !== this.#socket) return;
      if ("error" in made) {
        this.#finish({ kind: "refused", error: made.error });
        return;
      }
      const resume = this.#options.resume();
      this.#asked = true;
      this.#unansweredSince = Date.now();
      this.#hello = this.#send({
        type: "hello",
        protocol: PROTOCOL,
        token: this.#options.token,
        ...(resume === null ? {} : { resume }),
        ...(made.offer === null ? {} : { offer: made.offer }),
      });
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (socket === this.#socket) this.#receive(event.data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
    // A close follows every error.
    socket.onerror = null;
  }

  #send(body: ClientBody): number {
    const id = this.#next;
    this.#next = (this.#next % 0xffff_ffff) + 1;
    this.#socket?.send(JSON.stringify({ id, ...body }));
    return id;
  }

  #receive(data: unknown): void {
    this.#unansweredSince = null;
    this.#patience = PONG_WITHIN_MS;
    const message = parse(data);
    if (message === null) return;
    switch (message.type) {
      case "welcome": {
        const again = this.#welcomed;
        this.#welcomed = true;
        this.#state = "open";
        this.#lastPing = this.#openedAt = Date.now();
        this.emit("welcome", { message, again });
        return;
      }
      case "waiting":
        this.#state = "lobby";
        this.#lastPing = this.#openedAt = Date.now();
        this.#tellWait(message);
        return;
      case "lobby":
        if (this.#state === "lobby") this.#tellWait(message);
        return;
      case "done":
        this.#settle(message.re)?.resolve({ kind: "done" });
        return;
      case "guest_link":
        this.#settle(message.re)?.resolve({ kind: "guest_link", path: message.path });
        return;
      case "breakout_pass":
        this.#settle(message.re)?.resolve({ kind: "breakout_pass", token: message.token });
        return;
      case "upload":
        this.#settle(message.re)?.resolve({ kind: "upload", file: message.file, token: message.token });
        return;
      case "file_token":
        this.#settle(message.re)?.resolve({ kind: "file_token", token: message.token, seconds: message.seconds });
        return;
      case "ballot":
        this.#settle(message.re)?.resolve({ kind: "ballot", signature: message.signature });
        return;
      case "answer": {
        const pending = this.#settle(message.re);
        if (pending !== undefined) pending.resolve({ kind: "answer", answer: message.answer });
        else if (message.re === this.#hello) this.emit("answer", message.answer);
        return;
      }
      case "refused": {
        const error = ConfError.fromProblem(message.problem);
        if (message.re !== this.#hello || this.#state === "open") this.#settle(message.re)?.reject(error);
        else if (TRY_AGAIN.has(error.code)) this.#lost();
        else this.#finish({ kind: "refused", error });
        return;
      }
      case "event":
        this.emit("event", { seq: message.seq, at: message.at, event: message.event });
        return;
      case "slots":
        this.emit("slots", message.slots);
        return;
      case "speaking":
        this.emit("speaking", message.participants);
        return;
      case "layers":
        this.emit("layers", { source: message.source, wanted: message.wanted });
        return;
      case "quality":
        this.emit("quality", message.people);
        return;
      case "withheld":
        this.emit("withheld", message.pictures);
        return;
      case "storage":
        this.emit("storage", message.ok);
        return;
      case "room":
        this.emit("room", { seq: message.seq, room: message.room });
        return;
      case "signal":
        this.emit("signal", message.signal);
        return;
      case "bye":
        if (message.reason === "slow" || message.reason === "shutdown") this.#lost();
        else this.#finish({ kind: "bye", reason: message.reason });
        return;
      default:
        // A newer server may say more than this client knows.
        return message satisfies never;
    }
  }

  #tellWait({ reason, position, message }: Wait): void {
    this.emit("waiting", { reason, position, message });
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #tick(): void {
    const now = Date.now();
    if (this.#state === "connecting" && this.#socket !== null) {
      const within = this.#asked ? WELCOME_WITHIN_MS : OPEN_WITHIN_MS[Math.min(this.#attempt, OPEN_WITHIN_MS.length - 1)];
      if (this.#unansweredSince !== null && now - this.#unansweredSince > (within ?? WELCOME_WITHIN_MS)) this.#lost();
      return;
    }
    if (!this.#greeted) return;
    if (this.#unansweredSince !== null && now - this.#unansweredSince >= this.#patience) {
      this.#lost();
      return;
    }
    if (now - this.#lastPing >= PING_EVERY_MS) {
      this.#lastPing = now;
      this.#unansweredSince ??= now;
      this.#send({ type: "ping" });
    }
  }

  /** The socket is gone: tell everyone who waits, and come back after a while. */
  #lost(): void {
    if (this.#state === "closed" || this.#state === "pausing") return;
    const wasThere = this.#greeted;
    this.#drop();
    this.#state = "pausing";
    if (wasThere) this.#outageSince = Date.now();
    if (wasThere && Date.now() - this.#openedAt >= SOUND_AFTER_MS) this.#attempt = 0;
    const wait = backoffMs(this.#attempt, Date.now() - this.#outageSince, this.#options.random ?? Math.random);
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.#connect(), wait);
    if (wasThere) this.emit("lost", undefined);
  }

  #finish(closed: Closed): void {
    if (this.#state === "closed") return;
    this.#drop();
    this.#state = "closed";
    if (this.#ticker !== null) clearInterval(this.#ticker);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.emit("closed", closed);
    this.clear();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    }
    this.#unansweredSince = null;
    for (const pending of this.#pending.values()) pending.reject(new ConfError("connection_lost"));
    this.#pending.clear();
  }
}

function parse(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "type" in value ? (value as ServerMessage) : null;
  } catch {
    return null;
  }
}
