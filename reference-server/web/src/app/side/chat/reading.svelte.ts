// How far one has read, for each conversation; what came before one entered counts as read.

import { otherOf, type MeetingState } from "../../../sdk";
import { EVERYONE } from "./conversations";
import { isFile, type Entry } from "./group";

export class Reading {
  readonly #enteredAt: number;
  #readAt = $state.raw<ReadonlyMap<string, number>>(new Map());

  constructor(state: MeetingState) {
    this.#enteredAt = latest([...state.chat, ...state.privateChat, ...state.files]);
  }

  /** `conversation` is in front of one: all of `lines` is read. */
  read(conversation: string, lines: readonly Entry[]): void {
    const at = latest(lines);
    if (at > (this.#readAt.get(conversation) ?? this.#enteredAt)) this.#readAt = new Map(this.#readAt).set(conversation, at);
  }

  /** How many lines of others one has not read, by conversation; none are left out. */
  unread(state: MeetingState, self: string | null): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const line of [...state.chat, ...state.privateChat, ...state.files]) {
      const conversation = otherOf(line, self) ?? EVERYONE;
      const readAt = this.#readAt.get(conversation) ?? this.#enteredAt;
      if (line.from !== self && line.at > readAt && (isFile(line) || line.deleted_by === undefined)) {
        counts.set(conversation, (counts.get(conversation) ?? 0) + 1);
      }
    }
    return counts;
  }
}

function latest(lines: readonly Entry[]): number {
  return lines.reduce((at, line) => Math.max(at, line.at), 0);
}
