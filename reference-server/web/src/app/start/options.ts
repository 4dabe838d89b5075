// How a new room is set, unless its maker says otherwise; the same as the server's own defaults.

import type { NewRoom } from "../../sdk";

export type RoomOptions = Omit<NewRoom, "name">;

export const DEFAULTS: RoomOptions = {
  guests: "ask",
  starter: "anyone",
  unattended: "continue",
  join_muted: false,
  late_chat: true,
  attendance: false,
  learning: false,
  video_codec: "vp8",
};
