// The client without an interface: enter a room, publish, receive, moderate.

export type { Attendance } from "./attendance";
export { ConfError, type ClientCode } from "./error";
export { breakoutOf, breakoutWith } from "./breakouts";
export type { CaptionDrafts } from "./captions";
export { otherOf, type Chat } from "./chat";
export { canSoften, offersBlur, withBlur, type Blur } from "./blur";
export { canShareScreen, listDevices, openCamera, openMicrophone, watchDevices, type Device, type DeviceKind } from "./devices";
export type { Files } from "./files";
export type { LocalStatus } from "./local";
export { lockedFor } from "./locks";
export { AUDIO_SLOTS, MOST_VIDEO_SLOTS, VIDEO_SLOTS } from "./media";
export { hold } from "./processing/derived";
export { offersNoise, type Noise } from "./processing/noise";
export * from "./proto";
export { about, joinToken, look, makeRoom, sessionUrl } from "./rest";
export type { MediaStatus } from "./recovery";
export { Room, type Connection, type RoomEvents } from "./room";
export { find, publishes, speaksFreely, type Roster } from "./roster";
export type { Lobby } from "./lobby";
export type { Closed, Wait } from "./session";
export type { Sign, Signs } from "./signs";
export { mayWatch } from "./sight";
export { emptyState, type MeetingState } from "./state";
export { quickPoll, type QuickPoll } from "./quick-poll";
export { timerShows } from "./timer";
export type { Watch } from "./transfer";
export type { Writer, Writing } from "./writing";
