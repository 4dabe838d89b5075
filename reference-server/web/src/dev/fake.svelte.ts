// A room without a server: people, pictures and words as a story needs them.

import type { CaptionDrafts, CaptionLine, Layout } from "../sdk";
import type { Attendance, Connection, Figures, GuestPolicy, Learning, LinkQuality, LobbyEntry, LocalStatus, Lock, Manner, MediaStatus, MeetingState, Participant, PollAnswers } from "../sdk";
import type { BallotState, OwnBallot, SecretVote, VoteList, Voters } from "../sdk";
import type { Reaction, RoomEvent, Signs, Source, Wait, Withheld, Writing } from "../sdk";
import { reduce } from "../sdk/state";
import type { RoomModel, Where } from "../app/live/model";
import { PictureChoices } from "../app/live/pictures.svelte";
import type { Sending } from "../app/live/uploads.svelte";
import type { Kept } from "../app/papers/draft.svelte";
import { countsOf, saidIn, whollyRight } from "../app/side/poll/reading";
import { castVote, reducePollSignal } from "../sdk/polls";

const NAMES = [
  "Ann Sørensen",
  "Ben Okafor",
  "Çağla Demir",
  "Dr. Friederike Hohenstein-Wagenknecht",
  "Émile",
  "Fatima Zahra",
  "Grzegorz Brzęczyszczykiewicz",
  "Hana 花",
  "Ines",
  "Jonas",
  "Kofi",
  "Lena",
];

export function person(n: number, change: Partial<Participant> = {}): Participant {
  const name = NAMES[n % NAMES.length] ?? "Nobody";
  return {
    id: `par_${String(n).padStart(16, "0")}`,
    name: n < NAMES.length ? name : `${name.split(" ")[0]} ${n}`,
    role: n === 0 ? "moderator" : "participant",
    standing: n % 3 === 2 ? "guest" : "member",
    connected: true,
    sources: n % 4 === 3 ? [] : n % 2 === 0 ? ["microphone", "camera"] : ["microphone"],
    muted: n % 5 === 1,
    away: false,
    interpreter: false,
    exceptions: [],
    ...change,
  };
}

/** Someone who waits, `n` minutes by now. */
export function waiter(n: number, change: Partial<LobbyEntry> = {}): LobbyEntry {
  const { id, name } = person(n + 5);
  return { id, name, role: "participant", standing: "guest", since: Date.now() - n * 60_000, connected: true, ...change };
}

/** A moving picture in a colour of its own. */
function picture(seed: number, screen: boolean): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = screen ? 1280 : 640;
  canvas.height = screen ? 800 : 360;
  const brush = canvas.getContext("2d");
  let step = 0;
  const draw = (): void => {
    if (brush === null) return;
    step += 1;
    if (screen) {
      brush.fillStyle = "#fdfdfb";
      brush.fillRect(0, 0, 1280, 800);
      brush.fillStyle = "#1c2325";
      brush.font = "600 54px sans-serif";
      brush.fillText("Results of the first quarter", 90, 140);
      brush.font = "32px sans-serif";
      for (let i = 0; i < 7; i += 1) brush.fillText(`${i + 1}.  A line of a slide that explains something`, 100, 240 + i * 70);
    } else {
      const hue = (seed * 67) % 360;
      const sky = brush.createLinearGradient(0, 0, 640, 360);
      sky.addColorStop(0, `hsl(${hue} 30% 62%)`);
      sky.addColorStop(1, `hsl(${(hue + 40) % 360} 30% 38%)`);
      brush.fillStyle = sky;
      brush.fillRect(0, 0, 640, 360);
      brush.fillStyle = "#e6b998";
      brush.beginPath();
      brush.arc(320 + Math.sin(step / 14) * 8, 160, 66, 0, 7);
      brush.fill();
      brush.fillStyle = `hsl(${(hue + 180) % 360} 35% 32%)`;
      brush.beginPath();
      brush.ellipse(320, 370, 150, 130, 0, 0, 7);
      brush.fill();
    }
  };
  draw();
  setInterval(draw, 100);
  const track = canvas.captureStream(10).getVideoTracks()[0];
  if (track === undefined) throw new Error("no canvas capture here");
  return track;
}

export class FakeRoom implements RoomModel {
  state = $state.raw<MeetingState>({} as MeetingState);
  selfId = $state("");
  connection = $state.raw<Connection>({ kind: "connected" });
  wait = $state.raw<Wait | null>(null);
  storage = $state(true);
  mediaStatus = $state<MediaStatus>("connected");
  speaking = $state.raw<readonly string[]>([]);
  writing = $state.raw<Writing>([]);
  clockAhead = 0;
  signs = $state.raw<Signs>([]);
  captionDrafts = $state.raw<CaptionDrafts>([]);
  quality = $state.raw<ReadonlyMap<string, LinkQuality>>(new Map());
  soundOnly = $state(false);
  uploads = $state.raw<readonly Sending[]>([]);
  /** What is in each file. */
  bytes = $state.raw<ReadonlyMap<string, Blob>>(new Map());
  readonly pictures = new PictureChoices();
  /** By participant and source. */
  lacking = $state.raw<ReadonlyMap<string, Withheld>>(new Map());
  local = $state.raw<Record<"microphone" | "camera" | "screen", LocalStatus>>({
    microphone: "on",
    camera: "on",
    screen: "off",
  });
  askedBy = $state<string | null>(null);
  invite = $state<string | null>("https://meet.example.org/r/room_00000000000000000000000000000007#k3yOfTheGuests");
  readonly #pictures = new Map<string, MediaStreamTrack>();

  constructor(people: readonly Participant[], change: Partial<MeetingState> = {}, self = 0) {
    this.selfId = people[self]?.id ?? "";
    this.state = {
      room: "room_00000000000000000000000000000007",
      name: "Team meeting of the northern offices",
      openedAt: Date.now() - 754_000,
      roster: people,
      presenter: people[0]?.id ?? null,
      askingToPresent: [],
      hands: [],
      chat: [],
      privateChat: [],
      older: { everyone: false, with: [] },
      captionWriters: [],
      captions: [],
      files: [],
      fileRules: { bytes: 30_000_000, endings: ["pdf", "png", "txt"] },
      polls: [],
      timer: null,
      picked: null,
      breakouts: null,
      votes: [],
      locks: [],
      guests: "ask",
      joinMuted: false,
      spotlight: null,
      layout: null,
      minuteTaker: null,
      minutes: null,
      attendance: false,
      learning: false,
      lobby: [],
      lobbyMessage: null,
      ended: null,
      seq: 1,
      ...change,
    };
  }

  get self(): Participant | undefined {
    return this.state.roster.find((p) => p.id === this.selfId);
  }

  ownTrack(source: Source): MediaStreamTrack | null {
    return this.trackOf(this.selfId, source);
  }
  trackOf(participant: string, source: Source): MediaStreamTrack | null {
    const who = this.state.roster.find((p) => p.id === participant);
    if (who === undefined || !who.sources.includes(source) || this.withheld(participant, source) === "off") return null;
    const key = `${participant}/${source}`;
    const kept = this.#pictures.get(key) ?? picture(Number(participant.slice(4)) + 1, source === "screen");
    this.#pictures.set(key, kept);
    return kept;
  }
  withheld(participant: string, source: Source): Withheld | null {
    return this.lacking.get(`${participant}/${source}`) ?? null;
  }
  audioTracks(): readonly MediaStreamTrack[] {
    return [];
  }

  setMicrophone(on: boolean): void {
    this.local = { ...this.local, microphone: on ? "on" : "muted" };
  }
  setCamera(on: boolean): void {
    this.local = { ...this.local, camera: on ? "on" : "off" };
  }
  setScreen(on: boolean): void {
    this.local = { ...this.local, screen: on ? "on" : "off" };
  }
  useDevice(): void {}
  setBlur(): Promise<boolean> {
    return Promise.resolve(true);
  }
  setNoise(): Promise<boolean> {
    return Promise.resolve(true);
  }
  raiseHand(): void {
    this.state = { ...this.state, hands: [...this.state.hands, this.selfId] };
  }
  lowerHand(target: string): void {
    this.state = { ...this.state, hands: this.state.hands.filter((id) => id !== target) };
  }
  lowerAllHands(): void {
    this.state = { ...this.state, hands: [] };
  }
  setTimer(span: number | null, runs: boolean): void {
    this.#happens({ type: "timer_set", span, runs });
  }
  pauseTimer(): void {
    this.#happens({ type: "timer_paused" });
  }
  resumeTimer(): void {
    this.#happens({ type: "timer_resumed" });
  }
  stopTimer(): void {
    this.#happens({ type: "timer_stopped" });
  }
  pick(): void {
    this.#happens({ type: "picked", participant: this.state.roster.at(-1)?.id ?? this.selfId, by: this.selfId });
  }
  react(reaction: Reaction): void {
    const number = (this.signs.at(-1)?.number ?? 0) + 1;
    this.signs = [...this.signs, { number, by: this.selfId, reaction, until: Date.now() + 5_000 }];
  }
  async sendChat(text: string, where: Where): Promise<boolean> {
    const line = { id: `msg_${Math.random()}`, from: this.selfId, name: this.self?.name ?? null, text, at: Date.now(), ...where };
    this.#happens({ type: "chat", line });
    return true;
  }
  typed(): void {}
  showText(): void {}
  async editChat(message: string, text: string): Promise<boolean> {
    this.#happens({ type: "chat_edited", message, text });
    return true;
  }
  readOlder(): Promise<boolean> {
    return Promise.resolve(true);
  }
  deleteChat(message: string): void {
    this.#happens({ type: "chat_deleted", message, by: this.selfId });
  }
  reactChat(message: string, reaction: Reaction, on: boolean): void {
    this.#happens({ type: "chat_reacted", message, by: this.selfId, reaction, on });
  }
  clearChat(): void {
    this.#happens({ type: "chat_cleared", by: this.selfId });
  }
  sendFile(file: File, to: string | null): void {
    const id = `file_${Math.random()}`;
    this.bytes = new Map(this.bytes).set(id, file);
    const where = to === null ? {} : { to };
    const shared = { id, from: this.selfId, name: this.self?.name ?? null, at: Date.now(), file_name: file.name, bytes: file.size, ...where };
    this.#happens({ type: "file_shared", file: { ...shared, group: "documents" } });
  }
  async readFile(file: string): Promise<Blob | null> {
    return this.bytes.get(file) ?? null;
  }
  deleteFile(file: string): void {
    this.#happens({ type: "file_deleted", file, by: this.selfId });
  }
  /** Starts a poll; one's own, so that one knows what is right. */
  async startPoll(question: string, answers: PollAnswers, how: Manner): Promise<boolean> {
    const id = `poll_${Math.random()}`;
    this.#happens({
      type: "poll_started",
      poll: { id, by: this.selfId, at: Date.now(), question, answers, several: how.several, anonymous: how.anonymous, quiz: how.right.length > 0, stage: "open", voted: 0, cast: false, votes: [], written: [], said: [], uncounted: 0, in_front: false },
    });
    if (how.right.length > 0) this.#happens({ type: "poll_key_set", poll: id, key: { right: [...how.right] } });
    return true;
  }
  ballots = $state<Record<string, OwnBallot>>({});
  ballotUnderWay = false;
  async openVote(question: string, choices: readonly string[], most: number, voters: Voters): Promise<boolean> {
    const vote = { id: `vote_${Math.random()}`, by: this.selfId, at: Date.now(), question, choices: [...choices], most, voters, key: "", stage: "open", entitled: this.state.roster.length, given: 0, took: false } as const;
    this.#happens({ type: "vote_opened", vote: { ...vote, choices: [...choices] } });
    return true;
  }
  castVote(vote: SecretVote, _choices: readonly number[]): void {
    this.ballots = { ...this.ballots, [vote.id]: { state: "under_way" satisfies BallotState, serial: "0a".repeat(32) } };
    this.#happens({ type: "vote_turnout", vote: vote.id, given: vote.given + 1 });
  }
  closeVote(id: string): void {
    const vote = this.state.votes.find((one) => one.id === id);
    this.#happens({ type: "vote_closed", vote: id, cast: vote?.given ?? 0, counts: (vote?.choices ?? []).map((_, at) => (at === 0 ? (vote?.given ?? 0) : 0)) });
  }
  ownBallot(vote: string): OwnBallot | null {
    return this.ballots[vote] ?? null;
  }
  voteList(_vote: string): VoteList | null {
    return null;
  }
  async vote(poll: string, choices: readonly number[]): Promise<boolean> {
    const asked = this.state.polls.find((one) => one.id === poll);
    if (asked?.anonymous === true) {
      const polls = reducePollSignal(castVote(this.state.polls, poll, choices), { type: "poll_turnout", poll, voted: asked.voted + 1 });
      this.state = { ...this.state, polls };
      return true;
    }
    this.#happens({ type: "voted", poll, vote: { by: this.selfId, choices: [...choices] } });
    this.#happens({ type: "poll_turnout", poll, voted: this.state.polls.find((one) => one.id === poll)?.votes.length ?? 0 });
    return true;
  }
  async answerPoll(poll: string, text: string): Promise<boolean> {
    this.#happens({ type: "poll_answered", poll, answer: { by: this.selfId, text } });
    this.#happens({ type: "poll_turnout", poll, voted: this.state.polls.find((one) => one.id === poll)?.written.length ?? 0 });
    return true;
  }
  setCaptionWriter(language: string, target: string | null): void {
    const writer = { language, participant: target ?? this.selfId };
    this.#happens({ type: target === null ? "caption_writer_ended" : "caption_writer", writer, by: this.selfId });
  }
  draftCaption(language: string, text: string): void {
    this.captionDrafts = text === "" ? [] : [{ by: this.selfId, language, text }];
  }
  async writeCaption(language: string, text: string): Promise<boolean> {
    this.captionDrafts = [];
    this.#happens({ type: "caption", line: { id: `cap_${Math.random()}`, by: this.selfId, language, at: Date.now(), text } });
    return true;
  }
  async correctCaption(line: string, text: string): Promise<boolean> {
    this.#happens({ type: "caption_corrected", line, text });
    return true;
  }
  async saveCaptions(language: string): Promise<readonly CaptionLine[]> {
    return this.state.captions.filter((line) => line.language === language);
  }
  closePoll(poll: string): void {
    this.#happens({ type: "poll_closed", poll, by: this.selfId, uncounted: 0 });
  }
  publishPoll(id: string): void {
    const poll = this.state.polls.find((one) => one.id === id);
    if (poll === undefined) return;
    const counts = countsOf(poll, this.self) ?? [];
    const wholly = whollyRight(poll, this.self);
    this.#happens({ type: "poll_published", poll: id, by: this.selfId, counts, said: [...(saidIn(poll, this.self) ?? [])], ...(poll.key && wholly !== null && { key: { ...poll.key, wholly } }) });
  }
  putPollAway(poll: string): void {
    this.#happens({ type: "poll_put_away", poll, by: this.selfId });
  }
  withdrawPoll(poll: string): void {
    this.#happens({ type: "poll_withdrawn", poll, by: this.selfId });
  }
  mute(): void {}
  askToUnmute(): void {}
  declineUnmute(): void {
    this.askedBy = null;
  }
  stopSource(): void {}
  givePresenter(target: string): void {
    this.state = { ...this.state, presenter: target };
  }
  muteAll(): void {}
  takePresenter(): void {
    this.state = { ...this.state, presenter: null };
  }
  askToPresent(): void {
    this.state = { ...this.state, askingToPresent: [...this.state.askingToPresent, this.selfId] };
  }
  declinePresenter(target: string): void {
    this.state = { ...this.state, askingToPresent: this.state.askingToPresent.filter((id) => id !== target) };
  }
  promote(target: string): void {
    this.#change(target, { role: "moderator" });
  }
  demote(target: string): void {
    this.#change(target, { role: "participant" });
  }
  async rename(target: string, name: string): Promise<boolean> {
    this.#change(target, { name });
    return true;
  }
  async report(): Promise<boolean> {
    return true;
  }
  setException(target: string, lock: Lock, on: boolean): void {
    const lifted = this.state.roster.find((p) => p.id === target)?.exceptions ?? [];
    this.#change(target, { exceptions: [...lifted.filter((l) => l !== lock), ...(on ? [lock] : [])] });
  }
  shareLayout(layout: Layout | null): void {
    this.#happens({ type: "layout", layout, by: this.selfId });
  }
  setMinuteTaker(minuteTaker: string | null): void {
    this.state = { ...this.state, minuteTaker };
  }
  setInterpreter(target: string, interpreter: boolean): void {
    this.#change(target, { interpreter });
  }
  setAway(away: boolean): void {
    this.#change(this.selfId, { away });
  }
  async writeMinutes(text: string, over: number): Promise<Kept> {
    this.#happens({ type: "minutes_written", by: this.selfId, text, version: over + 1 });
    return "kept";
  }
  releaseMinutes(on: boolean): void {
    this.#happens({ type: "minutes_released", on, by: this.selfId });
  }
  readAttendance(): Promise<Attendance> {
    const since = this.state.openedAt;
    const stays = this.state.roster.map(({ id, name, role, standing }, n) => ({
      participant: id, person: id, name, role, standing, from: since + n * 20_000, until: n % 4 === 3 ? since + 400_000 : null,
    }));
    const again = stays.slice(3, 4).map((stay) => ({ ...stay, participant: `${stay.participant}b`, from: since + 600_000, until: null }));
    return Promise.resolve({ stays: [...stays, ...again], leftOut: 0 });
  }
  readLearning(): Promise<Learning> {
    const people = this.state.roster.map(({ id, name, role, standing }, n) => ({
      person: id, name, role, standing, here: n % 5 !== 4, present_ms: 754_000 - n * 31_000, talked_ms: n === 0 ? 331_000 : (n * 37_000) % 95_000,
      hands: (n * 3) % 4, polls: n === 0 ? 0 : 2 - (n % 3 === 2 ? 1 : 0), messages: (n * 5) % 7,
    }));
    return Promise.resolve({ people, leftOut: 0 });
  }
  async readOwnFigures(): Promise<Figures | null> {
    const { people } = await this.readLearning();
    return people.find((one) => one.person === this.selfId) ?? null;
  }
  setLock(lock: Lock, on: boolean): void {
    this.state = { ...this.state, locks: [...this.state.locks.filter((l) => l !== lock), ...(on ? [lock] : [])] };
  }
  admit(target: string): void {
    this.state = { ...this.state, lobby: this.state.lobby.filter((entry) => entry.id !== target) };
  }
  admitAll(): void {
    this.state = { ...this.state, lobby: [] };
  }
  deny(target: string): void {
    this.admit(target);
  }
  setGuests(guests: GuestPolicy): void {
    this.state = { ...this.state, guests };
  }
  async setLobbyMessage(lobbyMessage: string | null): Promise<boolean> {
    this.state = { ...this.state, lobbyMessage };
    return true;
  }
  setJoinMuted(joinMuted: boolean): void {
    this.state = { ...this.state, joinMuted };
  }
  remove(target: string, _ban: boolean): void {
    this.state = { ...this.state, roster: this.state.roster.filter((p) => p.id !== target) };
  }
  spotlight(spotlight: string | null): void {
    this.state = { ...this.state, spotlight };
  }
  async rotateLink(): Promise<boolean> {
    this.invite = "https://meet.example.org/r/room_00000000000000000000000000000007#aN3wKey";
    return true;
  }
  sendSmall(): void {}
  wish(): void {}
  leave(): void {}
  endForAll(): void {}

  #change(target: string, change: Partial<Participant>): void {
    this.state = { ...this.state, roster: this.state.roster.map((p) => (p.id === target ? { ...p, ...change } : p)) };
  }

  #happens(event: RoomEvent): void {
    this.state = reduce(this.state, { seq: this.state.seq + 1, at: Date.now(), event });
  }
}
