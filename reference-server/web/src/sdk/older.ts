// Lines of the chat before those one is shown on coming, as they are asked for part by part.

import { otherOf, type Chat } from "./chat";
import type { OlderChat, RoomEvent, RoomSignal } from "./proto";

/** Both chats, and where there are lines before them. */
export interface Chats {
  readonly chat: Chat;
  readonly privateChat: Chat;
  readonly older: OlderChat;
}

export const NONE_OLDER: OlderChat = { everyone: false, with: [] };

/** Whether there are older lines of a conversation: that `other` is in, or that of everyone. */
export function hasOlder(older: OlderChat, other: string | null): boolean {
  return other === null ? older.everyone : older.with.includes(other);
}

/** What one has of a conversation, oldest first. */
export function linesWith(chats: Chats, other: string | null, self: string | null): Chat {
  return other === null ? chats.chat : chats.privateChat.filter((line) => otherOf(line, self) === other);
}

/** With the lines that were asked for. */
export function reduceOlderLines<S extends Chats>(state: S, signal: RoomSignal): S {
  if (signal.type !== "chat") return state;
  const other = signal.with ?? null;
  const after = signal.older ? state : withoutOlder(state, other);
  return other === null
    ? { ...after, chat: put(signal.lines, state.chat) }
    : { ...after, privateChat: put(signal.lines, state.privateChat).sort((a, b) => a.at - b.at) };
}

/** A conversation of which one has all there is. */
export function withoutOlder<S extends Chats>(state: S, other: string | null): S {
  const { older } = state;
  if (other === null) return { ...state, older: { ...older, everyone: false } };
  return { ...state, older: { ...older, with: older.with.filter((id) => id !== other) } };
}

/** Of a chat that was emptied nothing is left. */
export function reduceOlder(older: OlderChat, event: RoomEvent): OlderChat {
  return event.type === "chat_cleared" && older.everyone ? { ...older, everyone: false } : older;
}

function put(before: Chat, known: Chat): Chat[number][] {
  return [...before.filter((line) => !known.some((one) => one.id === line.id)), ...known];
}
