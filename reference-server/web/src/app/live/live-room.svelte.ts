// The sdk's room as Svelte sees it: readings that follow, requests whose failures are shown.

import { createSubscriber } from "svelte/reactivity";
import { ConfError, Room, find, type GuestPolicy, type Lock, type MeetingState, type Reaction, type Source, type Wish } from "../../sdk";
import type { Attendance, Blur, CaptionLine, Figures, Layout, Learning, EventFrame, Manner, Noise, PollAnswers, RoomSignal, SecretVote, Voters } from "../../sdk";
import { errorText, t } from "../i18n/index.svelte";
import { prefs } from "../prefs.svelte";
import { sizeText } from "../side/chat/size";
import { takes } from "../side/chat/take";
import type { Kept } from "../papers/draft.svelte";
import { KEPT_LATER } from "../papers/refused";
import type { RoomModel, Where } from "./model";
import { notices } from "./notices.svelte";
import { personName } from "./person";
import { PictureChoices } from "./pictures.svelte";
import { tellOfEvent } from "./tell";
import { Uploads } from "./uploads.svelte";

/** A choice the person took back or that the closing page cut short is no news. */
const QUIET: ReadonlySet<string> = new Set(["aborted"]);
/** Two moderators did the same, or the person went: what was wanted holds. */
const GONE = "no_such_participant";
/** What was to be deleted is not there any more. */
const FORGOTTEN = "no_such_message";
/** Another stopped it already. */
const STOPPED = "no_timer";
/** Another moderator was quicker. */
const WITHDRAWN = "no_such_poll";
/** Somebody was quicker to take it away. */
const NO_FILE = "no_such_file";

export class LiveRoom implements RoomModel {
  readonly pictures = new PictureChoices();
  readonly #uploads = new Uploads();
  readonly #room: Room;
  #guestLink = $state.raw<string | null>(null);
  #askedBy = $state.raw<string | null>(null);
  readonly #follow: () => void;

  constructor(room: Room, guestLink: string | null) {
    this.#room = room;
    this.#guestLink = guestLink;
    this.#follow = createSubscriber((update) => room.on("changed", update));
    room.on("event", ({ frame, before }) => this.#happened(frame, before));
    room.on("signal", (signal) => this.#hear(signal));
    room.on("failed", (error) => notices.show(errorText(error), "problem"));
  }

  get state() {
    this.#follow();
    return this.#room.state;
  }
  get self() {
    this.#follow();
    return this.#room.self;
  }
  get connection() {
    this.#follow();
    return this.#room.connection;
  }
  get wait() {
    this.#follow();
    return this.#room.wait;
  }
  get storage() {
    this.#follow();
    return this.#room.storage;
  }
  get mediaStatus() {
    this.#follow();
    return this.#room.mediaStatus;
  }
  get speaking() {
    this.#follow();
    return this.#room.speaking;
  }
  get writing() {
    this.#follow();
    return this.#room.writing;
  }
  get clockAhead() {
    return this.#room.tools.clock.ahead;
  }
  get signs() {
    this.#follow();
    return this.#room.tools.signs.shown;
  }
  get captionDrafts() {
    this.#follow();
    return this.#room.captions.drafts;
  }
  get uploads() {
    return this.#uploads.items;
  }
  get quality() {
    this.#follow();
    return this.#room.quality;
  }
  get soundOnly() {
    this.#follow();
    return this.#room.soundOnly;
  }
  get local() {
    this.#follow();
    return this.#room.local;
  }
  get askedBy() {
    return this.local.microphone === "on" ? null : this.#askedBy;
  }
  /** A guest's own link is the one for guests; a member's is not for others, whatever their role is by now. */
  get invite() {
    if (this.#guestLink !== null) return this.#guestLink;
    return this.self?.standing === "guest" ? location.href : null;
  }

  ownTrack(source: Source) {
    this.#follow();
    return this.#room.ownTrack(source);
  }
  trackOf(participant: string, source: Source) {
    this.#follow();
    return this.#room.trackOf(participant, source);
  }
  withheld(participant: string, source: Source) {
    this.#follow();
    return this.#room.withheld(participant, source);
  }
  audioTracks() {
    this.#follow();
    return this.#room.audioTracks();
  }

  setMicrophone(on: boolean): void {
    if (on) this.#askedBy = null;
    this.#ask(this.#room.setMicrophoneEnabled(on));
  }
  declineUnmute(): void {
    this.#askedBy = null;
  }
  setCamera(on: boolean): void {
    this.#ask(this.#room.setCameraEnabled(on));
  }
  setScreen(on: boolean): void {
    // Closing the browser's own chooser is an answer, not a failure.
    this.#ask(this.#room.setScreenShareEnabled(on), "device_denied");
  }
  useDevice(kind: "microphone" | "camera", id: string): void {
    this.#ask(this.#room.useDevice(kind, id));
  }
  setBlur(blur: Blur): Promise<boolean> {
    return this.#ask(this.#room.setBlur(blur));
  }
  setNoise(noise: Noise): Promise<boolean> {
    return this.#ask(this.#room.setNoise(noise));
  }
  raiseHand(): void {
    this.#ask(this.#room.raiseHand());
  }
  lowerHand(target: string): void {
    this.#ask(this.#room.lowerHand(target));
  }
  lowerAllHands(): void {
    this.#ask(this.#room.tools.lowerAllHands());
  }
  setTimer(span: number | null, runs: boolean): void {
    this.#ask(this.#room.tools.setTimer(span, runs));
  }
  pauseTimer(): void {
    this.#ask(this.#room.tools.pauseTimer(), STOPPED);
  }
  resumeTimer(): void {
    this.#ask(this.#room.tools.resumeTimer(), STOPPED);
  }
  stopTimer(): void {
    this.#ask(this.#room.tools.stopTimer());
  }
  pick(moderators: boolean): void {
    this.#ask(this.#room.tools.pick(moderators));
  }
  react(reaction: Reaction): void {
    this.#ask(this.#room.tools.react(reaction));
  }
  sendChat(text: string, where: Where): Promise<boolean> {
    return this.#ask(this.#room.sendChat(text, where));
  }
  typed(to: string | null): void {
    this.#room.typed(to);
  }
  showText(text: string): void {
    this.#room.showText(text);
  }
  editChat(message: string, text: string): Promise<boolean> {
    return this.#ask(this.#room.editChat(message, text));
  }
  readOlder(other: string | null): Promise<boolean> {
    return this.#ask(this.#room.readOlder(other));
  }
  deleteChat(message: string): void {
    this.#ask(this.#room.deleteChat(message), FORGOTTEN);
  }
  reactChat(message: string, reaction: Reaction, on: boolean): void {
    this.#ask(this.#room.reactChat(message, reaction, on));
  }
  clearChat(): void {
    this.#ask(this.#room.clearChat());
  }
  sendFile(file: File, to: string | null): void {
    const rules = this.#room.state.fileRules;
    switch (takes(rules, file)) {
      case "type":
        return notices.show(t("files.type", { name: file.name, endings: rules.endings.join(", ") }), "problem");
      case "empty":
        return notices.show(errorText({ code: "file_empty" }), "problem");
      case "too_large":
        return notices.show(t("files.too_large", { name: file.name, most: sizeText(rules.bytes, prefs.locale) }), "problem");
      case "taken": {
        const sent = this.#uploads.run(file.name, to, (watch) => this.#room.files.send(file, to, watch));
        void this.#ask(sent).then((done) => {
          if (done) notices.show(t("files.sent", { name: file.name }));
        });
      }
    }
  }
  async readFile(file: string, how: "aloud" | "quietly"): Promise<Blob | null> {
    try {
      return await this.#room.files.read(file);
    } catch (thrown) {
      const error = ConfError.from(thrown, "network");
      if (how === "aloud" && !QUIET.has(error.code)) notices.show(errorText(error), "problem");
      return null;
    }
  }
  deleteFile(file: string): void {
    this.#ask(this.#room.files.remove(file), NO_FILE);
  }
  startPoll(question: string, answers: PollAnswers, how: Manner): Promise<boolean> {
    return this.#ask(this.#room.polls.start(question, answers, how));
  }
  vote(poll: string, choices: readonly number[]): Promise<boolean> {
    return this.#ask(this.#room.polls.vote(poll, choices));
  }
  answerPoll(poll: string, text: string): Promise<boolean> {
    return this.#ask(this.#room.polls.answer(poll, text));
  }
  setCaptionWriter(language: string, target: string | null): void {
    this.#ask(this.#room.captions.setWriter(language, target), GONE);
  }
  draftCaption(language: string, text: string): void {
    this.#room.captions.draft(language, text);
  }
  writeCaption(language: string, text: string): Promise<boolean> {
    return this.#ask(this.#room.captions.write(language, text));
  }
  correctCaption(line: string, text: string): Promise<boolean> {
    return this.#ask(this.#room.captions.correct(line, text));
  }
  async saveCaptions(language: string): Promise<readonly CaptionLine[] | null> {
    let lines: readonly CaptionLine[] = [];
    const asked = this.#room.captions.save(language).then((all) => (lines = all));
    return (await this.#ask(asked)) ? lines : null;
  }
  readonly closePoll = (poll: string): void => void this.#ask(this.#room.polls.close(poll), WITHDRAWN);
  readonly publishPoll = (poll: string): void => void this.#ask(this.#room.polls.publish(poll), WITHDRAWN);
  readonly putPollAway = (poll: string): void => void this.#ask(this.#room.polls.putAway(poll), WITHDRAWN);
  readonly withdrawPoll = (poll: string): void => void this.#ask(this.#room.polls.withdraw(poll), WITHDRAWN);
  openVote(question: string, choices: readonly string[], most: number, voters: Voters): Promise<boolean> {
    return this.#ask(this.#room.booth.openVote(question, choices, most, voters));
  }
  castVote(vote: SecretVote, choices: readonly number[]): void {
    this.#ask(this.#room.booth.vote(vote, choices));
  }
  closeVote(vote: string): void {
    this.#ask(this.#room.booth.closeVote(vote), "no_such_vote");
  }
  ownBallot(vote: string) {
    this.#follow();
    return this.#room.booth.own(vote);
  }
  voteList(vote: string) {
    this.#follow();
    return this.#room.booth.list(vote);
  }
  get ballotUnderWay() {
    return this.#room.booth.busy;
  }
  mute(target: string): void {
    this.#ask(this.#room.people.mute(target));
  }
  askToUnmute(target: string): void {
    void this.#ask(this.#room.people.askToUnmute(target)).then((asked) => {
      const name = personName(find(this.#room.state.roster, target));
      if (asked) notices.show(t("ask_unmute.sent", { name }));
    });
  }
  stopSource(target: string, source: Source): void {
    this.#ask(this.#room.people.stopSource(target, source));
  }
  givePresenter(target: string): void {
    this.#ask(this.#room.people.givePresenter(target));
  }
  takePresenter(): void {
    this.#ask(this.#room.takePresenter());
  }
  askToPresent(): void {
    this.#ask(this.#room.askToPresent());
  }
  declinePresenter(target: string): void {
    this.#ask(this.#room.declinePresenter(target), GONE);
  }
  muteAll(butPresenter: boolean): void {
    this.#ask(this.#room.people.muteAll(butPresenter));
  }
  promote(target: string): void {
    this.#ask(this.#room.people.promote(target));
  }
  demote(target: string): void {
    this.#ask(this.#room.people.demote(target));
  }
  rename(target: string, name: string): Promise<boolean> {
    return this.#ask(this.#room.people.rename(target, name));
  }
  async report(target: string, text: string): Promise<boolean> {
    const told = await this.#ask(this.#room.people.report(target, text));
    if (told) notices.show(t("report.sent"));
    return told;
  }
  setException(target: string, lock: Lock, on: boolean): void {
    this.#ask(this.#room.people.setException(target, lock, on), GONE);
  }
  shareLayout(layout: Layout | null): void {
    this.#ask(this.#room.shareLayout(layout));
  }
  setMinuteTaker(target: string | null): void {
    this.#ask(this.#room.people.setMinuteTaker(target), GONE);
  }
  setInterpreter(target: string, on: boolean): void {
    this.#ask(this.#room.people.setInterpreter(target, on), GONE);
  }
  setAway(on: boolean): void {
    this.#ask(this.#room.setAway(on));
  }
  async writeMinutes(text: string, over: number): Promise<Kept> {
    try {
      await this.#room.writeMinutes(text, over);
      return "kept";
    } catch (thrown) {
      const error = ConfError.from(thrown, "network");
      const later = KEPT_LATER.get(error.code);
      if (later !== undefined) return later;
      notices.show(errorText(error), "problem");
      return "failed";
    }
  }
  releaseMinutes(on: boolean): void {
    this.#ask(this.#room.releaseMinutes(on));
  }
  async readAttendance(): Promise<Attendance | null> {
    let list: Attendance | null = null;
    await this.#ask(this.#room.papers.readAttendance().then((found) => (list = found)));
    return list;
  }
  async readLearning(): Promise<Learning | null> {
    let list: Learning | null = null;
    await this.#ask(this.#room.papers.readLearning().then((found) => (list = found)));
    return list;
  }
  async readOwnFigures(): Promise<Figures | null> {
    let own: Figures | null = null;
    await this.#ask(this.#room.papers.readOwnFigures().then((found) => (own = found)));
    return own;
  }
  setLock(lock: Lock, on: boolean): void {
    this.#ask(this.#room.people.setLock(lock, on));
  }
  admit(target: string): void {
    this.#ask(this.#room.lobby.admit(target), GONE);
  }
  admitAll(): void {
    this.#ask(this.#room.lobby.admitAll());
  }
  deny(target: string): void {
    this.#ask(this.#room.lobby.deny(target), GONE);
  }
  setGuests(policy: GuestPolicy): void {
    this.#ask(this.#room.lobby.setGuests(policy));
  }
  setLobbyMessage(text: string | null): Promise<boolean> {
    return this.#ask(this.#room.lobby.setLobbyMessage(text));
  }
  setJoinMuted(on: boolean): void {
    this.#ask(this.#room.lobby.setJoinMuted(on));
  }
  remove(target: string, ban: boolean): void {
    this.#ask(this.#room.people.remove(target, ban), GONE);
  }
  spotlight(target: string | null): void {
    this.#ask(this.#room.spotlight(target));
  }
  rotateLink(): Promise<boolean> {
    return this.#ask(
      this.#room.lobby.rotateLink().then((path) => {
        this.#guestLink = new URL(path, location.origin).href;
      }),
    );
  }
  sendSmall(on: boolean): void {
    this.#room.sendSmall(on);
  }
  wish(wishes: readonly Wish[]): void {
    this.#room.wish(wishes);
  }
  leave(): void {
    this.#room.leave();
  }
  endForAll(): void {
    this.#ask(this.#room.endForAll());
  }

  async #ask(request: Promise<unknown>, quiet = ""): Promise<boolean> {
    try {
      await request;
      return true;
    } catch (thrown) {
      const error = ConfError.from(thrown, "network");
      if (error.code !== quiet && !QUIET.has(error.code)) notices.show(errorText(error), "problem");
      return false;
    }
  }

  #hear(signal: RoomSignal): void {
    switch (signal.type) {
      case "asked_to_unmute":
        if (this.#room.local.microphone !== "on") this.#askedBy = signal.by;
        return;
      case "typing":
      // Read by whoever asked for it.
      case "chat":
      case "attendance":
      case "learning":
      case "own_learning":
      case "poll_turnout":
      // Captions are read where they stand; a text that was asked for is no news.
      case "caption":
      case "caption_text":
        return;
      case "live_text": {
        const shown = this.#room.writing.some((one) => one.by === signal.by && one.text !== null);
        if (shown || signal.text === null || signal.by === this.#room.self?.id) return;
        notices.tell({ kind: "live", name: personName(find(this.#room.state.roster, signal.by)) });
        return;
      }
      case "reacted":
        if (signal.by !== this.#room.self?.id) notices.tell({ kind: "reaction", reaction: signal.reaction, by: signal.by });
        return;
      default:
        // A newer server may say more than this client knows.
        return signal satisfies never;
    }
  }

  #happened(frame: EventFrame, before: MeetingState): void {
    // What this page knew is no good any more.
    if (frame.event.type === "link_rotated" && frame.event.by !== this.#room.self?.id) this.#guestLink = null;
    tellOfEvent(frame.event, before, this.#room.state, this.#room.self?.id);
  }
}
