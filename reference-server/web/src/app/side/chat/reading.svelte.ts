// How far one has read, for each conversation; what came before one entered counts as read.

import { otherOf, type ChatLine, type MeetingState } from "../../../sdk";
import { EVERYONE } from "./conversations";

export class Reading {
  readonly #enteredAt: number;
  #readAt = $state.raw<ReadonlyMap<string, number>>(new Map());

  constructor(state: MeetingState) {
    this.#enteredAt = latest([...state.chat, ...state.privateChat]);
  }

  /** `conversation` is in front of one: all of `lines` is read. */
  read(conversation: string, lines: readonly ChatLine[]): void {
    const at = latest(lines);
    if (at > (this.#readAt.get(conversation) ?? this.#enteredAt)) this.#readAt = new Map(this.#readAt).set(conversation, at);
  }

  /** How many lines of others one has not read, by conversation; none are left out. */
  unread(state: MeetingState, self: string | null): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const line of [...state.chat, ...state.privateChat]) {
      const conversation = otherOf(line, self) ?? EVERYONE;
      const readAt = this.#readAt.get(conversation) ?? this.#enteredAt;
      if (line.from !== self && line.at > readAt && line.deleted_by === undefined) {
        counts.set(conversation, (counts.get(conversation) ?? 0) + 1);
      }
    }
    return counts;
  }
}

function latest(lines: readonly ChatLine[]): number {
  return lines.reduce((at, line) => Math.max(at, line.at), 0);
}
