// Generated from conf-proto by `cargo run -p conf-proto --features typescript --example write_typescript`. Do not edit.

/** The version of the protocol these types describe. */
export const PROTOCOL = 1;

/** What a participant can publish. */
export type Source = "microphone" | "camera" | "screen" | "screen_audio";
/** Every Source, in the order they are listed everywhere. */
export const SOURCES: readonly Source[] = ["microphone", "camera", "screen", "screen_audio"];

/** What a moderator can close. */
export type Lock = "microphone" | "camera" | "screen" | "chat" | "hands";
/** Every Lock, in the order they are listed everywhere. */
export const LOCKS: readonly Lock[] = ["microphone", "camera", "screen", "chat", "hands"];

/** What a claim lets its holder be. */
export type Role = "moderator" | "participant" | "service";
/** Every Role, in the order they are listed everywhere. */
export const ROLES: readonly Role[] = ["moderator", "participant", "service"];

/** Whether one is of the house. */
export type Standing = "member" | "guest";
/** Every Standing, in the order they are listed everywhere. */
export const STANDINGS: readonly Standing[] = ["member", "guest"];

/**
 * What a client asks. The first message of a session is `hello`, and only that.
 */
export type ClientBody = { "type": "hello",
/**
 * The protocol spoken, [`PROTOCOL`](crate::PROTOCOL).
 */
protocol: number,
/**
 * The join token.
 */
token: string,
/**
 * Where an earlier session of this page left off.
 */
resume?: Resume,
/**
 * The browser's offer, unless the media connection of before is kept.
 */
offer?: Offer, } | { "type": "offer",
/**
 * The offer.
 */
offer: Offer, } | { "type": "wish",
/**
 * At most 64.
 */
wishes: Array<Wish>, } | { "type": "ping" } | { "type": "leave" } | { "type": "end" } | { "type": "publish",
/**
 * Which.
 */
source: Source, } | { "type": "stop",
/**
 * Whose.
 */
target: string,
/**
 * Which.
 */
source: Source, } | { "type": "mute",
/**
 * Whose.
 */
target: string, } | { "type": "unmute" } | { "type": "raise_hand" } | { "type": "lower_hand",
/**
 * Whose.
 */
target: string, } | { "type": "chat",
/**
 * What; 1 to 2000 characters.
 */
text: string, } | { "type": "give_presenter",
/**
 * To whom.
 */
target: string, } | { "type": "set_lock",
/**
 * Which.
 */
lock: Lock,
/**
 * Closed or open.
 */
on: boolean, };

/** One frame from a client, answered once with the same number in `re`. */
export type ClientMessage = { id: number } & ClientBody;

/**
 * Where an earlier session left off.
 */
export type Resume = {
/**
 * The meeting it was in.
 */
meeting: string,
/**
 * The last number it saw.
 */
seq: number, };

/**
 * A WebRTC offer with what its lines mean.
 */
export type Offer = {
/**
 * Counts the offers of one connection from 1; the last one wins.
 */
number: number,
/**
 * Whether this is a new peer connection that replaces any earlier one.
 */
fresh: boolean,
/**
 * The session description, at most 200 kB.
 */
sdp: string,
/**
 * Which sending line (by its `a=mid`) carries which source. Receiving
 * lines are slots and need no entry.
 */
sources: Record<string, Source>, };

/**
 * One source a client would like in a slot.
 */
export type Wish = {
/**
 * Whose.
 */
participant: string,
/**
 * Camera or screen.
 */
source: Source,
/**
 * How high it is shown, in device pixels; 0 pauses it.
 */
height: number, };

/**
 * One frame from a server.
 *
 * Frames with a `seq` are the meeting's journal as this client may see it:
 * numbers grow, gaps are normal. Frames without one are answers or transient.
 */
export type ServerMessage = { "type": "welcome",
/**
 * The number of the `hello`.
 */
re: number,
/**
 * The protocol spoken.
 */
protocol: number,
/**
 * Who this session speaks for.
 */
participant: string,
/**
 * The meeting this session is in.
 */
meeting: string,
/**
 * Complete up to this number.
 */
seq: number,
/**
 * The meeting in full; absent when resumed.
 */
room?: RoomView,
/**
 * What was missed since the resumed number; empty when `room` is there.
 */
events?: Array<EventFrame>,
/**
 * The answer to the offer in the `hello`.
 */
answer?: Answer,
/**
 * Whether a media connection is alive or being set up. When false the
 * client sends a fresh `offer`.
 */
media: boolean, } | { "type": "done",
/**
 * The number of the request.
 */
re: number, } | { "type": "refused",
/**
 * The number of the request.
 */
re: number,
/**
 * Why.
 */
problem: Problem, } | { "type": "answer",
/**
 * The number of the request.
 */
re: number,
/**
 * The answer.
 */
answer: Answer, } | { "type": "event" } & EventFrame | { "type": "slots",
/**
 * The changed slots.
 */
slots: Array<Slot>, } | { "type": "speaking",
/**
 * At most as many as there are audio slots.
 */
participants: string[], } | { "type": "bye",
/**
 * Why.
 */
reason: ByeReason, };

/**
 * One thing that happened.
 */
export type EventFrame = {
/**
 * The journal's number.
 */
seq: number,
/**
 * When, in UTC milliseconds.
 */
at: number,
/**
 * What.
 */
event: RoomEvent, };

/**
 * What happened, as clients see it.
 */
export type RoomEvent = { "type": "joined",
/**
 * Who.
 */
participant: Participant, } | { "type": "link_lost",
/**
 * Who.
 */
participant: string, } | { "type": "rejoined",
/**
 * Who.
 */
participant: string, } | { "type": "left",
/**
 * Who.
 */
participant: string, } | { "type": "published",
/**
 * Whose.
 */
participant: string,
/**
 * Which.
 */
source: Source, } | { "type": "stopped",
/**
 * Whose.
 */
participant: string,
/**
 * Which.
 */
source: Source,
/**
 * Who ended it.
 */
by: string, } | { "type": "muted",
/**
 * Whose.
 */
participant: string,
/**
 * Who closed it.
 */
by: string, } | { "type": "unmuted",
/**
 * Whose.
 */
participant: string, } | { "type": "hand_raised",
/**
 * Whose.
 */
participant: string, } | { "type": "hand_lowered",
/**
 * Whose.
 */
participant: string,
/**
 * Who lowered it.
 */
by: string, } | { "type": "chat",
/**
 * The message.
 */
line: ChatLine, } | { "type": "presenter",
/**
 * Who has it now.
 */
participant: string | null, } | { "type": "lock",
/**
 * Which.
 */
lock: Lock,
/**
 * Closed or open.
 */
on: boolean,
/**
 * Who.
 */
by: string, } | { "type": "ended",
/**
 * `ended_by_moderator`, `empty` or `time_limit`.
 */
reason: string, };

/**
 * The meeting in full, as one participant may see it.
 */
export type RoomView = {
/**
 * The place.
 */
room: string,
/**
 * What it is called.
 */
name: string,
/**
 * When the meeting opened, in UTC milliseconds.
 */
opened_at: number,
/**
 * Who is here, in the order they joined.
 */
participants: Array<Participant>,
/**
 * Who presents.
 */
presenter: string | null,
/**
 * Raised hands, first raised first.
 */
hands: string[],
/**
 * Chat, oldest first.
 */
chat: Array<ChatLine>,
/**
 * What is locked.
 */
locks: Lock[], };

/**
 * One participant as others see them.
 */
export type Participant = {
/**
 * Who.
 */
id: string,
/**
 * Their name; `null` once erased.
 */
name: string | null,
/**
 * Role.
 */
role: Role,
/**
 * Guest or member.
 */
standing: Standing,
/**
 * Whether their link is alive; if not, their place is being kept.
 */
connected: boolean,
/**
 * What they publish, muted or not.
 */
sources: Source[],
/**
 * Whether their microphone is closed although published.
 */
muted: boolean, };

/**
 * One chat message.
 */
export type ChatLine = {
/**
 * The message's id.
 */
id: string,
/**
 * Who said it.
 */
from: string,
/**
 * Their name as it was known; `null` once erased.
 */
name: string | null,
/**
 * What; `null` once erased.
 */
text: string | null,
/**
 * When, in UTC milliseconds.
 */
at: number, };

/**
 * A WebRTC answer with what its receiving lines are for.
 */
export type Answer = {
/**
 * The offer it answers.
 */
number: number,
/**
 * The session description.
 */
sdp: string, };

/**
 * What one slot carries.
 */
export type Slot = {
/**
 * The slot's line in the description (`a=mid`).
 */
mid: string,
/**
 * Whose source, or `null` when the slot is empty.
 */
participant: string | null,
/**
 * Which source, or `null` when the slot is empty.
 */
source: Source | null, };

/**
 * Why a session ended.
 */
export type ByeReason = "left" | "replaced" | "ended" | "slow" | "protocol" | "shutdown";

/**
 * A problem, on the wire (`refused`) and as the body of HTTP errors.
 */
export type Problem = {
/**
 * Stable; clients localise it.
 */
code: string,
/**
 * For developers: what was found and what was expected. Not for the screen.
 */
detail?: string,
/**
 * Parameters of the localised text.
 */
params?: { [key in string]: string }, };

/**
 * `GET /api/v1/about`: what a start page needs to know.
 */
export type About = {
/**
 * The server's version.
 */
version: string,
/**
 * Whether making a room needs the operator's key.
 */
key_needed: boolean, };

/**
 * `POST /api/v1/rooms`: makes a room. With `Authorization: Bearer KEY` where a key is needed.
 */
export type NewRoom = {
/**
 * 1 to 100 characters.
 */
name: string, };

/**
 * The room that was made, with its links. The keys are shown this once.
 */
export type RoomMade = {
/**
 * The room.
 */
room: string,
/**
 * What it is called.
 */
name: string,
/**
 * The moderators' link, as a path with the key in the fragment: `/r/room_…#KEY`.
 */
moderator_path: string,
/**
 * The guests' link, likewise.
 */
guest_path: string, };

/**
 * `POST /api/v1/rooms/{room}/look`: what a link leads to.
 */
export type LookRequest = {
/**
 * The link's key.
 */
key: string, };

/**
 * What a link leads to.
 */
export type Look = {
/**
 * What the room is called.
 */
name: string,
/**
 * The role the link gives.
 */
role: Role,
/**
 * Guest or member.
 */
standing: Standing, };

/**
 * `POST /api/v1/rooms/{room}/tokens`: exchanges a link's key for a join token.
 */
export type TokenRequest = {
/**
 * The link's key.
 */
key: string,
/**
 * What to call the person: 1 to 64 characters.
 */
name: string, };

/**
 * A join token for `hello`.
 */
export type TokenMade = {
/**
 * The token; keep it in memory only.
 */
token: string,
/**
 * When it stops admitting, in UTC milliseconds.
 */
expires_at: number, };
