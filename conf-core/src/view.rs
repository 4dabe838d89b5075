//! What one participant may see: the snapshot a joiner gets.

use crate::admission::policy::GuestPolicy;
use crate::collab::captions::language::Language;
use crate::collab::chat::reaction::Reaction;
use crate::collab::file::kind::FileKind;
use crate::collab::file::limits::FileLimits;
use crate::collab::poll::answers::Answers;
use crate::collab::poll::key::PollKey;
use crate::collab::poll::written::{Said, Written};
use crate::collab::vote::opaque::VoteKey;
use crate::collab::vote::{Ballot, Voters};
use crate::id::{CaptionId, FileId, MeetingId, MessageId, ParticipantId, PollId, RoomId, VoteId};
use crate::personal::Personal;
use crate::policy::lock::LockSet;
use crate::policy::role::{Role, Standing};
use crate::stage::layout::Layout;
use crate::stage::source::SourceSet;
use crate::text::{
    BreakoutName, CaptionText, ChatText, DisplayName, FileName, MinutesText, PollChoice,
    PollQuestion, RoomName,
};
use crate::time::{Span, Timestamp};

/// The meeting as one participant may see it, complete as of `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// This sitting.
    pub meeting: MeetingId,
    /// The place.
    pub room: RoomId,
    /// What the room is called.
    pub name: RoomName,
    /// The journal number this view is complete up to.
    pub seq: u64,
    /// When the meeting opened.
    pub opened_at: Timestamp,
    /// Who is here, in the order they joined.
    pub participants: Vec<ParticipantView>,
    /// Who presents.
    pub presenter: Option<ParticipantId>,
    /// Who asks to present, first asked first; for all but moderators oneself at most.
    pub asking_to_present: Vec<ParticipantId>,
    /// Raised hands, first raised first.
    pub hands: Vec<ParticipantId>,
    /// The newest lines of the chat, oldest first.
    pub chat: Vec<ChatLine>,
    /// The newest of what was written to the viewer alone or by them to one other, oldest first;
    /// of each conversation the last is there.
    pub private: Vec<ChatLine>,
    /// Where there are lines before those; they are asked for.
    pub older_chat: OlderChat,
    /// Who writes captions, by language.
    pub caption_writers: Vec<CaptionWriter>,
    /// The last lines of captions of each language, oldest first.
    pub captions: Vec<CaptionLine>,
    /// Files handed to everyone, to the viewer alone, or by them to one other, oldest first.
    pub files: Vec<FileView>,
    /// What is taken of files.
    pub file_limits: FileLimits,
    /// The polls that are kept, oldest first; at most the last is open.
    pub polls: Vec<PollView>,
    /// The timer, if there is one.
    pub timer: Option<TimerView>,
    /// Who was picked last, while they are here.
    pub picked: Option<PickView>,
    /// The breakouts that are open; for moderators also those that were last.
    pub breakouts: Option<BreakoutsView>,
    /// The secret votes that are kept, oldest first; at most the last is not over.
    pub votes: Vec<VoteView>,
    /// What is locked.
    pub locks: LockSet,
    /// What happens to those who come by a guest link.
    pub guests: GuestPolicy,
    /// Whether microphones of those who come start closed.
    pub join_muted: bool,
    /// Who is put in front of everyone.
    pub spotlight: Option<ParticipantId>,
    /// How everyone's pictures are arranged, where somebody arranges them.
    pub layout: Option<SharedLayout>,
    /// Who takes the minutes.
    pub minute_taker: Option<ParticipantId>,
    /// The minutes; `None` for whom they are not.
    pub minutes: Option<MinutesView>,
    /// Whether it is kept who was there from when to when.
    pub attendance: bool,
    /// Whether it is counted what each person does.
    pub learning: bool,
    /// Who waits in the lobby, first come first; empty for all but moderators.
    pub lobby: Vec<WaitingView>,
    /// What those in the lobby are told; `None` for all but moderators.
    pub lobby_message: Option<ChatText>,
}

/// The minutes, as those see them who may read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinutesView {
    /// What they say; `None` is nothing.
    pub text: Option<Personal<MinutesText>>,
    /// Who wrote last; they may have left since.
    pub by: Option<ParticipantId>,
    /// How often they were written.
    pub version: u32,
    /// Whether they are for everyone.
    pub released: bool,
}

/// A part of the list of who was there, as moderators are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendancePage {
    /// The number of the first stay in it, from 0.
    pub from: u32,
    /// The stays, in the order people came.
    pub stays: Vec<StayView>,
    /// How many stays there are.
    pub total: u32,
    /// How many came when no more were kept.
    pub left_out: u32,
}

/// One person, once, from coming to going.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayView {
    /// Who they were in this stay.
    pub participant: ParticipantId,
    /// Who they were in the first of their stays: the same in all of them.
    pub person: ParticipantId,
    /// Their name, as it was shown last.
    pub name: Personal<DisplayName>,
    /// What they were last.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// When they came.
    pub from: Timestamp,
    /// When they went, or their link broke; `None` while they are there.
    pub until: Option<Timestamp>,
}

/// A part of what people did so far, as moderators are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearningPage {
    /// The number of the first person in it, from 0.
    pub from: u32,
    /// The people, in the order they first came.
    pub people: Vec<FiguresView>,
    /// How many people there are.
    pub total: u32,
    /// How many stays came when no more were counted.
    pub left_out: u32,
}

/// What one person did so far, in all of their stays: moderators and they themself are shown
/// the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiguresView {
    /// Who they were in the first of their stays.
    pub person: ParticipantId,
    /// Their name, as it was shown last.
    pub name: Personal<DisplayName>,
    /// What they were last.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// Whether they are there now.
    pub here: bool,
    /// How long they were there.
    pub present: Span,
    /// For how long they were heard.
    pub talked: Span,
    /// How often they raised a hand.
    pub hands: u32,
    /// How many polls they answered under their name.
    pub polls: u32,
    /// How many messages they wrote to everyone.
    pub messages: u32,
}

/// A layout that is shared with everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedLayout {
    /// Which.
    pub layout: Layout,
    /// Since when; whoever left it is brought back by a later one.
    pub since: Timestamp,
}

/// The timer. What it shows now is reckoned: `passed`, and since `since` the time until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerView {
    /// From what it counts down; `None` counts up.
    pub span: Option<Span>,
    /// What had passed when it last came to rest.
    pub passed: Span,
    /// Since when it runs; `None` at rest.
    pub since: Option<Timestamp>,
}

/// Who was picked at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickView {
    /// Who.
    pub participant: ParticipantId,
    /// When.
    pub at: Timestamp,
}

/// Someone who waits in the lobby, as moderators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingView {
    /// Who, by the id they will have once let in.
    pub id: ParticipantId,
    /// Their name.
    pub name: Personal<DisplayName>,
    /// Role they would have.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// Since when.
    pub since: Timestamp,
    /// Whether their link is alive.
    pub connected: bool,
}

/// Where someone in the lobby stands: all they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Why they wait.
    pub reason: WaitReason,
    /// The place in the queue, counted from 1.
    pub position: u32,
    /// What the moderators tell those who wait.
    pub message: Option<ChatText>,
}

/// Why someone waits in the lobby. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// A moderator decides.
    Guest,
    /// No moderator came yet, or none is connected.
    NoModerator,
}

/// One participant as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantView {
    /// Who.
    pub id: ParticipantId,
    /// Their name.
    pub name: Personal<DisplayName>,
    /// Role.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// Whether a session of theirs is alive; if not, their place is being kept.
    pub connected: bool,
    /// What they publish, muted or not.
    pub sources: SourceSet,
    /// Whether they said that they are away for a moment.
    pub away: bool,
    /// Whether they interpret into sign language.
    pub interpreter: bool,
    /// Locks lifted for them; empty for all but moderators and themself.
    pub exceptions: LockSet,
    /// Whether their microphone is closed although published.
    pub muted: bool,
}

/// Of whom one who knows only some of the others knows from now on, and of whom no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The number in the journal of the entry that brought it.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who is shown now, as they are.
    pub appeared: Vec<ParticipantView>,
    /// Those of them whose hand is raised.
    pub hands: Vec<ParticipantId>,
    /// Who is hidden now, with all that was known of them.
    pub vanished: Vec<ParticipantId>,
    /// Who presents.
    pub presenter: Option<ParticipantId>,
    /// Who is put in front of everyone, if one knows of them.
    pub spotlight: Option<ParticipantId>,
}

/// One chat message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatLine {
    /// The message's id.
    pub id: MessageId,
    /// Who said it.
    pub from: ParticipantId,
    /// Their name as it was known; they may have left since.
    pub name: Personal<DisplayName>,
    /// To whom alone; `None` is everyone.
    pub to: Option<ParticipantId>,
    /// The name of the one it was written to, if it was to one.
    pub to_name: Option<Personal<DisplayName>>,
    /// The message it answers, which need not be kept any more.
    pub answers: Option<MessageId>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub body: ChatBody,
    /// What was put to it, in the order of [`Reaction::ALL`]; those of nobody are left out.
    pub reactions: Vec<ChatReaction>,
}

/// In which conversations there are older lines than those shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OlderChat {
    /// In that of everyone.
    pub everyone: bool,
    /// In those with one other each, by whom they are with.
    pub with: Vec<ParticipantId>,
}

/// Some lines of a conversation, and whether there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPage {
    /// With whom it is; `None` is everyone.
    pub with: Option<ParticipantId>,
    /// Those before the one that was named, oldest first; the last of them is next to it.
    pub lines: Vec<ChatLine>,
    /// Whether there are lines before these.
    pub older: bool,
}

/// What a chat message says. A closed set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatBody {
    /// This.
    Text {
        /// What.
        text: Personal<ChatText>,
        /// Since when, if not from the beginning.
        edited: Option<Timestamp>,
    },
    /// Nothing any more.
    Deleted {
        /// Who deleted it: its writer or a moderator.
        by: ParticipantId,
    },
}

/// One sign under a chat message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatReaction {
    /// Which.
    pub reaction: Reaction,
    /// Who put it there; they may have left since.
    pub by: Vec<ParticipantId>,
}

/// Somebody who writes captions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionWriter {
    /// In which language.
    pub language: Language,
    /// Who.
    pub participant: ParticipantId,
}

/// One finished line of captions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionLine {
    /// The line's id.
    pub id: CaptionId,
    /// Who wrote it; they may have left since.
    pub by: ParticipantId,
    /// In which language.
    pub language: Language,
    /// When it was finished.
    pub at: Timestamp,
    /// What was said.
    pub text: Personal<CaptionText>,
}

/// One file that was handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// The file's id.
    pub id: FileId,
    /// Who handed it on.
    pub from: ParticipantId,
    /// Their name as it was known; they may have left since.
    pub from_name: Personal<DisplayName>,
    /// To whom alone; `None` is everyone.
    pub to: Option<ParticipantId>,
    /// The name of the one it was handed to, if it was to one.
    pub to_name: Option<Personal<DisplayName>>,
    /// When.
    pub at: Timestamp,
    /// What it is called.
    pub name: Personal<FileName>,
    /// What it is.
    pub kind: FileKind,
    /// How long it is.
    pub bytes: u64,
}

/// One poll, as one participant may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollView {
    /// The poll's id.
    pub id: PollId,
    /// Who asks; they may have left since.
    pub by: ParticipantId,
    /// When it began.
    pub at: Timestamp,
    /// What is asked.
    pub question: Personal<PollQuestion>,
    /// What can be chosen.
    pub answers: Answers,
    /// Whether one may choose several.
    pub several: bool,
    /// Whether nobody learns who chose what; then `votes` is empty.
    pub anonymous: bool,
    /// Whether some choices are right and others wrong.
    pub quiz: bool,
    /// How far it is.
    pub stage: PollStage,
    /// How many have voted.
    pub voted: u32,
    /// Whether the viewer has.
    pub cast: bool,
    /// Who chose what: everyone for moderators and whoever asks, else oneself at most.
    pub votes: Vec<PollVote>,
    /// Who wrote what, where people answer in words of their own: as `votes`.
    pub written: Vec<Written>,
    /// How many chose each, in the order of the choices, once published; of a closed
    /// anonymous poll also for moderators and whoever asks.
    pub counts: Option<Vec<u32>>,
    /// What was written, whenever `counts` are shown; nothing where there are choices.
    pub said: Option<Vec<Said>>,
    /// How many of those who voted could not be counted without showing what they chose.
    pub uncounted: u32,
    /// What is right in a quiz, once published; before that for whoever asks alone.
    pub key: Option<PollKey>,
    /// Whether what came of it is in front of everyone; of one poll at most.
    pub in_front: bool,
    /// Since when it is said in the chat, if it is.
    pub told_at: Option<Timestamp>,
}

/// The breakouts of a meeting, as one participant may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakoutsView {
    /// Whether they are open; if not, they were last.
    pub open: bool,
    /// Whether everyone chooses for themself.
    pub choice: bool,
    /// When they close by themselves.
    pub until: Option<Timestamp>,
    /// By number, from 0.
    pub breakouts: Vec<BreakoutView>,
}

/// One breakout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakoutView {
    /// What it is called.
    pub name: Personal<BreakoutName>,
    /// Who belongs to it.
    pub members: Vec<ParticipantId>,
    /// Who is in it now.
    pub inside: Vec<ParticipantId>,
    /// Who calls a moderator from there; for all but moderators oneself at most.
    pub called_by: Option<ParticipantId>,
}

/// How far a poll is. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum PollStage {
    /// People vote.
    Open,
    /// Nobody votes any more, and what came of it is not for everyone.
    Closed,
    /// Everyone sees the counts.
    Published,
}

/// What one person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollVote {
    /// Who; they may have left since.
    pub by: ParticipantId,
    /// What, by number from 0.
    pub choices: Vec<u8>,
}

/// One secret vote, as one participant may see it: the same for all but what concerns oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteView {
    /// The vote's id.
    pub id: VoteId,
    /// Who asks; they may have left since.
    pub by: ParticipantId,
    /// When it began.
    pub at: Timestamp,
    /// What is asked.
    pub question: Personal<PollQuestion>,
    /// What can be chosen.
    pub choices: Vec<Personal<PollChoice>>,
    /// How many one may choose.
    pub most: u8,
    /// Who may take part.
    pub voters: Voters,
    /// The key ballots are signed with.
    pub key: VoteKey,
    /// How far it is.
    pub stage: VoteStage,
    /// When it is over at the latest, while it is closing.
    pub until: Option<Timestamp>,
    /// How many may take part; `None` for who is not told how many are there.
    pub entitled: Option<u32>,
    /// How many were given a ballot.
    pub given: u32,
    /// Whether the viewer may take part.
    pub may: bool,
    /// Whether the viewer was given a ballot.
    pub took: bool,
    /// How many ballots were cast, once it is over.
    pub cast: Option<u32>,
    /// How many of them chose each, in the order of the choices, once it is over.
    pub counts: Option<Vec<u32>>,
}

/// How far a secret vote is. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum VoteStage {
    /// People vote.
    Open,
    /// Nobody is given a ballot any more; those on their way arrive.
    Closing,
    /// It is over, and everyone sees what came of it.
    Closed,
}

/// Everything about a secret vote that is over, for whoever wants to count again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteResult {
    /// The vote's id.
    pub vote: VoteId,
    /// What was asked.
    pub question: Personal<PollQuestion>,
    /// What could be chosen.
    pub choices: Vec<Personal<PollChoice>>,
    /// How many one could choose.
    pub most: u8,
    /// The key ballots were signed with.
    pub key: VoteKey,
    /// How many could take part; `None` while participants are not told how many are there.
    pub entitled: Option<u32>,
    /// How many were given a ballot.
    pub given: u32,
    /// Every ballot, in the order of the serials.
    pub ballots: Vec<Ballot>,
}
