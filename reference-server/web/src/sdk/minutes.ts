// The minutes, as far as one may read them.

import type { Minutes, RoomEvent } from "./proto";

/** `null` where they are not for one: whether they are comes with a room shown anew. */
export function reduceMinutes(minutes: Minutes | null, event: RoomEvent): Minutes | null {
  switch (event.type) {
    case "minutes_written": {
      const { by, text, version } = event;
      return { by, text, version, released: minutes?.released ?? false };
    }
    case "minutes_released":
      return minutes === null ? null : { ...minutes, released: event.on };
    default:
      return minutes;
  }
}
