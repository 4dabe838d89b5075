// The public chat, oldest first, bounded like the server's own history.

import type { ChatLine, RoomEvent } from "./proto";

export type Chat = readonly ChatLine[];

/** As many lines as the server keeps for late joiners; the oldest go first. */
export const MAX_LINES = 1000;

export function reduceChat(chat: Chat, event: RoomEvent): Chat {
  if (event.type !== "chat" || chat.some((line) => line.id === event.line.id)) return chat;
  return [...chat.slice(-(MAX_LINES - 1)), event.line];
}
