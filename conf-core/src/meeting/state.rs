//! The full state, out and in: for snapshots, recovery and fail-over.

use crate::admission::door::Door;
use crate::admission::lobby::Lobby;
use crate::collab::breakout::Breakouts;
use crate::collab::captions::Captions;
use crate::collab::chat::Chat;
use crate::collab::file::Files;
use crate::collab::hands::Hands;
use crate::collab::pick::Picks;
use crate::collab::poll::Polls;
use crate::collab::reports::Reports;
use crate::collab::timer::Timer;
use crate::collab::vote::Votes;
use crate::config::MeetingConfig;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::meeting::Identity;
use crate::meeting::lifecycle::Lifecycle;
use crate::meeting::roster::Roster;
use crate::papers::attendance::Attendance;
use crate::papers::learning::Learning;
use crate::papers::minutes::Minutes;
use crate::personal::{Personal, PersonalField};
use crate::policy::locks::Locks;
use crate::policy::role::Role;
use crate::stage::layout::Layouts;
use crate::stage::marks::Marks;
use crate::stage::mute::Muting;
use crate::stage::presenter::Presenter;
use crate::stage::publish::Publishing;
use crate::stage::spotlight::Spotlight;
use crate::text::DisplayName;
use crate::time::Timestamp;

/// The version snapshots are written in.
pub const STATE_VERSION: u16 = 4;

/// Everything a meeting remembers: what its journal adds up to.
///
/// Opaque outside this crate. With feature `serde` it can be stored; given
/// back with the entries after [`seq`](Self::seq) it is the same meeting.
/// Unlike the journal's, its form is not kept for ever: a snapshot of another
/// version is refused, and the journal replayed instead.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    pub(crate) version: u16,
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) identity: Identity,
    pub(crate) config: MeetingConfig,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) door: Door,
    pub(crate) lobby: Lobby,
    pub(crate) roster: Roster,
    pub(crate) locks: Locks,
    pub(crate) publishing: Publishing,
    pub(crate) muting: Muting,
    pub(crate) presenter: Presenter,
    pub(crate) spotlight: Spotlight,
    pub(crate) layouts: Layouts,
    pub(crate) marks: Marks,
    pub(crate) hands: Hands,
    pub(crate) chat: Chat,
    pub(crate) captions: Captions,
    pub(crate) files: Files,
    pub(crate) polls: Polls,
    pub(crate) breakouts: Breakouts,
    pub(crate) votes: Votes,
    pub(crate) reports: Reports,
    pub(crate) attendance: Attendance,
    pub(crate) learning: Learning,
    pub(crate) minutes: Minutes,
    pub(crate) timer: Timer,
    pub(crate) picks: Picks,
}

impl State {
    /// The state after a journal's first entry; `None` if that is not [`Event::Opened`].
    pub(crate) fn opened(entry: &Entry) -> Option<Self> {
        let Event::Opened { meeting, room, tenant, config } = &entry.event else { return None };
        Some(Self {
            version: STATE_VERSION,
            seq: entry.seq,
            at: entry.at,
            identity: Identity { meeting: *meeting, room: *room, tenant: tenant.clone() },
            config: config.clone(),
            lifecycle: Lifecycle::opened(entry.at),
            door: Door::new(config),
            lobby: Lobby::default(),
            roster: Roster::default(),
            locks: Locks::new(config.locks),
            publishing: Publishing::default(),
            muting: Muting::default(),
            presenter: Presenter::default(),
            spotlight: Spotlight::default(),
            layouts: Layouts::default(),
            marks: Marks::default(),
            hands: Hands::default(),
            chat: Chat::default(),
            captions: Captions::default(),
            files: Files::default(),
            polls: Polls::default(),
            breakouts: Breakouts::default(),
            votes: Votes::default(),
            reports: Reports::default(),
            attendance: Attendance::new(config),
            learning: Learning::new(config),
            minutes: Minutes::default(),
            timer: Timer::default(),
            picks: Picks::default(),
        })
    }

    /// Shows every personal field to `visit`, with the participant it belongs to.
    ///
    /// The order is fixed for a given state, so a store may keep the texts as a list.
    pub fn visit_personal(&mut self, visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField)) {
        self.door.visit_personal(visit);
        self.lobby.visit_personal(visit);
        self.roster.visit_personal(visit);
        self.chat.visit_personal(visit);
        self.captions.visit_personal(visit);
        self.files.visit_personal(visit);
        self.polls.visit_personal(visit);
        self.votes.visit_personal(visit);
        self.attendance.visit_personal(visit);
        self.learning.visit_personal(visit);
        self.minutes.visit_personal(visit);
        self.breakouts.visit_personal(visit);
    }

    /// The number of the last entry in it.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether `who`, being a `role`, may read the minutes just now.
    pub(crate) fn reads_minutes(&self, who: ParticipantId, role: Role) -> bool {
        self.minutes.released() || role == Role::Moderator || self.marks.minute_taker() == Some(who)
    }

    /// The name the chat shows for someone who is here, or whose messages are kept.
    pub(crate) fn name_of(&self, who: ParticipantId) -> Option<&Personal<DisplayName>> {
        self.roster.get(who).map(|member| &member.name).or_else(|| self.chat.name_of(who))
    }
}
