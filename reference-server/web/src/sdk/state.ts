// A meeting as this client knows it: the server's view, carried on by its events.

import { reduceChat, type Chat } from "./chat";
import { reduceHands, type Hands } from "./hands";
import { reduceLocks, type Locks } from "./locks";
import { reducePresenter } from "./presenter";
import type { EventFrame, RoomEvent, RoomView } from "./proto";
import { reduceRoster, type Roster } from "./roster";

export interface MeetingState {
  readonly room: string;
  readonly name: string;
  /** UTC milliseconds. */
  readonly openedAt: number;
  readonly roster: Roster;
  readonly presenter: string | null;
  readonly hands: Hands;
  readonly chat: Chat;
  readonly locks: Locks;
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
    hands: [],
    chat: [],
    locks: [],
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
    hands: view.hands,
    chat: view.chat,
    locks: view.locks,
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
    hands: reduceHands(state.hands, event),
    chat: reduceChat(state.chat, event),
    locks: reduceLocks(state.locks, event),
    ended: reduceEnded(state.ended, event),
  };
}

function reduceEnded(ended: string | null, event: RoomEvent): string | null {
  return event.type === "ended" ? event.reason : ended;
}
