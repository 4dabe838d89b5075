// What the room's components read and call. The live room is one; the story pages have another.

import type { Connection, LocalStatus, Lock, MediaStatus, MeetingState, Participant, Source } from "../../sdk";
import type { Wish } from "../../sdk";

export interface RoomModel {
  readonly state: MeetingState;
  readonly self: Participant | undefined;
  readonly connection: Connection;
  readonly mediaStatus: MediaStatus;
  readonly speaking: readonly string[];
  readonly local: Readonly<Record<"microphone" | "camera" | "screen", LocalStatus>>;
  /** The link for guests, if this person may hand one on. */
  readonly invite: string | null;

  ownTrack(source: Source): MediaStreamTrack | null;
  trackOf(participant: string, source: Source): MediaStreamTrack | null;
  audioTracks(): readonly MediaStreamTrack[];

  setMicrophone(on: boolean): void;
  setCamera(on: boolean): void;
  setScreen(on: boolean): void;
  useDevice(kind: "microphone" | "camera", id: string): void;
  raiseHand(): void;
  lowerHand(target: string): void;
  /** Whether it was said; if not, why has been shown. */
  sendChat(text: string): Promise<boolean>;
  mute(target: string): void;
  stopSource(target: string, source: Source): void;
  givePresenter(target: string): void;
  setLock(lock: Lock, on: boolean): void;
  wish(wishes: readonly Wish[]): void;
  leave(): void;
  endForAll(): void;
}
