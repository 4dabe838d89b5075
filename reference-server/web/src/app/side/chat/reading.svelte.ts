// How far one has read, for each conversation; what came before one entered counts as read.

import { otherOf, type MeetingState } from "../../../sdk";
import { toldPolls } from "../poll/reading";
import { EVERYONE } from "./conversations";
import { isFile } from "./group";

/** What stands in a conversation, results of polls among it. */
interface Timed {
  readonly at: number;
}

export class Reading {
  readonly #enteredAt: number;
  #readAt = $state.raw<ReadonlyMap<string, number>>(new Map());

  constructor(state: MeetingState) {
    this.#enteredAt = latest([...state.chat, ...state.privateChat, ...state.files, ...toldPolls(state)]);
  }

  /** `conversation` is in front of one: all that stands in it is read. */
  read(conversation: string, standing: readonly Timed[]): void {
    const at = latest(standing);
    if (at > this.#readUpTo(conversation)) this.#readAt = new Map(this.#readAt).set(conversation, at);
  }

  /** How many lines of others, and results they published, one has not read, by conversation; none are left out. */
  unread(state: MeetingState, self: string | null): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const count = (conversation: string, by: string | undefined, at: number): void => {
      if (by !== self && at > this.#readUpTo(conversation)) counts.set(conversation, (counts.get(conversation) ?? 0) + 1);
    };
    for (const line of [...state.chat, ...state.privateChat, ...state.files]) {
      if (isFile(line) || line.deleted_by === undefined) count(otherOf(line, self) ?? EVERYONE, line.from, line.at);
    }
    for (const { by, at } of toldPolls(state)) count(EVERYONE, by, at);
    return counts;
  }

  #readUpTo(conversation: string): number {
    return this.#readAt.get(conversation) ?? this.#enteredAt;
  }
}

function latest(standing: readonly Timed[]): number {
  return standing.reduce((at, one) => Math.max(at, one.at), 0);
}
