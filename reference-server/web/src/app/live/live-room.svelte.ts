// The sdk's room as Svelte sees it: readings that follow, requests whose failures are shown.

import { createSubscriber } from "svelte/reactivity";
import { ConfError, Room, find, type GuestPolicy, type Lock, type MeetingState, type Reaction, type Source, type Wish } from "../../sdk";
import type { Attendance, Blur, CaptionLine, ChatLine, Figures, Layout, Learning, EventFrame, Noise, PollAnswers, RoomSignal, SecretVote, Voters } from "../../sdk";
import { errorText, t } from "../i18n/index.svelte";
import { captionLanguages, languageName } from "../captions/languages";
import { prefs } from "../prefs.svelte";
import { mentions } from "../side/chat/mentions";
import { sizeText } from "../side/chat/size";
import { takes } from "../side/chat/take";
import type { Kept } from "../papers/draft.svelte";
import { KEPT_LATER } from "../papers/refused";
import type { RoomModel, Where } from "./model";
import { notices } from "./notices.svelte";
import { personName } from "./person";
import { PictureChoices } from "./pictures.svelte";
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
    room.on("event", ({ frame, before }) => this.#tell(frame, before));
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
  startPoll(question: string, answers: PollAnswers, how: { readonly several: boolean; readonly anonymous: boolean }): Promise<boolean> {
    return this.#ask(this.#room.polls.start(question, answers, how));
  }
  vote(poll: string, choices: readonly number[]): Promise<boolean> {
    return this.#ask(this.#room.polls.vote(poll, choices));
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

  #tellOfLine(line: ChatLine, self: string | undefined): void {
    if (self === undefined || line.from === self) return;
    if (line.to !== undefined) notices.tell({ kind: "private", name: personName(line) });
    else if (mentions(line.text, self)) notices.tell({ kind: "mention", name: personName(line) });
    else notices.tell({ kind: "chat" });
  }

  #hear(signal: RoomSignal): void {
    switch (signal.type) {
      case "asked_to_unmute":
        if (this.#room.local.microphone !== "on") this.#askedBy = signal.by;
        return;
      case "typing":
      // Read by whoever asked for it.
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

  /** Says what others did to one, and reads out what others see. */
  #tell(frame: EventFrame, before: MeetingState): void {
    const event = frame.event;
    const self = this.#room.self?.id;
    const name = (id: string) => personName(find(this.#room.state.roster, id) ?? find(before.roster, id));
    switch (event.type) {
      case "joined":
        if (event.participant.id !== self) {
          notices.tell({ kind: "joined", name: personName(event.participant) });
        }
        return;
      case "left":
        notices.tell({ kind: "left", name: name(event.participant) });
        return;
      case "hand_raised":
        if (event.participant !== self) notices.tell({ kind: "hand", name: name(event.participant) });
        return;
      case "chat":
        this.#tellOfLine(event.line, self);
        return;
      case "chat_edited": {
        // Whoever is named only now learns of it now.
        const was = before.chat.find((line) => line.id === event.message);
        if (self !== undefined && was !== undefined && was.from !== self && mentions(event.text, self) && !mentions(was.text, self)) {
          notices.tell({ kind: "mention", name: personName(was) });
        }
        return;
      }
      case "chat_cleared":
        if (event.by !== self) notices.show(t("notice.cleared", { name: name(event.by) }));
        return;
      case "file_shared":
        if (event.file.from !== self) notices.tell({ kind: "file", name: personName(event.file) });
        return;
      case "file_deleted": {
        const gone = before.files.find((file) => file.id === event.file);
        if (gone?.from === self && event.by !== self) notices.show(t("notice.file_deleted", { name: name(event.by), file: gone?.file_name ?? "" }));
        return;
      }
      case "poll_started":
        if (event.poll.by !== self) notices.tell({ kind: "poll", name: name(event.poll.by) });
        return;
      case "vote_opened":
        if (event.vote.by !== self) notices.tell({ kind: "poll", name: name(event.vote.by) });
        return;
      case "vote_closed":
        notices.show(t("notice.vote"));
        return;
      case "poll_published":
        if (event.by !== self) notices.show(t("notice.poll"));
        return;
      case "breakouts_opened":
        notices.show(t("notice.groups"));
        return;
      case "breakout_assigned":
        if (event.participant === self && event.by !== self && event.breakout !== null) {
          const group = this.#room.state.breakouts?.breakouts[event.breakout]?.name ?? t("groups.name", { count: event.breakout + 1 });
          notices.show(t("notice.group", { name: group }));
        }
        return;
      case "help_called":
        if (event.participant !== self) notices.show(t("notice.help", { name: name(event.participant) }));
        return;
      case "help_ended":
        if (event.participant === self) notices.show(t("notice.help_came", { name: name(event.by) }));
        return;
      case "breakouts_extended":
        if (event.by !== self) notices.show(t("notice.groups_extended"));
        return;
      case "breakouts_told":
        if (event.text !== null) notices.show(t("notice.groups_told", { name: personName(event), text: event.text }));
        return;
      case "breakouts_closed":
        notices.show(t("notice.groups_closed"));
        return;
      case "muted":
        if (event.participant === self && event.by !== self) notices.show(t("notice.muted", { name: name(event.by) }));
        return;
      case "stopped":
        if (event.participant === self && event.by !== self && event.source !== "screen_audio") {
          notices.show(t(`notice.stopped.${event.source}`, { name: name(event.by) }));
        }
        return;
      case "hand_lowered":
        if (event.participant === self && event.by !== self) notices.show(t("notice.hand", { name: name(event.by) }));
        return;
      case "presenter":
        if (event.participant === self && before.presenter !== self) notices.show(t("notice.presenter"));
        if (event.participant !== self && before.presenter === self) notices.show(t("notice.presenter_over"));
        return;
      case "presenter_asked":
        if (event.participant !== self) notices.tell({ kind: "asks", name: name(event.participant) });
        return;
      case "presenter_ask_ended":
        if (event.participant === self && event.by !== self) notices.show(t("notice.presenter_declined"));
        return;
      case "role":
        if (event.participant === self) notices.show(t(event.role === "moderator" ? "notice.promoted" : "notice.demoted"));
        return;
      case "renamed":
        if (event.participant === self && event.by !== self) {
          notices.show(t("notice.renamed", { name: name(event.by), now: personName(event) }));
        }
        return;
      case "exception":
        if (event.participant === self) {
          notices.show(t(event.on ? "notice.lifted" : "notice.not_lifted", { what: t(`locks.${event.lock}`) }));
        }
        return;
      case "caption_writer": {
        const language = languageName(event.writer.language, prefs.locale);
        if (event.writer.participant === self) notices.show(t("notice.caption_writer", { language }));
        else if (!captionLanguages(before).includes(event.writer.language)) notices.show(t("notice.captions", { language }));
        return;
      }
      case "caption_writer_ended":
        if (event.writer.participant === self && event.by !== self) notices.show(t("notice.caption_writer_over", { name: name(event.by) }));
        return;
      case "layout":
        if (event.by !== self && event.layout !== null) {
          notices.show(t("notice.layout", { name: name(event.by), layout: t(`layout.${event.layout}`) }));
        }
        return;
      case "minute_taker":
        if (event.participant === self) notices.show(t("notice.minutes"));
        return;
      case "minutes_released":
        if (event.on && event.by !== self) notices.show(t("notice.minutes_released"));
        return;
      case "interpreter":
        if (event.participant === self && event.on) notices.show(t("notice.interpreter"));
        return;
      case "lock":
        if (event.by !== self) notices.show(t(event.on ? `notice.locked.${event.lock}` : `notice.unlocked.${event.lock}`));
        return;
      case "waiting":
        notices.tell({ kind: "waits", name: personName(event.entry) });
        return;
      case "link_rotated":
        if (event.by === self) return;
        // What this page knew is no good any more.
        this.#guestLink = null;
        notices.show(t("notice.link", { name: name(event.by) }));
        return;
      case "published":
        if (event.source === "screen" && event.participant !== self) {
          notices.tell({ kind: "screen", name: name(event.participant) });
        }
        return;
      default:
        return;
    }
  }
}
