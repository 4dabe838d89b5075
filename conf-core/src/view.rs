//! What one participant may see: the snapshot a joiner gets.

use crate::admission::policy::GuestPolicy;
use crate::collab::chat::reaction::Reaction;
use crate::id::{MeetingId, MessageId, ParticipantId, RoomId};
use crate::personal::Personal;
use crate::policy::lock::LockSet;
use crate::policy::role::{Role, Standing};
use crate::stage::source::SourceSet;
use crate::text::{ChatText, DisplayName, RoomName};
use crate::time::Timestamp;

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
    /// Chat, oldest first, as far as it is kept.
    pub chat: Vec<ChatLine>,
    /// What was written to the viewer alone or by them to one other, oldest first.
    pub private: Vec<ChatLine>,
    /// What is locked.
    pub locks: LockSet,
    /// What happens to those who come by a guest link.
    pub guests: GuestPolicy,
    /// Whether microphones of those who come start closed.
    pub join_muted: bool,
    /// Who is put in front of everyone.
    pub spotlight: Option<ParticipantId>,
    /// Who takes the minutes.
    pub minute_taker: Option<ParticipantId>,
    /// Who waits in the lobby, first come first; empty for all but moderators.
    pub lobby: Vec<WaitingView>,
    /// What those in the lobby are told; `None` for all but moderators.
    pub lobby_message: Option<ChatText>,
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
