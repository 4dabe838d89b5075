// The layout that is shared with everyone.

import type { RoomEvent, SharedLayout } from "./proto";

/** `at`: when it happened, by the server's clock. */
export function reduceLayout(shared: SharedLayout | null, event: RoomEvent, at: number): SharedLayout | null {
  if (event.type !== "layout") return shared;
  return event.layout === null ? null : { layout: event.layout, since: at };
}
