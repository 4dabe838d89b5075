// How those who come are met: guests, and whether newcomers start with a closed microphone.

import type { GuestPolicy, RoomEvent } from "./proto";

export function reduceGuests(policy: GuestPolicy, event: RoomEvent): GuestPolicy {
  return event.type === "guests" ? event.policy : policy;
}

export function reduceJoinMuted(on: boolean, event: RoomEvent): boolean {
  return event.type === "join_muted" ? event.on : on;
}
