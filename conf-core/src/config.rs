//! What an embedder sets for a meeting, with defaults.

use crate::admission::policy::{GuestPolicy, Starter, Unattended};
use crate::collab::breakout::rule::Parent;
use crate::collab::file::limits::FileLimits;
use crate::policy::lock::{Lock, LockSet};
use crate::stage::codec::VideoCodec;
use crate::text::RoomName;
use crate::time::Span;

/// What is closed to participants unless a meeting is set up otherwise: a screen
/// is shown to everyone at once, a name is what others know one by, what two
/// write to each other nobody can moderate, a text that is taken along outlives the meeting,
/// and what is in a file nobody has looked at, so a moderator opens these, for one or for all.
pub const DEFAULT_LOCKS: LockSet = LockSet::NONE
    .set(Lock::Screen, true)
    .set(Lock::PrivateChat, true)
    .set(Lock::SaveCaptions, true)
    .set(Lock::Files, true)
    .set(Lock::Rename, true);

/// How a meeting is set when it opens. Built with chained setters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct MeetingConfig {
    /// What the room is called.
    pub name: RoomName,
    /// Locks in force from the start. Default: [`DEFAULT_LOCKS`].
    pub locks: LockSet,
    /// How long a place is kept after a broken link. Default: 60 s.
    pub rejoin_grace: Span,
    /// How long a meeting with nobody in it goes on. Default: 5 min.
    pub empty_after: Span,
    /// How long a meeting may last at most. Default: no limit.
    pub duration: Option<Span>,
    /// Most participants at a time, kept places included. Default: 500.
    pub max_participants: u32,
    /// Chat messages kept for late joiners; the oldest go first. Default: 1000.
    pub chat_history: u32,
    /// Whether those who come later may read what was written, and have what was handed, to
    /// everyone before. Moderators may always. Default: yes.
    pub late_chat: bool,
    /// Private chat messages kept, of all pairs together; the oldest go first. Default: 2000.
    pub private_history: u32,
    /// Lines of captions kept, of all languages together; the oldest go first. Default: 2000.
    pub caption_history: u32,
    /// Most chat messages, edits and reactions per person within ten seconds. Default: 20.
    pub chat_burst: u32,
    /// What is taken of files. Default: [`FileLimits::default`].
    pub files: FileLimits,
    /// What happens to those who come by a guest link. Default: they are asked about.
    pub guests: GuestPolicy,
    /// Whose coming starts the meeting. Default: anyone's.
    pub starter: Starter,
    /// What happens without a moderator. Default: the meeting goes on.
    pub unattended: Unattended,
    /// Whether microphones of those who come start closed. Default: no.
    pub join_muted: bool,
    /// Whether it is kept who was there from when to when. Default: no.
    pub attendance: bool,
    /// Whether it is counted what each person does. Default: no.
    pub learning: bool,
    /// Most who wait in the lobby at a time. Default: 200.
    pub lobby_places: u32,
    /// The number of the guest link that counts when the meeting opens. Default: 0.
    pub guest_link: u32,
    /// The picture coding publishers are asked for. Default: VP8.
    pub video_codec: VideoCodec,
    /// The meeting it is a breakout of; who is in it is decided there. Default: none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub breakout_of: Option<Parent>,
}

impl MeetingConfig {
    /// The defaults, under `name`.
    #[must_use]
    pub fn new(name: RoomName) -> Self {
        Self {
            name,
            locks: DEFAULT_LOCKS,
            rejoin_grace: Span::from_secs(60),
            empty_after: Span::from_mins(5),
            duration: None,
            max_participants: 500,
            chat_history: 1_000,
            late_chat: true,
            private_history: 2_000,
            caption_history: 2_000,
            chat_burst: 20,
            files: FileLimits::default(),
            guests: GuestPolicy::Ask,
            starter: Starter::Anyone,
            unattended: Unattended::Continue,
            join_muted: false,
            attendance: false,
            learning: false,
            lobby_places: 200,
            guest_link: 0,
            video_codec: VideoCodec::Vp8,
            breakout_of: None,
        }
    }

    /// Starts with these locks on.
    #[must_use]
    pub fn locks(mut self, locks: LockSet) -> Self {
        self.locks = locks;
        self
    }

    /// Keeps a place this long after a broken link.
    #[must_use]
    pub fn rejoin_grace(mut self, grace: Span) -> Self {
        self.rejoin_grace = grace;
        self
    }

    /// Ends once nobody has been there for this long.
    #[must_use]
    pub fn empty_after(mut self, span: Span) -> Self {
        self.empty_after = span;
        self
    }

    /// Ends this long after opening, whoever is there.
    #[must_use]
    pub fn duration(mut self, span: Span) -> Self {
        self.duration = Some(span);
        self
    }

    /// Lets at most this many in at a time, kept places included.
    #[must_use]
    pub fn max_participants(mut self, max: u32) -> Self {
        self.max_participants = max;
        self
    }

    /// Lets those who come later read what was written before, or only moderators.
    #[must_use]
    pub fn late_chat(mut self, read: bool) -> Self {
        self.late_chat = read;
        self
    }

    /// Keeps this many chat messages for late joiners.
    #[must_use]
    pub fn chat_history(mut self, messages: u32) -> Self {
        self.chat_history = messages;
        self
    }

    /// Keeps this many private chat messages, of all pairs together.
    #[must_use]
    pub fn private_history(mut self, messages: u32) -> Self {
        self.private_history = messages;
        self
    }

    /// Keeps this many lines of captions, of all languages together.
    #[must_use]
    pub fn caption_history(mut self, lines: u32) -> Self {
        self.caption_history = lines;
        self
    }

    /// Lets each person send, edit or react to this many chat messages within ten seconds.
    #[must_use]
    pub fn chat_burst(mut self, messages: u32) -> Self {
        self.chat_burst = messages;
        self
    }

    /// Takes files within these limits.
    #[must_use]
    pub fn files(mut self, limits: FileLimits) -> Self {
        self.files = limits;
        self
    }

    /// Meets guests this way.
    #[must_use]
    pub fn guests(mut self, policy: GuestPolicy) -> Self {
        self.guests = policy;
        self
    }

    /// Starts with the coming of these.
    #[must_use]
    pub fn starter(mut self, starter: Starter) -> Self {
        self.starter = starter;
        self
    }

    /// Does this while no moderator is connected.
    #[must_use]
    pub fn unattended(mut self, unattended: Unattended) -> Self {
        self.unattended = unattended;
        self
    }

    /// Closes the microphones of those who come, until they open them.
    #[must_use]
    pub fn join_muted(mut self, on: bool) -> Self {
        self.join_muted = on;
        self
    }

    /// Keeps who was there from when to when; everyone is told before they come in.
    #[must_use]
    pub fn attendance(mut self, on: bool) -> Self {
        self.attendance = on;
        self
    }

    /// Counts what each person does, for moderators and themself; everyone is told before they
    /// come in.
    #[must_use]
    pub fn learning(mut self, on: bool) -> Self {
        self.learning = on;
        self
    }

    /// Lets at most this many wait in the lobby.
    #[must_use]
    pub fn lobby_places(mut self, places: u32) -> Self {
        self.lobby_places = places;
        self
    }

    /// Takes newcomers by this guest link, and by no earlier one.
    #[must_use]
    pub fn guest_link(mut self, number: u32) -> Self {
        self.guest_link = number;
        self
    }

    /// Asks publishers for this picture coding.
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = codec;
        self
    }

    /// Is a breakout of this meeting.
    #[must_use]
    pub fn breakout_of(mut self, parent: Parent) -> Self {
        self.breakout_of = Some(parent);
        self
    }
}

impl Default for MeetingConfig {
    fn default() -> Self {
        Self::new(RoomName::new("Meeting").expect("a fixed, valid name"))
    }
}
