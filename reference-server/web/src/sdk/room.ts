// A room as a person is in it: the session, the media, and what they own.

import type { Blur } from "./blur";
import { Booth } from "./booth";
import { BreakoutRequests } from "./breakout-requests";
import { Captioning } from "./captioning";
import { Emitter } from "./emitter";
import { ConfError } from "./error";
import { FileDesk } from "./file-desk";
import { LobbyRequests } from "./lobby-requests";
import { LocalSources, type LocalStatus } from "./local";
import { watchNetwork } from "./network";
import type { Layout } from "./proto";
import type { Noise } from "./processing/noise";
import { PaperRequests } from "./paper-requests";
import { PeopleRequests } from "./people-requests";
import { PollRequests } from "./poll-requests";
import { linesWith, reduceOlderLines, withoutOlder } from "./older";
import { castVote, reducePollSignal } from "./polls";
import type { ClientBody, EventFrame, LinkQuality, Participant, Reaction, RoomSignal, Source, Wish, Withheld } from "./proto";
import { reduceQuality } from "./quality";
import type { MediaStatus } from "./recovery";
import { find } from "./roster";
import { Session, type Closed, type Reply, type SocketLike, type Wait, type Welcome } from "./session";
import { faces, reduceSlots, slotOf, type SlotTable } from "./slots";
import { emptyState, reduce, stateFromView, type MeetingState } from "./state";
import { Tools } from "./tools";
import { Upkeep } from "./upkeep";
import { WishSender } from "./wishes";
import { LiveTextSender, reduceSignal, reduceWriting, stillWriting, TypingSender, type Writing } from "./writing";
import { soundOnly, withheldOf, withheldTable, type WithheldTable } from "./withheld";

export type Connection =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  /** In the lobby, until a moderator decides. */
  | { readonly kind: "waiting" }
  | { readonly kind: "connected" }
  | { readonly kind: "reconnecting" }
  | { readonly kind: "closed"; readonly because: Closed };

export interface RoomEvents {
  /** Something one can read from the room is different now. */
  changed: undefined;
  /** A journal entry has come, not at entry but live; `before` is the state without it. */
  event: { readonly frame: EventFrame; readonly before: MeetingState };
  /** Something to know now or not at all. */
  signal: RoomSignal;
  /** Something went wrong that nobody had asked for just now. */
  failed: ConfError;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  readonly socket?: (url: string) => SocketLike;
}

/** How often pictures are set by what sound waits. */
const LIPS_EVERY_MS = 1_000;

export class Room extends Emitter<RoomEvents> {
  #session: Session | null = null;
  #state: MeetingState = emptyState();
  #self: string | null = null;
  #meeting: string | null = null;
  #connection: Connection = { kind: "idle" };
  #wait: Wait | null = null;
  #storage = true;
  #slots: SlotTable = new Map();
  #speaking: readonly string[] = [];
  #quality: ReadonlyMap<string, LinkQuality> = new Map();
  #withheld: WithheldTable = new Map();
  /** Whether the room has not yet been told what is on here: then its silence about it says nothing. */
  #newcomer = false;
  #unwatch: (() => void) | null = null;
  #writing: Writing = [];
  #writingTimer: ReturnType<typeof setTimeout> | null = null;
  #lipTimer: ReturnType<typeof setInterval> | null = null;
  readonly papers = new PaperRequests((body) => this.#request(body), (heard) => this.on("signal", heard));
  readonly captions = new Captioning((body) => this.#request(body), () => this.emit("changed", undefined));
  readonly tools = new Tools((body) => this.#request(body), () => this.emit("changed", undefined));
  readonly files = new FileDesk(() => this.#state.room, (body) => this.#session?.ask(body) ?? Promise.reject(new ConfError("not_connected")));
  readonly #wishes = new WishSender((wishes) => {
    this.#request({ type: "wish", wishes }).catch(() => undefined);
  });
  // What is not told is no loss, and what may not be written is said when it is sent.
  readonly #typing = new TypingSender((to) => {
    this.#request({ type: "typing", ...(to === null ? {} : { to }) }).catch(() => undefined);
  });
  readonly #liveText = new LiveTextSender((text) => {
    this.#request({ type: "live_text", text }).catch(() => undefined);
  });
  /** Secret votes: beginning and ending them, one's own ballots, and the published lists. */
  readonly booth = new Booth({
    request: (body) => this.#request(body),
    sign: async (vote, blinded) => {
      const reply = await this.#session?.ask({ type: "take_ballot", vote, blinded });
      if (reply?.kind !== "ballot") throw new ConfError("connection_lost");
      return reply.signature;
    },
    room: () => this.#state.room,
    changed: () => this.emit("changed", undefined),
  });
  readonly #local = new LocalSources({
    send: (source, track) => this.#media.send(source, track),
    request: (body) => this.#request(body),
    self: () => this.self,
    changed: () => this.emit("changed", undefined),
    failed: (error) => this.emit("failed", error),
  });
  readonly #media = new Upkeep({
    request: (body) => this.#request(body),
    open: () => this.#connection.kind === "connected",
    made: (media) => {
      this.#slots = new Map();
      this.#withheld = new Map();
      void this.#local.putInto((source, track) => media.send(source, track));
    },
    agreed: (fresh) => this.#agree(fresh),
    doubt: () => this.#session?.probe(),
    changed: () => this.emit("changed", undefined),
    failed: (error) => this.emit("failed", error),
  });

  /** What is asked about people, about who comes in, breakouts and polls. */
  readonly people = new PeopleRequests((body) => this.#request(body));
  readonly lobby = new LobbyRequests((body) => this.#ask(body));
  readonly breakouts = new BreakoutRequests((body) => this.#ask(body));
  readonly polls = new PollRequests(
    (body) => this.#request(body),
    (poll, chosen) => this.#know({ ...this.#state, polls: castVote(this.#state.polls, poll, chosen) }),
  );

  get state(): MeetingState {
    return this.#state;
  }
  get self(): Participant | undefined {
    return find(this.#state.roster, this.#self);
  }
  get connection(): Connection {
    return this.#connection;
  }
  /** How it stands with one's waiting in the lobby; `null` once inside. */
  get wait(): Wait | null {
    return this.#wait;
  }
  /** Whether the server can keep what happens; while it cannot, what is asked is refused. */
  get storage(): boolean {
    return this.#storage;
  }
  get mediaStatus(): MediaStatus {
    return this.#media.status;
  }
  /** Who is speaking now, loudest first. */
  get speaking(): readonly string[] {
    return this.#speaking;
  }
  /** Who is writing just now. */
  get writing(): Writing {
    return this.#writing;
  }
  /** How well people are connected, where it is not well; oneself included. */
  get quality(): ReadonlyMap<string, LinkQuality> {
    return this.#quality;
  }
  /** Whether sound is all that one's own connection carries. */
  get soundOnly(): boolean {
    return soundOnly(this.#withheld, this.#slots);
  }
  get local(): Readonly<Record<"microphone" | "camera" | "screen", LocalStatus>> {
    return this.#local.status();
  }

  /** One's own track of a source, for the self view. */
  ownTrack(source: Source): MediaStreamTrack | null {
    return this.#local.track(source);
  }

  /** The track that carries someone's source just now, if a slot does. */
  trackOf(participant: string, source: Source): MediaStreamTrack | null {
    const mid = slotOf(this.#slots, participant, source);
    return mid === null ? null : (this.#media.slotTracks().get(mid) ?? null);
  }

  /** What one's own connection does not carry of a picture; `null` when it comes as wished. */
  withheld(participant: string, source: Source): Withheld | null {
    return withheldOf(this.#withheld, participant, source);
  }

  /** Every audio slot's track; to be played from the start, whoever is in it. */
  audioTracks(): readonly MediaStreamTrack[] {
    return [...this.#media.slotTracks().values()].filter((track) => track.kind === "audio");
  }

  /**
   * Enters; resolves when the meeting is known, or in the lobby (`wait` says so).
   * Afterwards lost connections come back by themselves until the room is left
   * or closed for good.
   */
  connect(url: string, token: string, options: ConnectOptions = {}): Promise<void> {
    if (this.#session !== null) return Promise.reject(new ConfError("not_connected", "connect was called twice"));
    if (options.signal?.aborted) return Promise.reject(new ConfError("aborted"));
    const session = new Session({
      url,
      token,
      offer: () => this.#media.greeting(),
      resume: () => (this.#meeting === null ? null : { meeting: this.#meeting, seq: this.#state.seq }),
      ...(options.socket === undefined ? {} : { socket: options.socket }),
    });
    this.#session = session;
    this.#become({ kind: "connecting" });
    // The signal is for entering; who is inside leaves by `leave`.
    const abort = (): void => session.leaveNow();
    options.signal?.addEventListener("abort", abort, { once: true });
    return new Promise((resolve, reject) => {
      session.on("welcome", ({ message, again }) => {
        options.signal?.removeEventListener("abort", abort);
        this.#welcome(message, again);
        resolve();
      });
      session.on("waiting", (wait) => {
        options.signal?.removeEventListener("abort", abort);
        this.#waiting(wait);
        resolve();
      });
      session.on("lost", () => this.#become({ kind: "reconnecting" }));
      session.on("event", (frame) => this.#event(frame));
      session.on("room", ({ seq, room }) => {
        this.#state = stateFromView(room, seq);
        this.emit("changed", undefined);
      });
      session.on("slots", (slots) => {
        this.#slots = reduceSlots(this.#slots, slots);
        void this.#alignLips(false);
        this.emit("changed", undefined);
      });
      session.on("speaking", (participants) => {
        this.#speaking = participants;
        this.emit("changed", undefined);
      });
      session.on("layers", ({ source, wanted }) => void this.#media.setLayers(source, wanted));
      session.on("quality", (people) => {
        this.#quality = reduceQuality(this.#quality, people);
        this.emit("changed", undefined);
      });
      session.on("withheld", (pictures) => {
        this.#withheld = withheldTable(pictures);
        this.emit("changed", undefined);
      });
      session.on("storage", (ok) => {
        this.#storage = ok;
        if (ok) this.booth.repeat();
        this.emit("changed", undefined);
      });
      session.on("signal", (signal) => this.#signal(signal));
      session.on("answer", (answer) => this.#media.answered(answer));
      session.on("closed", (because) => {
        this.#close(because);
        reject(because.kind === "refused" ? because.error : new ConfError("connection_lost", because.reason));
      });
      this.#lipTimer = setInterval(() => void this.#alignLips(true), LIPS_EVERY_MS);
      this.#unwatch = watchNetwork(() => this.networkChanged());
      session.start();
    });
  }

  setMicrophoneEnabled(on: boolean, track?: MediaStreamTrack): Promise<void> {
    return this.#local.setMicrophone(on, track);
  }
  setCameraEnabled(on: boolean, track?: MediaStreamTrack): Promise<void> {
    return this.#local.setCamera(on, track);
  }
  setScreenShareEnabled(on: boolean): Promise<void> {
    return this.#local.setScreen(on);
  }
  /** Uses another device from now on; a source that is on goes on with it. */
  useDevice(kind: "microphone" | "camera", deviceId: string): Promise<void> {
    return this.#local.useDevice(kind, deviceId);
  }
  /** Blurs what is behind one. A camera that cannot is not opened while this is on. */
  setBlur(blur: Blur): Promise<void> {
    return this.#local.setBlur(blur);
  }
  /** Who takes out noise; at first the browser. */
  setNoise(noise: Noise): Promise<void> {
    return this.#local.setNoise(noise);
  }

  raiseHand(): Promise<unknown> {
    return this.#request({ type: "raise_hand" });
  }
  lowerHand(target = this.#self ?? ""): Promise<unknown> {
    return this.#request({ type: "lower_hand", target });
  }
  /** Says something; to one alone with `to`, as an answer with `answers`. */
  async sendChat(text: string, where: { readonly to?: string; readonly answers?: string } = {}): Promise<void> {
    // A text that is still to be shown must not come after the message it became.
    this.#liveText.stop();
    this.captions.stop();
    await this.#request({ type: "chat", text, ...where });
    this.#typing.said();
    this.#liveText.said();
  }
  /** One writes: to everyone, or to one alone. May be called for every letter. */
  typed(to: string | null): void {
    this.#typing.typed(to);
  }
  /** Shows everyone a message while it grows; blank gives it up. May be called for every letter. */
  showText(text: string): void {
    this.#liveText.changed(text);
  }
  editChat(message: string, text: string): Promise<unknown> {
    return this.#request({ type: "edit_chat", message, text });
  }
  deleteChat(message: string): Promise<unknown> {
    return this.#request({ type: "delete_chat", message });
  }
  /** Puts a sign to a message, or takes one's own back. */
  reactChat(message: string, reaction: Reaction, on: boolean): Promise<unknown> {
    return this.#request({ type: "react_chat", message, reaction, on });
  }
  /** Has lines before those one has of a conversation: with `other`, or of everyone. */
  async readOlder(other: string | null): Promise<void> {
    for (const { id } of linesWith(this.#state, other, this.#self)) {
      try {
        await this.#request({ type: "show_chat", before: id, ...(other === null ? {} : { with: other }) });
        return;
      } catch (thrown) {
        // One that is kept no more has nothing before it; the next one may.
        if (ConfError.from(thrown, "connection_lost").code !== "no_such_message") throw thrown;
      }
    }
    this.#know(withoutOlder(this.#state, other));
  }

  /** Empties the public chat for everyone. */
  clearChat(): Promise<unknown> {
    return this.#request({ type: "clear_chat" });
  }
  /** While one is in a breakout: nothing is sent here nor received, but what happens is followed. */
  rest(on: boolean): void {
    if (on) this.#letGo();
    this.#media.rest(on);
    this.emit("changed", undefined);
  }
  takePresenter(): Promise<unknown> {
    return this.#request({ type: "take_presenter" });
  }
  askToPresent(): Promise<unknown> {
    return this.#request({ type: "ask_to_present" });
  }
  /** Ends a request to present: one's own, or, as a moderator, another's. */
  declinePresenter(target = this.#self ?? ""): Promise<unknown> {
    return this.#request({ type: "decline_presenter", target });
  }
  /** Arranges everyone's pictures; `null` lets each arrange their own. */
  shareLayout(layout: Layout | null): Promise<unknown> {
    return this.#request({ type: "share_layout", layout });
  }
  /** Says of oneself that one is away for a moment, or back. */
  setAway(on: boolean): Promise<unknown> {
    return this.#request({ type: "set_away", on });
  }
  /** Puts someone in front of everyone; `null` ends it. */
  spotlight(target: string | null): Promise<unknown> {
    return this.#request({ type: "spotlight", target });
  }
  /** Writes the minutes anew over `over`, the version they were made from. */
  writeMinutes(text: string, over: number): Promise<unknown> {
    return this.#request({ type: "write_minutes", text, over });
  }
  /** Shows the minutes to everyone, or to those alone who write them. */
  releaseMinutes(on: boolean): Promise<unknown> {
    return this.#request({ type: "release_minutes", on });
  }
  endForAll(): Promise<unknown> {
    return this.#request({ type: "end" });
  }

  /** What to receive, most wanted first, heights in device pixels; told within 100 ms. */
  wish(wishes: readonly Wish[]): void {
    this.#wishes.set(wishes);
    this.#media.show(wishes.filter((wish) => wish.height > 0).length);
  }

  /** Sends one's camera as small as it is ever sent, whoever wants more of it. */
  sendSmall(on: boolean): void {
    this.#media.sendSmall(on);
  }

  /** The device's network is another one, or back: nothing waits, and what hangs on the old one is doubted. */
  networkChanged(): void {
    this.#session?.retryNow();
    this.#media.review();
  }

  /** Goes for good; safe to call from a closing page. */
  leave(): void {
    this.#session?.leaveNow();
  }

  #ask(body: ClientBody): Promise<Reply> {
    return this.#session?.ask(body) ?? Promise.reject(new ConfError("not_connected"));
  }

  #request(body: Parameters<Session["request"]>[0]): ReturnType<Session["request"]> {
    return this.#session?.request(body) ?? Promise.reject(new ConfError("not_connected"));
  }

  #letGo(): void {
    this.#local.stopAll();
    this.#slots = new Map();
    this.#withheld = new Map();
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    if (connection.kind === "reconnecting") this.#speaking = [];
    this.emit("changed", undefined);
  }

  /** Outside: what was on belonged to the time inside, and nothing is sent from here. */
  #waiting(wait: Wait): void {
    this.#wait = wait;
    if (this.#connection.kind !== "waiting") {
      this.#letGo();
      this.#media.drop();
    }
    this.#become({ kind: "waiting" });
  }

  #welcome(message: Welcome, again: boolean): void {
    this.tools.clock.greeted(message.now);
    this.#newcomer ||= this.#self !== message.participant;
    this.#self = message.participant;
    this.#wait = null;
    this.files.forget();
    this.#storage = true;
    // Told again after this, if there is any.
    this.#withheld = new Map();
    const sameMeeting = this.#meeting === message.meeting;
    this.#meeting = message.meeting;
    if (message.room !== undefined) {
      // Another sitting than before: what was on belonged to the one that ended.
      if (again && !sameMeeting) this.#local.stopAll();
      this.#state = stateFromView(message.room, message.seq);
    }
    this.captions.forget();
    for (const frame of message.events ?? []) this.#event(frame);
    this.#become({ kind: "connected" });
    if (again) this.booth.repeat();
    this.booth.look(this.#state.votes);
    void this.#media.welcomed(message);
  }

  #event(frame: EventFrame): void {
    const before = this.#state;
    this.#state = reduce(before, frame);
    if (this.#state === before) return;
    this.tools.clock.told(frame.at);
    const event = frame.event;
    if ("participant" in event && event.participant === this.#self) this.#local.reflect(event);
    this.captions.happened(event);
    this.#write(reduceWriting(this.#writing, event));
    if (event.type === "vote_closing") this.booth.hurry(event.vote);
    if (event.type === "vote_closed") this.booth.look(this.#state.votes);
    if (event.type === "shown") this.#hide(event.vanished);
    if (event.type === "left") this.#speaking = this.#speaking.filter((id) => id !== event.participant);
    this.emit("event", { frame, before });
    this.emit("changed", undefined);
  }

  /** What was known of people beside the events goes with them. */
  #hide(people: readonly string[]): void {
    this.#speaking = this.#speaking.filter((id) => !people.includes(id));
    this.#quality = new Map([...this.#quality].filter(([id]) => !people.includes(id)));
  }

  /** After a new or kept connection: the room and what runs here are made to agree. */
  #agree(fresh: boolean): void {
    this.#wishes.repeat();
    this.#local.agree(fresh, this.#newcomer).catch((thrown: unknown) => {
      const error = ConfError.from(thrown, "connection_lost");
      // The session is gone again; its return makes them agree.
      if (error.code !== "connection_lost" && error.code !== "not_connected") this.emit("failed", error);
    });
    this.#newcomer = false;
  }

  async #alignLips(measuring: boolean): Promise<void> {
    await this.#media.alignLips(faces(this.#slots), measuring);
  }

  #signal(signal: RoomSignal): void {
    // Told first: what is new about it is seen against what was known.
    this.emit("signal", signal);
    this.tools.signs.hear(signal);
    const polls = reducePollSignal(this.#state.polls, signal);
    this.#know(reduceOlderLines(polls === this.#state.polls ? this.#state : { ...this.#state, polls }, signal));
    this.captions.hear(signal);
    const writing = reduceSignal(this.#writing, signal, this.#self, Date.now());
    if (writing === this.#writing) return;
    this.#write(writing);
    this.emit("changed", undefined);
  }

  /** What is known beside the events. */
  #know(state: MeetingState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.emit("changed", undefined);
  }

  /** Keeps who writes, and comes back when the first of them is to be forgotten. */
  #write(writing: Writing): void {
    if (this.#writingTimer !== null) clearTimeout(this.#writingTimer);
    this.#writingTimer = null;
    this.#writing = writing;
    if (writing.length === 0) return;
    const first = Math.min(...writing.map((one) => one.until));
    this.#writingTimer = setTimeout(
      () => {
        this.#write(stillWriting(this.#writing, Date.now()));
        this.emit("changed", undefined);
      },
      Math.max(0, first - Date.now()),
    );
  }

  #close(because: Closed): void {
    if (this.#lipTimer !== null) clearInterval(this.#lipTimer);
    this.#lipTimer = null;
    this.#unwatch?.();
    this.booth.stop();
    this.#wishes.stop();
    this.#liveText.stop();
    this.#write([]);
    this.tools.signs.clear();
    this.#letGo();
    this.#media.close();
    this.#speaking = [];
    this.#become({ kind: "closed", because });
    this.clear();
  }
}

