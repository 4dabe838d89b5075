// Who waits to be let in, first come first, and what they are told; only moderators are told of it.

import type { LobbyEntry, RoomEvent } from "./proto";

export type Lobby = readonly LobbyEntry[];

export function reduceLobby(lobby: Lobby, event: RoomEvent): Lobby {
  switch (event.type) {
    case "waiting":
      return [...lobby.filter((entry) => entry.id !== event.entry.id), event.entry];
    case "waiting_link":
      return lobby.some((entry) => entry.id === event.participant)
        ? lobby.map((entry) => (entry.id === event.participant ? { ...entry, connected: event.connected } : entry))
        : lobby;
    case "wait_ended":
      return lobby.some((entry) => entry.id === event.participant)
        ? lobby.filter((entry) => entry.id !== event.participant)
        : lobby;
    default:
      return lobby;
  }
}

export function reduceLobbyMessage(message: string | null, event: RoomEvent): string | null {
  return event.type === "lobby_message" ? event.text : message;
}
