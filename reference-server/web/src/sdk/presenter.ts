// Who holds the presenter mark.

import type { RoomEvent } from "./proto";

export function reducePresenter(presenter: string | null, event: RoomEvent): string | null {
  switch (event.type) {
    case "presenter":
      return event.participant;
    case "left":
      return presenter === event.participant ? null : presenter;
    default:
      return presenter;
  }
}
