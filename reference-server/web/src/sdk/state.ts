// A meeting as this client knows it: the server's view, carried on by its events.

import { reduceBreakouts } from "./breakouts";
import { reduceCaptions, reduceCaptionWriters, type CaptionLines, type CaptionWriters } from "./captions";
import { reduceChat, reducePrivateChat, type Chat } from "./chat";
import { reduceGuests, reduceJoinMuted } from "./entrance";
import { reduceFiles, type Files } from "./files";
import { reduceHands, type Hands } from "./hands";
import { reduceLayout } from "./layout";
import { reduceLobby, reduceLobbyMessage, type Lobby } from "./lobby";
import { reduceLocks, type Locks } from "./locks";
import { reduceMinutes } from "./minutes";
import { reduceMinuteTaker } from "./minute-taker";
import { NONE_OLDER, reduceOlder } from "./older";
import { reducePolls, type Polls } from "./polls";
import { reduceAsking, reducePresenter } from "./presenter";
import type { Breakouts, EventFrame, FileRules, GuestPolicy, Minutes, OlderChat, Picked, RoomEvent, RoomView, SharedLayout, Timer } from "./proto";
import { reduceRoster, type Roster } from "./roster";
import { reduceSpotlight } from "./spotlight";
import { reducePicked, reduceTimer } from "./timer";
import { reduceVotes, type Votes } from "./votes";

export interface MeetingState {
  readonly room: string;
  readonly name: string;
  /** UTC milliseconds. */
  readonly openedAt: number;
  readonly roster: Roster;
  readonly presenter: string | null;
  /** Who asks to present, first asked first; for all but moderators oneself at most. */
  readonly askingToPresent: readonly string[];
  readonly hands: Hands;
  readonly chat: Chat;
  /** What was written to oneself alone, or by oneself to one other. */
  readonly privateChat: Chat;
  /** In which conversations there are lines before those; they are asked for. */
  readonly older: OlderChat;
  /** By language. */
  readonly captionWriters: CaptionWriters;
  /** The last lines of captions, oldest first. */
  readonly captions: CaptionLines;
  /** Handed to everyone, to oneself alone, or by oneself to one other. */
  readonly files: Files;
  /** What is taken of files. */
  readonly fileRules: FileRules;
  /** Oldest first; at most the last is open. */
  readonly polls: Polls;
  readonly timer: Timer | null;
  /** Who was picked at random last, while they are here. */
  readonly picked: Picked | null;
  /** The breakouts that are open; for moderators also those that were last. */
  readonly breakouts: Breakouts | null;
  /** Oldest first; at most the last is not over. */
  readonly votes: Votes;
  readonly locks: Locks;
  /** What happens to those who come by a guest link. */
  readonly guests: GuestPolicy;
  /** Whether microphones of those who come start closed. */
  readonly joinMuted: boolean;
  /** Who is put in front of everyone. */
  readonly spotlight: string | null;
  /** How everyone's pictures are arranged, where somebody arranges them. */
  readonly layout: SharedLayout | null;
  /** Who takes the minutes. */
  readonly minuteTaker: string | null;
  /** `null` where they are not for one. */
  readonly minutes: Minutes | null;
  /** Whether it is kept who was there; the same for all of a meeting. */
  readonly attendance: boolean;
  /** Whether it is counted what each person does; the same for all of a meeting. */
  readonly learning: boolean;
  /** Who waits, first come first; empty for all but moderators. */
  readonly lobby: Lobby;
  /** What those who wait are told; `null` for all but moderators. */
  readonly lobbyMessage: string | null;
  /** Why the meeting is over; `null` while it goes on. */
  readonly ended: string | null;
  /** Complete up to this number of the journal. */
  readonly seq: number;
}

export function emptyState(): MeetingState {
  return {
    room: "",
    name: "",
    openedAt: 0,
    roster: [],
    presenter: null,
    askingToPresent: [],
    hands: [],
    chat: [],
    privateChat: [],
    older: NONE_OLDER,
    captionWriters: [],
    captions: [],
    files: [],
    fileRules: { bytes: 0, endings: [] },
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
    seq: 0,
  };
}

export function stateFromView(view: RoomView, seq: number): MeetingState {
  return {
    room: view.room,
    name: view.name,
    openedAt: view.opened_at,
    roster: view.participants,
    presenter: view.presenter,
    askingToPresent: view.asking_to_present,
    hands: view.hands,
    chat: view.chat,
    privateChat: view.private,
    older: view.older_chat,
    captionWriters: view.caption_writers,
    captions: view.captions,
    files: view.files,
    fileRules: view.file_rules,
    polls: view.polls,
    timer: view.timer,
    picked: view.picked,
    breakouts: view.breakouts,
    votes: view.votes,
    locks: view.locks,
    guests: view.guests,
    joinMuted: view.join_muted,
    spotlight: view.spotlight,
    layout: view.layout,
    minuteTaker: view.minute_taker,
    minutes: view.minutes,
    attendance: view.attendance,
    learning: view.learning,
    lobby: view.lobby,
    lobbyMessage: view.lobby_message,
    ended: null,
    seq,
  };
}

/** The state after one journal entry. An entry already seen changes nothing. */
export function reduce(state: MeetingState, frame: EventFrame): MeetingState {
  if (frame.seq <= state.seq) return state;
  const event = frame.event;
  return {
    ...state,
    seq: frame.seq,
    roster: reduceRoster(state.roster, event),
    presenter: reducePresenter(state.presenter, event),
    askingToPresent: reduceAsking(state.askingToPresent, event),
    hands: reduceHands(state.hands, event),
    chat: reduceChat(state.chat, event, frame.at),
    privateChat: reducePrivateChat(state.privateChat, event, frame.at),
    older: reduceOlder(state.older, event),
    captionWriters: reduceCaptionWriters(state.captionWriters, event),
    captions: reduceCaptions(state.captions, event),
    files: reduceFiles(state.files, event),
    polls: reducePolls(state.polls, event, frame.at),
    timer: reduceTimer(state.timer, frame),
    picked: reducePicked(state.picked, frame),
    breakouts: reduceBreakouts(state.breakouts, event),
    votes: reduceVotes(state.votes, event),
    locks: reduceLocks(state.locks, event),
    guests: reduceGuests(state.guests, event),
    joinMuted: reduceJoinMuted(state.joinMuted, event),
    spotlight: reduceSpotlight(state.spotlight, event),
    layout: reduceLayout(state.layout, event, frame.at),
    minuteTaker: reduceMinuteTaker(state.minuteTaker, event),
    minutes: reduceMinutes(state.minutes, event),
    lobby: reduceLobby(state.lobby, event),
    lobbyMessage: reduceLobbyMessage(state.lobbyMessage, event),
    ended: reduceEnded(state.ended, event),
  };
}

function reduceEnded(ended: string | null, event: RoomEvent): string | null {
  return event.type === "ended" ? event.reason : ended;
}
