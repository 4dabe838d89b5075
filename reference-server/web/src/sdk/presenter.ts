// Who holds the presenter mark, and who asks for it.

import type { RoomEvent } from "./proto";

export function reducePresenter(presenter: string | null, event: RoomEvent): string | null {
  switch (event.type) {
    case "presenter":
      return event.participant;
    case "shown":
      return event.presenter;
    case "left":
      return presenter === event.participant ? null : presenter;
    default:
      return presenter;
  }
}

/** Who asks for the mark, first asked first. */
export function reduceAsking(asking: readonly string[], event: RoomEvent): readonly string[] {
  switch (event.type) {
    case "presenter_asked":
      return asking.includes(event.participant) ? asking : [...asking, event.participant];
    case "role":
      return event.role === "moderator" ? asking.filter((id) => id !== event.participant) : asking;
    case "shown":
      return asking.filter((id) => id !== event.presenter);
    case "presenter":
    case "presenter_ask_ended":
    case "left":
      return asking.filter((id) => id !== event.participant);
    default:
      return asking;
  }
}
