// Who is put in front of everyone.

import type { RoomEvent } from "./proto";

export function reduceSpotlight(spotlight: string | null, event: RoomEvent): string | null {
  switch (event.type) {
    case "spotlight":
      return event.participant;
    case "shown":
      return event.spotlight;
    case "left":
      return spotlight === event.participant ? null : spotlight;
    default:
      return spotlight;
  }
}
