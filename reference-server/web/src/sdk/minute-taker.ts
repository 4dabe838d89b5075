// Who takes the minutes.

import type { RoomEvent } from "./proto";

export function reduceMinuteTaker(taker: string | null, event: RoomEvent): string | null {
  switch (event.type) {
    case "minute_taker":
      return event.participant;
    case "left":
      return taker === event.participant ? null : taker;
    default:
      return taker;
  }
}
