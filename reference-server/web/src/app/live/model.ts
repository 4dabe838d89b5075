// What the room's components read and call. The live room is one; the story pages have another.

import type { CaptionDrafts, CaptionLine, Layout } from "../../sdk";
import type { Attendance, Connection, Figures, GuestPolicy, Learning, LinkQuality, LocalStatus, Lock, Manner, MediaStatus, MeetingState, Participant, PollAnswers, Reaction, Signs, Source } from "../../sdk";
import type { Blur, Noise } from "../../sdk";
import type { OwnBallot, SecretVote, VoteList, Voters } from "../../sdk";
import type { Wait, Wish, Withheld, Writing } from "../../sdk";
import type { Kept } from "../papers/draft.svelte";
import type { PictureChoices } from "./pictures.svelte";
import type { Sending } from "./uploads.svelte";

/** To whom alone something is said, and what it answers. */
export interface Where {
  readonly to?: string;
  readonly answers?: string;
}

export interface RoomModel {
  readonly state: MeetingState;
  readonly self: Participant | undefined;
  readonly connection: Connection;
  /** How it stands with one's waiting in the lobby; `null` once inside. */
  readonly wait: Wait | null;
  /** Whether the server can keep what happens just now. */
  readonly storage: boolean;
  readonly mediaStatus: MediaStatus;
  readonly speaking: readonly string[];
  /** Who is writing just now. */
  readonly writing: Writing;
  /** How many milliseconds the server's clock is ahead of one's own. */
  readonly clockAhead: number;
  /** The signs people show just now, the newest last. */
  readonly signs: Signs;
  /** Lines of captions that are being written just now. */
  readonly captionDrafts: CaptionDrafts;
  /** Files one is sending just now. */
  readonly uploads: readonly Sending[];
  /** Who is not connected well, and how badly; oneself included. */
  readonly quality: ReadonlyMap<string, LinkQuality>;
  /** Whether sound is all that one's own connection carries. */
  readonly soundOnly: boolean;
  /** What one chose of others' pictures. */
  readonly pictures: PictureChoices;
  readonly local: Readonly<Record<"microphone" | "camera" | "screen", LocalStatus>>;
  /** Which moderator asks one to open the microphone, until one has answered. */
  readonly askedBy: string | null;
  /** The link for guests, if this person may hand one on. */
  readonly invite: string | null;

  ownTrack(source: Source): MediaStreamTrack | null;
  trackOf(participant: string, source: Source): MediaStreamTrack | null;
  /** What one's own connection does not carry of a picture; `null` when it comes as wished. */
  withheld(participant: string, source: Source): Withheld | null;
  audioTracks(): readonly MediaStreamTrack[];

  setMicrophone(on: boolean): void;
  /** Not now: what one was asked for stays as it is. */
  declineUnmute(): void;
  setCamera(on: boolean): void;
  setScreen(on: boolean): void;
  useDevice(kind: "microphone" | "camera", id: string): void;
  /** Both say whether it is so now. */
  setBlur(blur: Blur): Promise<boolean>;
  setNoise(noise: Noise): Promise<boolean>;
  raiseHand(): void;
  lowerHand(target: string): void;
  lowerAllHands(): void;
  /** Sets the timer anew, in milliseconds; `null` counts up. */
  setTimer(span: number | null, runs: boolean): void;
  pauseTimer(): void;
  resumeTimer(): void;
  stopTimer(): void;
  pick(moderators: boolean): void;
  /** Shows everyone a sign for a moment. */
  react(reaction: Reaction): void;
  /** Whether it was said; if not, why has been shown. */
  sendChat(text: string, where: Where): Promise<boolean>;
  /** One writes: to one alone, or to everyone. */
  typed(to: string | null): void;
  /** Shows everyone what one writes so far; blank gives it up. */
  showText(text: string): void;
  editChat(message: string, text: string): Promise<boolean>;
  /** Has older lines of a conversation shown; whether that worked: if not, why has been shown. */
  readOlder(other: string | null): Promise<boolean>;
  deleteChat(message: string): void;
  reactChat(message: string, reaction: Reaction, on: boolean): void;
  clearChat(): void;
  /** Sends a file to everyone, or to one alone; why it is not taken is shown. */
  sendFile(file: File, to: string | null): void;
  /** All of a file; `null` when it cannot be fetched, and why is shown if asked for aloud. */
  readFile(file: string, how: "aloud" | "quietly"): Promise<Blob | null>;
  deleteFile(file: string): void;
  /** Whether everyone is asked; if not, why has been shown. */
  startPoll(question: string, answers: PollAnswers, how: Manner): Promise<boolean>;
  /** Whether it counts; if not, why has been shown. */
  vote(poll: string, choices: readonly number[]): Promise<boolean>;
  /** Answers a poll in words of one's own; whether it went out. */
  answerPoll(poll: string, text: string): Promise<boolean>;
  /** Has someone write the captions of a language; `null` for nobody. */
  setCaptionWriter(language: string, target: string | null): void;
  /** Shows everyone a line of captions while one writes it; blank gives it up. */
  draftCaption(language: string, text: string): void;
  /** Whether it is kept; if not, why has been shown. */
  writeCaption(language: string, text: string): Promise<boolean>;
  correctCaption(line: string, text: string): Promise<boolean>;
  /** All that is kept of a language; `null` where it was refused, and why has been shown. */
  saveCaptions(language: string): Promise<readonly CaptionLine[] | null>;
  closePoll(poll: string): void;
  publishPoll(poll: string): void;
  /** Takes what came of a poll from in front of everyone. */
  putPollAway(poll: string): void;
  withdrawPoll(poll: string): void;
  /** Whether a secret vote is on; if not, why has been shown. */
  openVote(question: string, choices: readonly string[], most: number, voters: Voters): Promise<boolean>;
  castVote(vote: SecretVote, choices: readonly number[]): void;
  closeVote(vote: string): void;
  /** One's own ballot, as far as this page knows of one. */
  ownBallot(vote: string): OwnBallot | null;
  /** The published list of a vote, once it is here. */
  voteList(vote: string): VoteList | null;
  /** Whether a ballot of one's own would be lost with the page. */
  readonly ballotUnderWay: boolean;
  mute(target: string): void;
  askToUnmute(target: string): void;
  stopSource(target: string, source: Source): void;
  /** Closes every microphone but one's own. */
  muteAll(butPresenter: boolean): void;
  givePresenter(target: string): void;
  takePresenter(): void;
  askToPresent(): void;
  /** Ends a request to present: one's own, or another's. */
  declinePresenter(target: string): void;
  promote(target: string): void;
  demote(target: string): void;
  /** Whether they are called that now; if not, why has been shown. */
  rename(target: string, name: string): Promise<boolean>;
  /** Whether the operator is told; if not, why has been shown. */
  report(target: string, text: string): Promise<boolean>;
  setException(target: string, lock: Lock, on: boolean): void;
  /** Arranges everyone's pictures; `null` lets each arrange their own. */
  shareLayout(layout: Layout | null): void;
  setMinuteTaker(target: string | null): void;
  setInterpreter(target: string, on: boolean): void;
  setAway(on: boolean): void;
  /** Writes the minutes anew over version `over`, and says what became of it; a failure has been shown. */
  writeMinutes(text: string, over: number): Promise<Kept>;
  releaseMinutes(on: boolean): void;
  /** Who was there; `null` if it cannot be read: why has been shown. */
  readAttendance(): Promise<Attendance | null>;
  /** What each person did so far; `null` if it cannot be read: why has been shown. */
  readLearning(): Promise<Learning | null>;
  /** What moderators see there of oneself; likewise. */
  readOwnFigures(): Promise<Figures | null>;
  setLock(lock: Lock, on: boolean): void;
  admit(target: string): void;
  admitAll(): void;
  deny(target: string): void;
  setGuests(policy: GuestPolicy): void;
  /** Whether it is said now; if not, why has been shown. */
  setLobbyMessage(text: string | null): Promise<boolean>;
  setJoinMuted(on: boolean): void;
  remove(target: string, ban: boolean): void;
  spotlight(target: string | null): void;
  /** Replaces the guest link; `invite` is the new one then. */
  rotateLink(): Promise<boolean>;
  /** Sends one's camera as small as it is ever sent. */
  sendSmall(on: boolean): void;
  wish(wishes: readonly Wish[]): void;
  leave(): void;
  endForAll(): void;
}
