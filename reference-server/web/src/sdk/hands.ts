// Raised hands, first raised first.

import type { RoomEvent } from "./proto";

export type Hands = readonly string[];

export function reduceHands(hands: Hands, event: RoomEvent): Hands {
  switch (event.type) {
    case "hand_raised":
      return hands.includes(event.participant) ? hands : [...hands, event.participant];
    case "shown":
      return [...hands.filter((id) => !event.vanished.includes(id) && !event.hands.includes(id)), ...event.hands];
    case "hand_lowered":
    case "left":
      return hands.includes(event.participant) ? hands.filter((id) => id !== event.participant) : hands;
    default:
      return hands;
  }
}
