// Who runs the timer and picks somebody: moderators and the presenter.

import type { RoomModel } from "../live/model";

export function mayRun(model: RoomModel): boolean {
  const { self, state } = model;
  return self !== undefined && self.role !== "service" && (self.role === "moderator" || state.presenter === self.id);
}
