// What has been written, to everyone and between two, oldest first, bounded like the server's own history.

import type { ChatLine, ChatReaction, Reaction, RoomEvent } from "./proto";

export type Chat = readonly ChatLine[];

/** As many public lines as the server keeps for late joiners; the oldest go first. */
export const MAX_LINES = 1000;
/** As many private lines as the server keeps of all pairs together. */
export const MAX_PRIVATE_LINES = 2000;

/** The public chat after `event`, which happened at `at`. */
export function reduceChat(chat: Chat, event: RoomEvent, at: number): Chat {
  if (event.type === "chat_cleared") return [];
  if (event.type === "chat") return event.line.to === undefined ? added(chat, event.line, MAX_LINES) : chat;
  return changed(chat, event, at);
}

/** The private lines after `event`. */
export function reducePrivateChat(chat: Chat, event: RoomEvent, at: number): Chat {
  if (event.type === "chat") return event.line.to === undefined ? chat : added(chat, event.line, MAX_PRIVATE_LINES);
  return changed(chat, event, at);
}

/** The one `line` is between `self` and; `null` if it is for everyone. */
export function otherOf(line: Pick<ChatLine, "from" | "to">, self: string | null): string | null {
  if (line.to === undefined) return null;
  return line.from === self ? line.to : line.from;
}

function added(chat: Chat, line: ChatLine, most: number): Chat {
  if (chat.some((known) => known.id === line.id)) return chat;
  return [...chat.slice(-(most - 1)), line];
}

function changed(chat: Chat, event: RoomEvent, at: number): Chat {
  switch (event.type) {
    case "chat_edited":
      return withLine(chat, event.message, (line) => ({ ...line, text: event.text, edited_at: at }));
    case "chat_deleted":
      return withLine(chat, event.message, (line) => ({ ...line, text: null, deleted_by: event.by, reactions: [] }));
    case "chat_reacted":
      return withLine(chat, event.message, (line) => ({
        ...line,
        reactions: reacted(line.reactions ?? [], event.reaction, event.by, event.on),
      }));
    default:
      return chat;
  }
}

function withLine(chat: Chat, id: string, change: (line: ChatLine) => ChatLine): Chat {
  return chat.some((line) => line.id === id) ? chat.map((line) => (line.id === id ? change(line) : line)) : chat;
}

function reacted(signs: readonly ChatReaction[], reaction: Reaction, who: string, on: boolean): ChatReaction[] {
  const known = signs.find((sign) => sign.reaction === reaction) ?? { reaction, by: [] };
  const by = [...known.by.filter((id) => id !== who), ...(on ? [who] : [])];
  const after = signs.includes(known) ? signs.map((sign) => (sign === known ? { reaction, by } : sign)) : [...signs, { reaction, by }];
  return after.filter((sign) => sign.by.length > 0);
}
