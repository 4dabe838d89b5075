//! Everything a meeting asks of the world.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collab::file::upload::Upload;
use crate::event::{EndReason, Entry};
use crate::id::{ParticipantId, SessionId};
use crate::policy::role::Role;
use crate::signal::Signal;
use crate::stage::source::Source;
use crate::view::{Place, Shown};

/// What the caller must now do, oldest first.
///
/// What [`closes`](Self::closes) is carried out before the journal is written,
/// everything else after.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Output {
    /// Keep this; until it is kept nobody may be told.
    Journal(Entry),
    /// Tell those who may know.
    Deliver {
        /// Who.
        to: Audience,
        /// What, with its number in the journal.
        entry: Entry,
    },
    /// Tell those who know only some of the others of whom they know from now on, and of whom
    /// no longer. It stands for the entry with its number, of which they are told nothing else.
    Show {
        /// Who.
        to: Audience,
        /// What.
        shown: Shown,
    },
    /// Tell those who may know, without keeping it; who misses it has lost nothing.
    Signal {
        /// Who.
        to: Audience,
        /// What.
        signal: Signal,
    },
    /// Somebody may send a file: take it, say [`ShareFile`](crate::Command::ShareFile) in their
    /// name once it is here, or [`UploadEnded`](crate::Input::UploadEnded) if it will not come.
    Granted {
        /// What they may send.
        upload: Upload,
    },
    /// A session now speaks for a participant; show it the meeting
    /// ([`view`](crate::Meeting::view)) and let its commands in.
    Admitted {
        /// The session.
        session: SessionId,
        /// Who it speaks for.
        participant: ParticipantId,
    },
    /// A session waits in the lobby; tell it so. Nothing of the meeting is told to
    /// it, and of its commands only the one to leave is let in.
    Waiting {
        /// The session.
        session: SessionId,
        /// Who it speaks for, now and once it is let in.
        participant: ParticipantId,
        /// Where it stands.
        place: Place,
    },
    /// Something changed for a session in the lobby; tell it.
    Moved {
        /// The session.
        session: SessionId,
        /// Where it stands now.
        place: Place,
    },
    /// What a participant may see is another thing now; show it the meeting anew
    /// ([`view`](crate::Meeting::view)).
    Reshow {
        /// Whom.
        participant: ParticipantId,
    },
    /// Let a participant's source through, or stop it.
    Gate {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        source: Source,
        /// Through (`true`) or stopped.
        open: bool,
    },
    /// This session is over; say why and close it.
    Hangup {
        /// The session.
        session: SessionId,
        /// Why.
        reason: HangupReason,
    },
    /// The meeting is over; nothing follows.
    Ended,
}

impl Output {
    /// Whether this takes something away, and so must not wait for the journal.
    #[must_use]
    pub const fn closes(&self) -> bool {
        matches!(self, Self::Gate { open: false, .. })
    }
}

/// Who may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// Everyone who is connected.
    Everyone,
    /// Everyone who is connected but these, who came too late for what it is about.
    EveryoneBut(Vec<ParticipantId>),
    /// Moderators who are connected.
    Moderators,
    /// Moderators who are connected, and one participant whom it concerns.
    ModeratorsAnd(ParticipantId),
    /// Moderators who are connected, and two participants whom it concerns.
    ModeratorsAndBoth(ParticipantId, ParticipantId),
    /// One participant.
    Only(ParticipantId),
    /// Two participants and nobody else, moderators included.
    Between(ParticipantId, ParticipantId),
    /// Those of an audience who know everyone.
    Knowing {
        /// Of which audience.
        of: Box<Self>,
        /// Who knows only some, and is told apart.
        but: Arc<BTreeSet<ParticipantId>>,
    },
    /// These, who know only some.
    Limited(Arc<BTreeSet<ParticipantId>>),
}

impl Audience {
    /// Who is among them of those who know everyone; `None` where it is for nobody who does.
    #[must_use]
    pub fn knowing(&self) -> Option<&Self> {
        match self {
            Self::Knowing { of, .. } => Some(of),
            Self::Limited(_) => None,
            plain => Some(plain),
        }
    }

    /// Whether `who`, being a `role`, is among them.
    #[must_use]
    pub fn includes(&self, who: ParticipantId, role: Role) -> bool {
        match self {
            Self::Everyone => true,
            Self::EveryoneBut(late) => !late.contains(&who),
            Self::Moderators => role == Role::Moderator,
            Self::ModeratorsAnd(one) => role == Role::Moderator || *one == who,
            Self::ModeratorsAndBoth(one, other) => {
                role == Role::Moderator || *one == who || *other == who
            }
            Self::Only(one) => *one == who,
            Self::Between(one, other) => *one == who || *other == who,
            Self::Knowing { of, but } => of.includes(who, role) && !but.contains(&who),
            Self::Limited(these) => these.contains(&who),
        }
    }

    /// Whose it is what `from` said or handed on: of the two where it was to one, else of everyone
    /// but those who are `left_out`.
    pub(crate) fn of(
        from: ParticipantId,
        to: Option<ParticipantId>,
        left_out: impl FnOnce() -> Vec<ParticipantId>,
    ) -> Self {
        if let Some(to) = to {
            return Self::Between(from, to);
        }
        let left_out = left_out();
        if left_out.is_empty() { Self::Everyone } else { Self::EveryoneBut(left_out) }
    }
}

/// Why a session is closed by the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HangupReason {
    /// The participant asked to leave.
    Left,
    /// The same participant came by a newer session.
    Replaced,
    /// A moderator removed the participant.
    Removed,
    /// A moderator did not let them in.
    Denied,
    /// The meeting ended.
    Ended(EndReason),
}
