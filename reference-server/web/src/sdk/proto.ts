// Generated from conf-proto by `cargo run -p conf-proto --features typescript --example write_typescript`. Do not edit.

/** The version of the protocol these types describe. */
export const PROTOCOL = 1;

/** What a participant can publish. */
export type Source = "microphone" | "camera" | "screen" | "screen_audio";
/** Every Source, in the order they are listed everywhere. */
export const SOURCES: readonly Source[] = ["microphone", "camera", "screen", "screen_audio"];

/** What a moderator can close. */
export type Lock = "microphone" | "camera" | "screen" | "see_cameras" | "see_people" | "chat" | "private_chat" | "save_captions" | "files" | "hands" | "rename" | "entry";
/** Every Lock, in the order they are listed everywhere. */
export const LOCKS: readonly Lock[] = ["microphone", "camera", "screen", "see_cameras", "see_people", "chat", "private_chat", "save_captions", "files", "hands", "rename", "entry"];

/** A sign put to a message. */
export type Reaction = "thumbs_up" | "thumbs_down" | "heart" | "clap" | "laugh" | "surprise";
/** Every Reaction, in the order they are listed everywhere. */
export const REACTIONS: readonly Reaction[] = ["thumbs_up", "thumbs_down", "heart", "clap", "laugh", "surprise"];

/** What a file is. */
export type FileGroup = "documents" | "images" | "audio" | "video" | "text" | "archives";
/** Every FileGroup, in the order they are listed everywhere. */
export const FILE_GROUPS: readonly FileGroup[] = ["documents", "images", "audio", "video", "text", "archives"];

/** How far a poll is. */
export type PollStage = "open" | "closed" | "published";
/** Every PollStage, in the order they are listed everywhere. */
export const POLL_STAGES: readonly PollStage[] = ["open", "closed", "published"];

/** How pictures are arranged. */
export type Layout = "grid" | "speaker" | "presentation" | "cameras" | "screen";
/** Every Layout, in the order they are listed everywhere. */
export const LAYOUTS: readonly Layout[] = ["grid", "speaker", "presentation", "cameras", "screen"];

/** How far a secret vote is. */
export type VoteStage = "open" | "closing" | "closed";
/** Every VoteStage, in the order they are listed everywhere. */
export const VOTE_STAGES: readonly VoteStage[] = ["open", "closing", "closed"];

/** Who may take part in a secret vote. */
export type Voters = "everyone" | "members";
/** Every Voters, in the order they are listed everywhere. */
export const VOTERS: readonly Voters[] = ["everyone", "members"];

/** What a claim lets its holder be. */
export type Role = "moderator" | "participant" | "service";
/** Every Role, in the order they are listed everywhere. */
export const ROLES: readonly Role[] = ["moderator", "participant", "service"];

/** Whether one is of the house. */
export type Standing = "member" | "guest";
/** Every Standing, in the order they are listed everywhere. */
export const STANDINGS: readonly Standing[] = ["member", "guest"];

/** How guests are met. */
export type GuestPolicy = "ask" | "accept" | "deny";
/** Every GuestPolicy, in the order they are listed everywhere. */
export const GUEST_POLICIES: readonly GuestPolicy[] = ["ask", "accept", "deny"];

/** How pictures are coded. */
export type VideoCodec = "vp8" | "h264" | "vp9" | "av1";
/** Every VideoCodec, in the order they are listed everywhere. */
export const VIDEO_CODECS: readonly VideoCodec[] = ["vp8", "h264", "vp9", "av1"];

/** Whose coming starts a meeting. */
export type Starter = "anyone" | "moderator";

/** What happens without a moderator. */
export type Unattended = "continue" | "wait" | { close_after_minutes: number };

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
target: string, } | { "type": "mute_all",
/**
 * Whether the presenter is spared.
 */
but_presenter: boolean, } | { "type": "unmute" } | { "type": "ask_to_unmute",
/**
 * Whom.
 */
target: string, } | { "type": "raise_hand" } | { "type": "lower_hand",
/**
 * Whose.
 */
target: string, } | { "type": "lower_all_hands" } | { "type": "react",
/**
 * Which.
 */
reaction: Reaction, } | { "type": "chat",
/**
 * What; 1 to 2000 characters. `@` and a participant's id names somebody; clients
 * show the name.
 */
text: string,
/**
 * To whom alone; everyone when absent.
 */
to?: string,
/**
 * The message of the same conversation it answers.
 */
answers?: string, } | { "type": "edit_chat",
/**
 * Which.
 */
message: string,
/**
 * What it says from now on; 1 to 2000 characters.
 */
text: string, } | { "type": "delete_chat",
/**
 * Which.
 */
message: string, } | { "type": "react_chat",
/**
 * To which.
 */
message: string,
/**
 * Which sign.
 */
reaction: Reaction,
/**
 * Put or take back.
 */
on: boolean, } | { "type": "clear_chat" } | { "type": "offer_file",
/**
 * What it is called; 1 to 150 characters. Its ending says what it is.
 */
name: string,
/**
 * How long it is.
 */
bytes: number,
/**
 * To whom alone; everyone when absent.
 */
to?: string, } | { "type": "file_token" } | { "type": "delete_file",
/**
 * Which.
 */
file: string, } | { "type": "typing",
/**
 * To whom alone; everyone when absent.
 */
to?: string, } | { "type": "live_text",
/**
 * All of it so far, at most 2000 characters; `null` gives it up.
 */
text: string | null, } | { "type": "set_caption_writer",
/**
 * In which language, a BCP 47 tag.
 */
language: string,
/**
 * Whom; `null` has nobody write.
 */
target: string | null, } | { "type": "draft_caption",
/**
 * In which language.
 */
language: string,
/**
 * All of it so far, 1 to 300 characters; `null` gives it up.
 */
text: string | null, } | { "type": "show_chat",
/**
 * Of the conversation with whom; left out for that of everyone.
 */
with?: string,
/**
 * The line they come before.
 */
before: string, } | { "type": "write_caption",
/**
 * In which language.
 */
language: string,
/**
 * What was said; 1 to 300 characters.
 */
text: string, } | { "type": "correct_caption",
/**
 * Which.
 */
line: string,
/**
 * What it says from now on; 1 to 300 characters.
 */
text: string, } | { "type": "save_captions",
/**
 * Which.
 */
language: string, } | { "type": "start_poll",
/**
 * What; 1 to 300 characters.
 */
question: string,
/**
 * What can be chosen.
 */
answers: PollAnswers,
/**
 * Whether one may choose several.
 */
several: boolean,
/**
 * Whether nobody learns who chose what.
 */
anonymous: boolean,
/**
 * What is right, by number from 0; nothing where it is no quiz.
 */
right: Array<number>, } | { "type": "vote",
/**
 * In which.
 */
poll: string,
/**
 * What, by number from 0: one, or several where the poll takes several.
 */
choices: Array<number>, } | { "type": "answer_poll",
/**
 * Which.
 */
poll: string,
/**
 * What one says; 1 to 200 characters.
 */
text: string, } | { "type": "close_poll",
/**
 * In which.
 */
poll: string, } | { "type": "publish_poll",
/**
 * Of which.
 */
poll: string, } | { "type": "put_poll_away",
/**
 * Of which.
 */
poll: string, } | { "type": "withdraw_poll",
/**
 * Which.
 */
poll: string, } | { "type": "open_breakouts",
/**
 * Two to twenty.
 */
breakouts: Array<PlannedBreakout>,
/**
 * Whether everyone chooses for themself.
 */
choice: boolean,
/**
 * After how many minutes they close by themselves; 1 to 1440, `null` for never.
 */
minutes: number | null, } | { "type": "assign_breakout",
/**
 * Whom.
 */
target: string,
/**
 * To which, by number from 0; `null` for none.
 */
breakout: number | null, } | { "type": "enter_breakout",
/**
 * Which, by number from 0.
 */
breakout: number, } | { "type": "call_help" } | { "type": "extend_breakouts",
/**
 * By how many minutes; from now on where they had no end.
 */
minutes: number, } | { "type": "tell_breakouts",
/**
 * What; 1 to 2000 characters.
 */
text: string, } | { "type": "close_breakouts" } | { "type": "open_vote" } & WantedVote | { "type": "take_ballot",
/**
 * In which.
 */
vote: string,
/**
 * What is to be signed, blinded: as many bytes as the key has, in Base64.
 */
blinded: string, } | { "type": "close_vote",
/**
 * Which.
 */
vote: string, } | { "type": "rename",
/**
 * Whom.
 */
target: string,
/**
 * What to call them; 1 to 64 characters.
 */
name: string, } | { "type": "report",
/**
 * Whom.
 */
target: string,
/**
 * Why; 1 to 500 characters.
 */
text: string, } | { "type": "give_presenter",
/**
 * To whom.
 */
target: string, } | { "type": "take_presenter" } | { "type": "ask_to_present" } | { "type": "decline_presenter",
/**
 * Whose.
 */
target: string, } | { "type": "promote",
/**
 * Whom.
 */
target: string, } | { "type": "demote",
/**
 * Whom.
 */
target: string, } | { "type": "set_exception",
/**
 * For whom.
 */
target: string,
/**
 * Which lock.
 */
lock: Lock,
/**
 * Lifted or in force.
 */
on: boolean, } | { "type": "set_lock",
/**
 * Which.
 */
lock: Lock,
/**
 * Closed or open.
 */
on: boolean, } | { "type": "admit",
/**
 * Whom, by the id in the lobby's list.
 */
target: string, } | { "type": "admit_all" } | { "type": "deny",
/**
 * Whom, by the id in the lobby's list.
 */
target: string, } | { "type": "set_guests",
/**
 * From now on; those who wait already go on waiting unless it is `accept`.
 */
policy: GuestPolicy, } | { "type": "set_lobby_message",
/**
 * What; 1 to 2000 characters.
 */
text: string | null, } | { "type": "set_join_muted",
/**
 * Closed or as they wish.
 */
on: boolean, } | { "type": "remove",
/**
 * Whom.
 */
target: string,
/**
 * Whether the same person is refused under any other claim too.
 */
ban: boolean, } | { "type": "rotate_link" } | { "type": "spotlight",
/**
 * Whom; `null` ends it.
 */
target: string | null, } | { "type": "share_layout",
/**
 * How; `null` shares no layout any more.
 */
layout: Layout | null, } | { "type": "set_minute_taker",
/**
 * Whom; `null` for nobody.
 */
target: string | null, } | { "type": "write_minutes",
/**
 * What they say from now on, at most 50,000 characters; blank is nothing.
 */
text: string,
/**
 * The version it was made from.
 */
over: number, } | { "type": "release_minutes",
/**
 * To everyone (`true`) or not.
 */
on: boolean, } | { "type": "show_attendance",
/**
 * The first to be shown, counted from 0.
 */
from: number, } | { "type": "show_learning",
/**
 * The first to be shown, counted from 0.
 */
from: number, } | { "type": "show_own_learning" } | { "type": "set_interpreter",
/**
 * Whom.
 */
target: string,
/**
 * Marked or not.
 */
on: boolean, } | { "type": "set_timer",
/**
 * From how many milliseconds it counts down, one second to a day; `null` counts up.
 */
span: number | null,
/**
 * Whether it runs at once.
 */
runs: boolean, } | { "type": "pause_timer" } | { "type": "resume_timer" } | { "type": "stop_timer" } | { "type": "pick",
/**
 * Whether moderators may be picked too.
 */
moderators: boolean, } | { "type": "set_away",
/**
 * Away or back.
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
 * One picture a client would like in a slot. Earlier wishes come first when slots are few.
 */
export type Wish = {
/**
 * How high it is shown, in device pixels; 0 pauses it.
 */
height: number, } & ({
/**
 * Whose.
 */
participant: string,
/**
 * Camera or screen.
 */
source: Source, } | {
/**
 * 0 is who speaks or spoke last, 1 who did before; oneself, those without a camera
 * and those wished for by name are not counted.
 */
speaker: number, });

/**
 * What a wish is for.
 */
export type Wished = {
/**
 * Whose.
 */
participant: string,
/**
 * Camera or screen.
 */
source: Source, } | {
/**
 * 0 is who speaks or spoke last, 1 who did before; oneself, those without a camera
 * and those wished for by name are not counted.
 */
speaker: number, };

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
 * The server's clock in UTC milliseconds, by which `at` and `since` are reckoned.
 */
now: number,
/**
 * Complete up to this number.
 */
seq: number,
/**
 * The meeting in full; absent when resumed. For a participant who was here
 * before, their own `sources` in it are what holds: what is missing was stopped
 * meanwhile and is not published again unless the person asks for it.
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
media: boolean, } | { "type": "waiting",
/**
 * The number of the `hello`.
 */
re: number,
/**
 * Who this session speaks for, now and once it is let in.
 */
participant: string,
/**
 * The meeting it waits for.
 */
meeting: string,
/**
 * Why.
 */
reason: WaitReason,
/**
 * The place in the queue, counted from 1.
 */
position: number,
/**
 * What the moderators tell those who wait.
 */
message: string | null, } | { "type": "lobby",
/**
 * Why it waits now.
 */
reason: WaitReason,
/**
 * The place in the queue, counted from 1.
 */
position: number,
/**
 * What the moderators tell those who wait.
 */
message: string | null, } | { "type": "done",
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
answer: Answer, } | { "type": "ballot",
/**
 * The number of the request.
 */
re: number,
/**
 * As many bytes as the key has, in Base64.
 */
signature: string, } | { "type": "event" } & EventFrame | { "type": "room",
/**
 * Complete up to this number.
 */
seq: number,
/**
 * The meeting in full.
 */
room: RoomView, } | { "type": "slots",
/**
 * The changed slots.
 */
slots: Array<Slot>, } | { "type": "speaking",
/**
 * At most as many as there are audio slots.
 */
participants: string[], } | { "type": "layers",
/**
 * Which source.
 */
source: Source,
/**
 * One for each `rid` of the line, in the order of the offer; the
 * client stops encoding those that are `false`.
 */
wanted: Array<boolean>, } | { "type": "quality",
/**
 * What changed.
 */
people: Array<Quality>, } | { "type": "withheld",
/**
 * At most as many as there are slots for pictures.
 */
pictures: Array<WithheldPicture>, } | { "type": "guest_link",
/**
 * The number of the request.
 */
re: number,
/**
 * The link as a path with its key in the fragment: `/r/room_…#KEY`.
 */
path: string, } | { "type": "breakout_pass",
/**
 * The number of the request.
 */
re: number,
/**
 * The join token, for the `hello` of a session of its own.
 */
token: string, } | { "type": "upload",
/**
 * The number of the request.
 */
re: number,
/**
 * The file's id.
 */
file: string,
/**
 * Goes with the request as `Authorization: Bearer`.
 */
token: string, } | { "type": "file_token",
/**
 * The number of the request.
 */
re: number,
/**
 * Goes with the requests as `Authorization: Bearer`.
 */
token: string,
/**
 * For how many seconds.
 */
seconds: number, } | { "type": "storage",
/**
 * Whether it can.
 */
ok: boolean, } | { "type": "signal",
/**
 * What.
 */
signal: RoomSignal, } | { "type": "bye",
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
participant: Participant, } | { "type": "shown" } & Shown | { "type": "link_lost",
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
participant: string,
/**
 * Who removed them, if that is why.
 */
removed_by?: string, } | { "type": "role",
/**
 * Who.
 */
participant: string,
/**
 * What they are from now on.
 */
role: Role,
/**
 * Who decided it.
 */
by: string, } | { "type": "renamed",
/**
 * Who.
 */
participant: string,
/**
 * Their name; `null` once erased.
 */
name: string | null,
/**
 * Who changed it.
 */
by: string, } | { "type": "published",
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
line: ChatLine, } | { "type": "chat_edited",
/**
 * Which.
 */
message: string,
/**
 * What; `null` once erased, or changed again since.
 */
text: string | null, } | { "type": "chat_deleted",
/**
 * Which.
 */
message: string,
/**
 * Who did: its writer or a moderator.
 */
by: string, } | { "type": "chat_reacted",
/**
 * To which.
 */
message: string,
/**
 * Who.
 */
by: string,
/**
 * Which sign.
 */
reaction: Reaction,
/**
 * Put or taken back.
 */
on: boolean, } | { "type": "chat_cleared",
/**
 * Who did.
 */
by: string, } | { "type": "timer_set",
/**
 * From how many milliseconds it counts down; `null` counts up.
 */
span: number | null,
/**
 * Whether it runs from now on.
 */
runs: boolean, } | { "type": "timer_paused" } | { "type": "timer_resumed" } | { "type": "timer_stopped" } | { "type": "picked",
/**
 * Who.
 */
participant: string,
/**
 * Who wanted somebody picked.
 */
by: string, } | { "type": "file_shared",
/**
 * The file.
 */
file: SharedFile, } | { "type": "file_deleted",
/**
 * Which.
 */
file: string,
/**
 * Who did: whoever handed it on or a moderator.
 */
by: string, } | { "type": "poll_started",
/**
 * What.
 */
poll: Poll, } | { "type": "poll_key_set",
/**
 * In which.
 */
poll: string,
/**
 * What.
 */
key: PollKey, } | { "type": "voted",
/**
 * In which poll.
 */
poll: string,
/**
 * Who, and what.
 */
vote: PollVote, } | { "type": "poll_answered",
/**
 * In which poll.
 */
poll: string,
/**
 * Who, and what.
 */
answer: PollWritten, } | { "type": "poll_turnout",
/**
 * In which poll.
 */
poll: string,
/**
 * How many.
 */
voted: number, } | { "type": "poll_closed",
/**
 * Which.
 */
poll: string,
/**
 * Who closed it.
 */
by: string,
/**
 * How many anonymous votes were too few to be counted without showing them.
 */
uncounted: number, } | { "type": "poll_tallied",
/**
 * Of which.
 */
poll: string,
/**
 * How many chose each, in the order of the choices.
 */
counts: Array<number>,
/**
 * What was written, where people answered in words of their own.
 */
said: Array<PollSaid>, } | { "type": "poll_published" } & PublishedPoll | { "type": "poll_put_away",
/**
 * Of which.
 */
poll: string,
/**
 * Who put it away.
 */
by: string, } | { "type": "poll_withdrawn",
/**
 * Which.
 */
poll: string,
/**
 * Who withdrew it.
 */
by: string, } | { "type": "caption_writer",
/**
 * Who, and in which language.
 */
writer: CaptionWriter,
/**
 * Who decided it.
 */
by: string, } | { "type": "breakouts_opened",
/**
 * Which.
 */
breakouts: Breakouts, } | { "type": "breakout_assigned",
/**
 * Who.
 */
participant: string,
/**
 * To which, by number from 0; `null` for none.
 */
breakout: number | null,
/**
 * Who decided it.
 */
by: string, } | { "type": "breakout_entered",
/**
 * Who.
 */
participant: string,
/**
 * In which, by number from 0.
 */
breakout: number, } | { "type": "breakout_left",
/**
 * Who.
 */
participant: string,
/**
 * Which, by number from 0.
 */
breakout: number, } | { "type": "help_called",
/**
 * Who called.
 */
participant: string,
/**
 * From which, by number from 0.
 */
breakout: number, } | { "type": "help_ended",
/**
 * Who had called.
 */
participant: string,
/**
 * From which, by number from 0.
 */
breakout: number,
/**
 * Who came.
 */
by: string, } | { "type": "breakouts_extended",
/**
 * When, in UTC milliseconds.
 */
until: number,
/**
 * Who did.
 */
by: string, } | { "type": "breakouts_told",
/**
 * Who.
 */
by: string,
/**
 * Their name; `null` once erased.
 */
name: string | null,
/**
 * What; `null` once erased.
 */
text: string | null, } | { "type": "breakouts_closed",
/**
 * Who did; `null` when their time was over.
 */
by: string | null, } | { "type": "locks_inherited",
/**
 * All that is locked from now on.
 */
locks: Lock[], } | { "type": "exceptions_inherited" } & InheritedExceptions | { "type": "caption_writer_ended",
/**
 * Who did, and in which language.
 */
writer: CaptionWriter,
/**
 * Who decided it: a moderator, or they themself.
 */
by: string, } | { "type": "caption",
/**
 * The line.
 */
line: CaptionLine, } | { "type": "caption_corrected",
/**
 * Which.
 */
line: string,
/**
 * What it says now; `null` once erased, or corrected again.
 */
text: string | null, } | { "type": "vote_opened",
/**
 * The vote.
 */
vote: SecretVote, } | { "type": "vote_turnout",
/**
 * In which vote.
 */
vote: string,
/**
 * How many.
 */
given: number, } | { "type": "vote_closing",
/**
 * Which.
 */
vote: string,
/**
 * Who ended it.
 */
by: string,
/**
 * When it is over at the latest, in UTC milliseconds.
 */
until: number, } | { "type": "vote_closed",
/**
 * Which.
 */
vote: string,
/**
 * How many ballots were cast.
 */
cast: number,
/**
 * How many of them chose each, in the order of the choices.
 */
counts: Array<number>, } | { "type": "presenter",
/**
 * Who has it now.
 */
participant: string | null, } | { "type": "presenter_asked",
/**
 * Who, behind those who ask already.
 */
participant: string, } | { "type": "presenter_ask_ended",
/**
 * Who.
 */
participant: string,
/**
 * Who declined, or they themself who withdrew.
 */
by: string, } | { "type": "exception",
/**
 * For whom.
 */
participant: string,
/**
 * Which.
 */
lock: Lock,
/**
 * Lifted or in force.
 */
on: boolean,
/**
 * Who did.
 */
by: string, } | { "type": "lock",
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
by: string, } | { "type": "waiting",
/**
 * Who, at the end of the queue.
 */
entry: LobbyEntry, } | { "type": "waiting_link",
/**
 * Who.
 */
participant: string,
/**
 * Whether their link is alive.
 */
connected: boolean, } | { "type": "wait_ended",
/**
 * Who.
 */
participant: string, } | { "type": "guests",
/**
 * From now on.
 */
policy: GuestPolicy,
/**
 * Who.
 */
by: string, } | { "type": "lobby_message",
/**
 * What; `null` when nothing.
 */
text: string | null, } | { "type": "join_muted",
/**
 * Closed or as they wish.
 */
on: boolean, } | { "type": "link_rotated",
/**
 * Who.
 */
by: string, } | { "type": "spotlight",
/**
 * Who; `null` when nobody is any more.
 */
participant: string | null, } | { "type": "layout",
/**
 * How; `null` when no layout is shared any more.
 */
layout: Layout | null,
/**
 * Who did.
 */
by: string, } | { "type": "minute_taker",
/**
 * Who; `null` when nobody does any more.
 */
participant: string | null, } | { "type": "minutes_written",
/**
 * Who wrote.
 */
by: string,
/**
 * What they say now; `null` for nothing, and once erased.
 */
text: string | null,
/**
 * How often they were written by now.
 */
version: number, } | { "type": "minutes_released",
/**
 * To everyone.
 */
on: boolean,
/**
 * Who decided it.
 */
by: string, } | { "type": "interpreter",
/**
 * Who.
 */
participant: string,
/**
 * Whether they do.
 */
on: boolean, } | { "type": "away",
/**
 * Who.
 */
participant: string,
/**
 * Away or back.
 */
on: boolean, } | { "type": "ended",
/**
 * `ended_by_moderator`, `empty`, `time_limit`, `unattended` or `called_back`.
 */
reason: string, };

/**
 * What is told and never kept.
 */
export type RoomSignal = { "type": "asked_to_unmute",
/**
 * Who asks.
 */
by: string, } | { "type": "typing",
/**
 * Who.
 */
by: string,
/**
 * To this participant alone; everyone when absent.
 */
to?: string, } | { "type": "live_text",
/**
 * Who.
 */
by: string,
/**
 * All of it so far; `null` when it is given up. What is sent in the end comes as `chat`.
 */
text: string | null, } | { "type": "reacted",
/**
 * Who.
 */
by: string,
/**
 * Which.
 */
reaction: Reaction, } | { "type": "attendance",
/**
 * The number of the first stay in it, from 0.
 */
from: number,
/**
 * The stays, in the order people came.
 */
stays: Array<Stay>,
/**
 * How many stays there are.
 */
total: number,
/**
 * How many came when no more were kept.
 */
left_out: number, } | { "type": "learning",
/**
 * The number of the first person in it, from 0.
 */
from: number,
/**
 * The people, in the order they first came.
 */
people: Array<Figures>,
/**
 * How many people there are.
 */
total: number,
/**
 * How many times somebody came when no more were counted.
 */
left_out: number, } | { "type": "own_learning",
/**
 * The figures moderators are shown.
 */
figures: Figures, } | { "type": "poll_turnout",
/**
 * In which.
 */
poll: string,
/**
 * How many.
 */
voted: number, } | { "type": "caption",
/**
 * Who.
 */
by: string,
/**
 * In which language, a BCP 47 tag.
 */
language: string,
/**
 * All of it so far; `null` when it is given up. What is finished comes as an event.
 */
text: string | null, } | { "type": "chat",
/**
 * With whom the conversation is; left out for that of everyone.
 */
with?: string,
/**
 * Those before the line that was named, oldest first, without a gap.
 */
lines: Array<ChatLine>,
/**
 * Whether there are lines before these.
 */
older: boolean, } | { "type": "caption_text",
/**
 * Which language.
 */
language: string,
/**
 * Oldest first.
 */
lines: Array<CaptionLine>, };

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
 * Who asks to present, first asked first; for all but moderators oneself at most.
 */
asking_to_present: string[],
/**
 * Raised hands, first raised first.
 */
hands: string[],
/**
 * The last lines of the chat, oldest first.
 */
chat: Array<ChatLine>,
/**
 * The last of what was written to this participant alone or by them to one other, oldest first.
 */
private: Array<ChatLine>,
/**
 * In which conversations there are lines before those; `show_chat` asks for them.
 */
older_chat: OlderChat,
/**
 * Who writes captions, by language.
 */
caption_writers: Array<CaptionWriter>,
/**
 * The last lines of captions of each language, oldest first.
 */
captions: Array<CaptionLine>,
/**
 * Files handed to everyone, to this participant alone, or by them to one other, oldest first.
 */
files: Array<SharedFile>,
/**
 * What is taken of files.
 */
file_rules: FileRules,
/**
 * The polls that are kept, oldest first; at most the last is open.
 */
polls: Array<Poll>,
/**
 * The timer, if there is one.
 */
timer: Timer | null,
/**
 * Who was picked at random last, while they are here.
 */
picked: Picked | null,
/**
 * The breakouts that are open; for moderators also those that were last.
 */
breakouts: Breakouts | null,
/**
 * The secret votes that are kept, oldest first; at most the last is not over.
 */
votes: Array<SecretVote>,
/**
 * What is locked.
 */
locks: Lock[],
/**
 * What happens to those who come by a guest link.
 */
guests: GuestPolicy,
/**
 * Whether microphones of those who come start closed.
 */
join_muted: boolean,
/**
 * Who is put in front of everyone.
 */
spotlight: string | null,
/**
 * How everyone's pictures are arranged, where somebody arranges them.
 */
layout: SharedLayout | null,
/**
 * Who takes the minutes.
 */
minute_taker: string | null,
/**
 * The minutes; `null` for whom they are not.
 */
minutes: Minutes | null,
/**
 * Whether it is kept who was there from when to when.
 */
attendance: boolean,
/**
 * Whether it is counted what each person does.
 */
learning: boolean,
/**
 * Who waits, first come first; empty for all but moderators.
 */
lobby: Array<LobbyEntry>,
/**
 * What those in the lobby are told; `null` for all but moderators.
 */
lobby_message: string | null, };

/**
 * A layout that is shared with everyone.
 */
export type SharedLayout = {
/**
 * Which.
 */
layout: Layout,
/**
 * Since when, in UTC milliseconds; whoever left it is brought back by a later one.
 */
since: number, };

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
muted: boolean,
/**
 * Whether they said that they are away for a moment.
 */
away: boolean,
/**
 * Whether they interpret into sign language.
 */
interpreter: boolean,
/**
 * Locks lifted for them; empty for all but moderators and themself.
 */
exceptions: Lock[], };

/**
 * Of whom one who does not see everyone knows from now on, and of whom no longer.
 */
export type Shown = {
/**
 * Who is shown now, as they are.
 */
appeared: Array<Participant>,
/**
 * Those of them whose hand is raised.
 */
hands: string[],
/**
 * Who is hidden now, with all that was known of them; nothing says whether they left.
 */
vanished: string[],
/**
 * Who presents.
 */
presenter: string | null,
/**
 * Who is put in front of everyone, if one knows of them.
 */
spotlight: string | null, };

/**
 * The timer. What it shows now is reckoned by the server's clock: `passed`, and since
 * `since` the time until now.
 */
export type Timer = {
/**
 * From how many milliseconds it counts down; `null` counts up.
 */
span: number | null,
/**
 * How many had passed when it last came to rest.
 */
passed: number,
/**
 * Since when it runs, in UTC milliseconds; `null` at rest.
 */
since: number | null, };

/**
 * Who was picked at random.
 */
export type Picked = {
/**
 * Who.
 */
participant: string,
/**
 * When, in UTC milliseconds.
 */
at: number, };

/**
 * Someone who waits in the lobby, as moderators see them.
 */
export type LobbyEntry = {
/**
 * Who, by the id they will have once let in.
 */
id: string,
/**
 * Their name; `null` once erased.
 */
name: string | null,
/**
 * Role they would have.
 */
role: Role,
/**
 * Guest or member.
 */
standing: Standing,
/**
 * Since when, in UTC milliseconds.
 */
since: number,
/**
 * Whether their link is alive.
 */
connected: boolean, };

/**
 * Why someone waits in the lobby.
 */
export type WaitReason = "guest" | "no_moderator";

/**
 * How well one person is connected.
 */
export type Quality = {
/**
 * Who.
 */
participant: string,
/**
 * How well.
 */
quality: LinkQuality, };

/**
 * How well a person's media comes and goes, as the server measures it.
 */
export type LinkQuality = "good" | "fair" | "poor" | "lost";

/**
 * A picture that a client's connection does not carry as wished.
 */
export type WithheldPicture = {
/**
 * Whose.
 */
participant: string,
/**
 * Which of their sources.
 */
source: Source,
/**
 * How much of it.
 */
what: Withheld, };

/**
 * What is not given of a picture.
 */
export type Withheld = "lowered" | "off";

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
 * What; `null` once erased or deleted.
 */
text: string | null,
/**
 * When, in UTC milliseconds.
 */
at: number,
/**
 * To whom alone; everyone when absent.
 */
to?: string,
/**
 * The name of the one it was written to; absent once erased.
 */
to_name?: string,
/**
 * The message it answers, which need not be kept any more.
 */
answers?: string,
/**
 * Since when it says this, if not from the beginning, in UTC milliseconds.
 */
edited_at?: number,
/**
 * Who deleted it: its writer or a moderator.
 */
deleted_by?: string,
/**
 * What was put to it; signs of nobody are left out.
 */
reactions?: Array<ChatReaction>, };

/**
 * One sign under a chat message.
 */
export type ChatReaction = {
/**
 * Which.
 */
reaction: Reaction,
/**
 * Who put it there; they may have left since.
 */
by: string[], };

/**
 * In which conversations there are older lines than those shown.
 */
export type OlderChat = {
/**
 * In that of everyone.
 */
everyone: boolean,
/**
 * In those with one other each: with whom.
 */
with: string[], };

/**
 * Somebody who writes captions.
 */
export type CaptionWriter = {
/**
 * In which language, a BCP 47 tag.
 */
language: string,
/**
 * Who.
 */
participant: string, };

/**
 * One finished line of captions.
 */
export type CaptionLine = {
/**
 * The line's id.
 */
id: string,
/**
 * Who wrote it; they may have left since.
 */
by: string,
/**
 * In which language, a BCP 47 tag.
 */
language: string,
/**
 * When it was finished, in UTC milliseconds.
 */
at: number,
/**
 * What was said; `null` once erased.
 */
text: string | null, };

/**
 * One file. Its bytes are fetched over HTTP, with a token from `file_token`.
 */
export type SharedFile = {
/**
 * The file's id.
 */
id: string,
/**
 * Who handed it on.
 */
from: string,
/**
 * Their name as it was known; `null` once erased.
 */
name: string | null,
/**
 * To whom alone; everyone when absent.
 */
to?: string,
/**
 * The name of the one it was handed to; absent once erased.
 */
to_name?: string,
/**
 * When, in UTC milliseconds.
 */
at: number,
/**
 * What it is called; `null` once erased.
 */
file_name: string | null,
/**
 * What it is.
 */
group: FileGroup,
/**
 * How long it is.
 */
bytes: number, };

/**
 * What is taken of files.
 */
export type FileRules = {
/**
 * Most bytes of one.
 */
bytes: number,
/**
 * The endings of names that are taken, without the dot; none when no files are.
 */
endings: Array<string>, };

/**
 * One poll.
 */
export type Poll = {
/**
 * The poll's id.
 */
id: string,
/**
 * Who asks; they may have left since.
 */
by: string,
/**
 * When it began, in UTC milliseconds.
 */
at: number,
/**
 * What is asked; `null` once erased.
 */
question: string | null,
/**
 * What can be chosen.
 */
answers: PollAnswers,
/**
 * Whether one may choose several.
 */
several: boolean,
/**
 * Whether nobody learns who chose what; then `votes` is empty.
 */
anonymous: boolean,
/**
 * Whether some choices are right and others wrong.
 */
quiz: boolean,
/**
 * How far it is.
 */
stage: PollStage,
/**
 * How many have voted.
 */
voted: number,
/**
 * Whether oneself has, in an anonymous poll. After a restart of the server some are asked again.
 */
cast: boolean,
/**
 * Who chose what: everyone for moderators and whoever asks, else oneself at most.
 */
votes: Array<PollVote>,
/**
 * Who wrote what, where people answer in words of their own: as `votes`.
 */
written: Array<PollWritten>,
/**
 * How many chose each, in the order of the choices, once published; of a closed anonymous
 * poll also for moderators and whoever asks.
 */
counts?: Array<number>,
/**
 * What was written, equal words together, whenever `counts` are shown.
 */
said: Array<PollSaid>,
/**
 * How many of those who voted anonymously could not be counted without showing what they chose.
 */
uncounted: number,
/**
 * What is right in a quiz, once published; before that for whoever asks alone.
 */
key?: PollKey,
/**
 * Whether what came of it is in front of everyone; of one poll at most.
 */
in_front: boolean,
/**
 * Since when it is said in the chat, in UTC milliseconds, unless that was cleared.
 */
told_at?: number, };

/**
 * What is right in a quiz.
 */
export type PollKey = {
/**
 * What is right, by number from 0.
 */
right: Array<number>,
/**
 * How many had it wholly right, once published: all that is right where one may choose
 * several, and nothing else; where one chooses one, one that is right.
 */
wholly?: number, };

/**
 * What can be chosen in a poll; choices are named by number, from 0.
 */
export type PollAnswers = { "kind": "yes_no" } | { "kind": "yes_no_abstain" } | { "kind": "letters",
/**
 * Two to five.
 */
count: number, } | { "kind": "own",
/**
 * Two to ten, of 1 to 100 characters; `null` once erased.
 */
texts: Array<string | null>, } | { "kind": "text" };

/**
 * What one person answered in words of their own.
 */
export type PollWritten = {
/**
 * Who; they may have left since.
 */
by: string,
/**
 * What they say; `null` once erased.
 */
text: string | null, };

/**
 * An answer without those who gave it.
 */
export type PollSaid = {
/**
 * What it says; `null` once erased.
 */
text: string | null,
/**
 * How often it was given.
 */
times: number, };

/**
 * What came of a poll.
 */
export type PublishedPoll = {
/**
 * Of which.
 */
poll: string,
/**
 * Who published it.
 */
by: string,
/**
 * How many chose each, in the order of the choices.
 */
counts: Array<number>,
/**
 * What is right in a quiz, and how many had it.
 */
key?: PollKey,
/**
 * What was written, where people answered in words of their own.
 */
said: Array<PollSaid>, };

/**
 * What one person chose.
 */
export type PollVote = {
/**
 * Who; they may have left since.
 */
by: string,
/**
 * What, by number from 0.
 */
choices: Array<number>, };

/**
 * What somebody wants to put to a secret vote.
 */
export type WantedVote = {
/**
 * What about; 1 to 300 characters.
 */
question: string,
/**
 * What can be chosen: two to ten, of 1 to 100 characters.
 */
choices: Array<string>,
/**
 * How many one may choose.
 */
most: number,
/**
 * Who may take part.
 */
voters: Voters, };

/**
 * One secret vote.
 */
export type SecretVote = {
/**
 * The vote's id.
 */
id: string,
/**
 * Who asks; they may have left since.
 */
by: string,
/**
 * When it began, in UTC milliseconds.
 */
at: number,
/**
 * What is asked; `null` once erased.
 */
question: string | null,
/**
 * What can be chosen, named by number from 0; `null` once erased.
 */
choices: Array<string | null>,
/**
 * How many one may choose.
 */
most: number,
/**
 * Who may take part.
 */
voters: Voters,
/**
 * The key ballots are signed with: a `SubjectPublicKeyInfo` in Base64.
 */
key: string,
/**
 * How far it is.
 */
stage: VoteStage,
/**
 * When it is over at the latest, in UTC milliseconds, while it is closing.
 */
until?: number,
/**
 * How many may take part; absent for who is not told how many are there.
 */
entitled?: number,
/**
 * How many were given a ballot.
 */
given: number,
/**
 * Whether one may take part oneself; absent where it is told to everyone alike, then
 * those may who are here and whom `voters` names.
 */
may?: boolean,
/**
 * Whether one was given a ballot oneself.
 */
took: boolean,
/**
 * How many ballots were cast, once it is over.
 */
cast?: number,
/**
 * How many of them chose each, in the order of the choices, once it is over.
 */
counts?: Array<number>, };

/**
 * One ballot, as it is cast and as it is published.
 */
export type SecretBallot = {
/**
 * The number the voter drew: 32 bytes in lower-case hex.
 */
serial: string,
/**
 * What was chosen, by number from 0, each once in order.
 */
choices: Array<number>,
/**
 * The vote's signature of the serial, in Base64.
 */
signature: string, };

/**
 * The answer to a ballot: it will be counted.
 */
export type BallotReceipt = {
/**
 * Its number.
 */
serial: string, };

/**
 * Everything about a secret vote that is over, for whoever wants to count again.
 */
export type VoteList = {
/**
 * The vote's id.
 */
vote: string,
/**
 * What was asked; `null` once erased.
 */
question: string | null,
/**
 * What could be chosen; `null` once erased.
 */
choices: Array<string | null>,
/**
 * How many one could choose.
 */
most: number,
/**
 * The key ballots were signed with: a `SubjectPublicKeyInfo` in Base64.
 */
key: string,
/**
 * How many could take part; absent while participants are not told how many are there.
 */
entitled?: number,
/**
 * How many were given a ballot.
 */
given: number,
/**
 * Every ballot, in the order of the serials.
 */
ballots: Array<SecretBallot>, };

/**
 * The minutes, as those see them who may read them.
 */
export type Minutes = {
/**
 * What they say; `null` for nothing, and once erased.
 */
text: string | null,
/**
 * Who wrote last; they may have left since.
 */
by: string | null,
/**
 * How often they were written.
 */
version: number,
/**
 * Whether they are for everyone.
 */
released: boolean, };

/**
 * One person, once, from coming to going.
 */
export type Stay = {
/**
 * Who they were in this stay.
 */
participant: string,
/**
 * Who they were in the first of their stays: the same in all of them.
 */
person: string,
/**
 * Their name as it was shown last; `null` once erased.
 */
name: string | null,
/**
 * What they were last.
 */
role: Role,
/**
 * Guest or member.
 */
standing: Standing,
/**
 * When they came, in UTC milliseconds.
 */
from: number,
/**
 * When they went, or their link broke; `null` while they are there.
 */
until: number | null, };

/**
 * What one person did so far, in all of their stays.
 */
export type Figures = {
/**
 * Who they were in the first of their stays.
 */
person: string,
/**
 * Their name as it was shown last. An erased person has no figures.
 */
name: string | null,
/**
 * What they were last.
 */
role: Role,
/**
 * Guest or member.
 */
standing: Standing,
/**
 * Whether they are there now.
 */
here: boolean,
/**
 * How long they were there.
 */
present_ms: number,
/**
 * For how long they were heard.
 */
talked_ms: number,
/**
 * How often they raised a hand.
 */
hands: number,
/**
 * How many polls they answered under their name; anonymous ones are not counted.
 */
polls: number,
/**
 * How many messages they wrote to everyone; private ones are not counted.
 */
messages: number, };

/**
 * The breakouts of a meeting, as one participant may see them.
 */
export type Breakouts = {
/**
 * Whether they are open; if not, they were last, which moderators alone are shown.
 */
open: boolean,
/**
 * Whether everyone chooses for themself.
 */
choice: boolean,
/**
 * When they close by themselves, in UTC milliseconds.
 */
until: number | null,
/**
 * Two to twenty; named by number, from 0.
 */
breakouts: Array<Breakout>, };

/**
 * One breakout.
 */
export type Breakout = {
/**
 * What it is called; `null` once erased.
 */
name: string | null,
/**
 * Who belongs to it.
 */
members: string[],
/**
 * Who is in it now.
 */
inside: string[],
/**
 * Who calls a moderator from there; for all but moderators oneself at most.
 */
called_by?: string, };

/**
 * One breakout to be opened.
 */
export type PlannedBreakout = {
/**
 * What to call it; 1 to 64 characters.
 */
name: string,
/**
 * Who belongs to it.
 */
members: string[], };

/**
 * In a breakout: locks were lifted for one person in the meeting it belongs to, or are in force
 * for them again, and are here. Told to moderators and to whom it concerns.
 */
export type InheritedExceptions = {
/**
 * For whom.
 */
participant: string,
/**
 * All that is lifted for them from now on.
 */
exceptions: Lock[], };

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
export type ByeReason = "left" | "replaced" | "ended" | "removed" | "denied" | "slow" | "protocol" | "shutdown";

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
name: string,
/**
 * What happens to those who come by the guest link.
 */
guests: GuestPolicy,
/**
 * Whose coming starts a meeting.
 */
starter: Starter,
/**
 * What happens without a moderator.
 */
unattended: Unattended,
/**
 * Whether microphones of those who come start closed.
 */
join_muted: boolean,
/**
 * Whether those who come later may read what was written to everyone before.
 */
late_chat: boolean,
/**
 * Whether it is kept who was there from when to when.
 */
attendance: boolean,
/**
 * Whether it is counted what each person does.
 */
learning: boolean,
/**
 * The picture coding publishers are asked for.
 */
video_codec: VideoCodec, };

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
standing: Standing,
/**
 * Whether it is kept who was there: whoever is about to come in is told.
 */
attendance: boolean,
/**
 * Whether it is counted what each person does: whoever is about to come in is told.
 */
learning: boolean, };

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
 * A token: for `hello`, or for streams.
 */
export type TokenMade = {
/**
 * The token; kept for a reload in the page's history entry, nowhere else.
 */
token: string,
/**
 * When it stops admitting, in UTC milliseconds.
 */
expires_at: number, };

/**
 * `POST /api/v1/rooms/{room}/grants`: a token by which a machine may send and play streams
 * (WHIP, WHEP) in a room, under whatever id. Needs the operator's key.
 */
export type GrantRequest = {
/**
 * What its holder may be.
 */
role: Role,
/**
 * What a stream without an id is called: 1 to 64 characters. `Stream`, unless told otherwise.
 */
name?: string,
/**
 * How many hours it admits, at most a year's. As long as a join token, unless told otherwise.
 */
hours?: number, };
