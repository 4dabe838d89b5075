//! One meeting: `handle`, `poll_output`, `poll_timeout`.

mod apply;
mod asked;
mod ballot;
mod batch;
pub mod deadline;
mod decide;
mod follow;
mod glimpse;
mod lifecycle;
mod link;
pub(crate) mod roster;
pub(crate) mod state;
mod view;
mod vote;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use crate::admission::claim::Claim;
use crate::admission::entry::Admission;
use crate::collab::breakout::report::Report;
use crate::collab::breakout::rule::{Pass, Rule};
use crate::collab::file::upload::Uploads;
use crate::collab::poll::ballots::Ballots;
use crate::collab::vote::urn::Urn;
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{EVENT_VERSION, Entry, Event};
use crate::id::{IdSource, MeetingId, ParticipantId, RoomId};
use crate::input::{Command, Input};
use crate::meeting::batch::Batch;
use crate::meeting::deadline::Deadline;
use crate::meeting::decide::Decided;
use crate::meeting::roster::Member;
use crate::output::Output;
use crate::signal::Pace;
use crate::stage::gate;
use crate::stage::source::SourceSet;
use crate::text::Subject;
use crate::time::Timestamp;
use crate::view::View;

pub use crate::meeting::state::{STATE_VERSION, State};

/// One sitting in a room.
///
/// [`handle`](Self::handle) judges and changes, [`poll_output`](Self::poll_output)
/// says what the world must now do, [`poll_timeout`](Self::poll_timeout) when to
/// come back. Times handed in never go back; one that does counts as the last.
///
/// The outputs of one `handle` come in this order: gates that close, journal
/// entries, admissions, gates that open, deliveries, signals, who is
/// shown the meeting anew, the lobby's news, hang-ups, the end.
pub struct Meeting {
    state: State,
    ids: Box<dyn IdSource>,
    /// Not of the state: what is counted here is not journaled.
    pace: Pace,
    /// Not of the state: what is kept of a vote here must not be journaled as it is.
    ballots: Ballots,
    /// In a breakout: what it is held to, once that was said. Not of the state either: it is
    /// the state of the meeting it belongs to.
    rule: Option<Rule>,
    /// Neither are files on their way.
    uploads: Uploads,
    urn: Urn,
    outputs: VecDeque<Output>,
}

impl Meeting {
    /// Opens a meeting; the first output journals it.
    #[must_use]
    pub fn open(
        now: Timestamp,
        ids: Box<dyn IdSource>,
        identity: Identity,
        config: MeetingConfig,
    ) -> Self {
        let Identity { meeting, room, tenant } = identity;
        let event = Event::Opened { meeting, room, tenant, config };
        let entry = Entry { seq: 1, at: now, version: EVENT_VERSION, event };
        let state = State::opened(&entry).expect("the entry made above is `Opened`");
        Self {
            state,
            ids,
            pace: Pace::default(),
            ballots: Ballots::default(),
            rule: None,
            uploads: Uploads::default(),
            urn: Urn::default(),
            outputs: VecDeque::from([Output::Journal(entry)]),
        }
    }

    /// Brings a meeting back from its journal. Follow with [`Input::Recovered`].
    ///
    /// # Errors
    /// When the entries are not one meeting's journal from its first entry
    /// without gaps, or of a later version than this.
    pub fn replay(
        ids: Box<dyn IdSource>,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, ReplayError> {
        let mut entries = entries.into_iter();
        let first = entries.next().ok_or(ReplayError::Empty)?;
        check_version(&first)?;
        if first.seq != 1 {
            return Err(ReplayError::NotOpened { seq: first.seq });
        }
        let state = State::opened(&first).ok_or(ReplayError::NotOpened { seq: first.seq })?;
        Self::restore(ids, state, entries)
    }

    /// Brings a meeting back from a snapshot and the entries after it. Follow
    /// with [`Input::Recovered`].
    ///
    /// # Errors
    /// When the snapshot is of another version ([`replay`](Self::replay) the
    /// journal instead), or the entries do not continue it without gaps.
    pub fn restore(
        ids: Box<dyn IdSource>,
        mut state: State,
        tail: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, ReplayError> {
        if state.version != STATE_VERSION {
            return Err(ReplayError::StateVersion { found: state.version, known: STATE_VERSION });
        }
        for entry in tail {
            check_version(&entry)?;
            let expected = state.seq + 1;
            if entry.seq != expected {
                return Err(ReplayError::Gap { expected, found: entry.seq });
            }
            state.apply(&entry);
        }
        Ok(Self {
            state,
            ids,
            pace: Pace::default(),
            ballots: Ballots::default(),
            rule: None,
            uploads: Uploads::default(),
            urn: Urn::default(),
            outputs: VecDeque::new(),
        })
    }

    /// Judges `input` and changes the meeting.
    ///
    /// # Errors
    /// A refusal; nothing has changed.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), Denied> {
        if self.is_ended() {
            return Err(Denied::Ended);
        }
        let now = now.max(self.state.at);
        let mut batch = Batch::default();
        let queue = self.state.queue();
        self.ballots.kept();
        match input {
            Input::Tick => {
                while let Some((_, due)) = self.next_deadline().filter(|(at, _)| *at <= now) {
                    let events = due.events(&self.state, &mut self.urn);
                    self.commit(now, events, &mut batch);
                }
                self.count_ballots(now, &mut batch);
            }
            Input::Join { session, claim } => {
                self.check_sent(&claim)?;
                let Self { state, ids, .. } = self;
                let events = state.decide_join(now, ids.as_mut(), session, &claim)?;
                if events.is_empty() {
                    // The same session once more: tell it again what it was told.
                    if let Some(participant) = self.participant_of(session) {
                        batch.admit(session, participant);
                    } else if let Some(waiter) = self.state.lobby.by_session(session) {
                        batch.wait(session, waiter.person.id);
                    }
                }
                self.commit(now, events, &mut batch);
                self.lift(now, &mut batch);
            }
            Input::LinkLost { session } => {
                let lost = self.state.decide_link_lost(now, session);
                self.commit(now, lost, &mut batch);
            }
            Input::UploadEnded { file } => self.uploads.end(file),
            Input::Recovered => {
                let lost = self.state.decide_recovered(now);
                self.commit(now, lost, &mut batch);
            }
            Input::Rule(rule) => {
                let follows = self.state.decide_rule(rule.as_ref());
                self.rule = rule;
                self.commit(now, follows, &mut batch);
                self.lift(now, &mut batch);
            }
            Input::Report { room, report } => {
                let news = self.state.decide_report(room, &report);
                self.commit(now, news, &mut batch);
            }
            Input::Talked(heard) => {
                let talked = self.state.learning.decide_talked(now, &heard);
                self.commit(now, talked, &mut batch);
            }
            Input::Ballot { vote, ballot } => self.take_secret(now, vote, ballot, &mut batch)?,
            Input::Command { from, mut command } => {
                let verdict = self.obey(now, from, &command, &mut batch);
                command.wipe();
                verdict?;
            }
        }
        self.end_vote(now, &mut batch);
        if self.is_ended() {
            self.ballots = Ballots::default();
        } else {
            batch.tell_lobby(&queue, &self.state);
        }
        batch.flush(&mut self.outputs);
        Ok(())
    }

    /// What presenting `claim` by a new session would come to; nothing changes.
    ///
    /// # Errors
    /// The refusal it would get.
    pub fn admission(&self, now: Timestamp, claim: &Claim) -> Result<Admission, Denied> {
        if self.is_ended() {
            return Err(Denied::Ended);
        }
        self.check_sent(claim)?;
        self.state.admission(now.max(self.state.at), claim)
    }

    /// The rule for every breakout that is open, by its room.
    #[must_use]
    pub fn rules(&self) -> BTreeMap<RoomId, Rule> {
        self.state.rules()
    }

    /// In a breakout: whether it was told what it is held to.
    #[must_use]
    pub const fn has_rule(&self) -> bool {
        self.rule.is_some()
    }

    /// In a breakout: how things stand, for the meeting it belongs to.
    #[must_use]
    pub fn report(&self) -> Report {
        self.state.report()
    }

    /// What lets someone into a breakout until `expires_at`, by the event that says they may;
    /// `None` for any other event, and where it does not hold any more.
    #[must_use]
    pub fn pass(&self, event: &Event, expires_at: Timestamp) -> Option<Pass> {
        self.state.pass(event, expires_at)
    }

    /// Who is here under `issuer` and `subject`.
    #[must_use]
    pub fn holder_of(&self, issuer: &str, subject: &Subject) -> Option<ParticipantId> {
        let members = self.state.roster.members().iter();
        let mut theirs =
            members.filter(|m| m.issuer == issuer && m.subject.as_ref() == Some(subject));
        theirs.next().map(|member| member.id)
    }

    /// What someone publishes, muted or not.
    #[must_use]
    pub fn published_by(&self, participant: ParticipantId) -> SourceSet {
        self.state.publishing.of(participant)
    }

    /// What the world must now do, oldest first; drain to `None` before the next `handle`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call `handle(now, Input::Tick)` next; `None` means only news will move it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.ballots.is_due().then_some(self.state.at);
        self.next_deadline().map(|(at, _)| at).into_iter().chain(due).min()
    }

    /// What `participant` may see; `None` if they are not in the meeting.
    #[must_use]
    pub fn view(&self, participant: ParticipantId) -> Option<View> {
        let mut view = self.state.view(participant)?;
        self.show_ballots(&mut view, participant);
        Some(view)
    }

    /// What wakes the meeting next, and when.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Timestamp, Deadline)> {
        deadline::next(&self.state)
    }

    /// Everything the meeting remembers, for a snapshot.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Which meeting, where.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.state.identity
    }

    /// How it was set up; the same for all of its life.
    #[must_use]
    pub const fn config(&self) -> &MeetingConfig {
        &self.state.config
    }

    /// The number of the last journal entry.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.state.seq
    }

    /// Whether it is over; then every input is refused.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.state.lifecycle.ended.is_some()
    }

    /// Into a breakout comes whom the meeting it belongs to sends, and nobody else.
    fn check_sent(&self, claim: &Claim) -> Result<(), Denied> {
        match (&self.state.config.breakout_of, &self.rule) {
            (None, _) => Ok(()),
            (Some(_), Some(rule)) => rule.check(claim),
            (Some(_), None) => Err(Denied::NotTheirBreakout),
        }
    }

    fn obey(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        command: &Command,
        batch: &mut Batch,
    ) -> Result<(), Denied> {
        if let Command::Publish { source } = *command {
            let connected = self.state.roster.get(from).is_some_and(Member::is_connected);
            if connected && self.state.publishing.of(from).contains(source) {
                // After a restart the media side has forgotten its gates. Nothing new is
                // asked for, so a lock set since does not refuse it: the gate says the rest.
                batch.gate(gate::of_published(&self.state.muting, from, source));
                return Ok(());
            }
        }
        match self.state.decide(now, self.ids.as_mut(), from, command)? {
            Decided::Events(events) => {
                let events = self.close_ballots(events);
                self.commit(now, events, batch);
            }
            Decided::Ballot { poll, cast } => {
                let told = self.cast(from, poll, cast)?;
                batch.signal(told, &self.acquaintance());
            }
            Decided::Signal(told) => {
                self.pace.take(now, from, &told)?;
                batch.signal(told, &self.acquaintance());
            }
            Decided::Grant(upload) => {
                let Self { state, uploads, .. } = self;
                uploads.grant(upload.clone(), &state.files, &state.config.files)?;
                batch.grant(upload);
            }
            Decided::Share(file) => {
                let shared = self.state.decide_share(self.uploads.of(from, file)?)?;
                self.uploads.end(file);
                self.commit(now, [shared], batch);
            }
        }
        Ok(())
    }

    /// In a breakout: what is lifted for its people in the meeting it belongs to is lifted here.
    fn lift(&mut self, now: Timestamp, batch: &mut Batch) {
        let lifted =
            self.rule.as_ref().map_or_else(Vec::new, |rule| self.state.decide_lifted(rule));
        self.commit(now, lifted, batch);
    }

    /// Makes `events` and what follows from them true.
    fn commit(
        &mut self,
        now: Timestamp,
        events: impl IntoIterator<Item = Event>,
        batch: &mut Batch,
    ) {
        let mut queue: VecDeque<_> = events.into_iter().collect();
        if queue.is_empty() {
            return;
        }
        let mut before = self.acquaintance();
        loop {
            while let Some(event) = queue.pop_front() {
                // Next, before anything else that was decided with it: that may make it untrue,
                // as when the heir of whoever leaves leaves in the same turn.
                for next in self.state.follow(&event).into_iter().rev() {
                    queue.push_front(next);
                }
                let entry =
                    Entry { seq: self.state.seq + 1, at: now, version: EVENT_VERSION, event };
                let addressed = batch.add(&self.state, &entry);
                self.state.apply(&entry);
                let known = self.acquaintance();
                batch.tell(&self.state, &entry, addressed, &before, &known);
                before = known;
                if let Event::Left { participant, .. } = entry.event {
                    self.uploads.left(participant);
                }
            }
            // Whoever comes in now may be the one others wait for; every turn
            // makes the lobby smaller.
            queue.extend(self.state.follow_wait());
            if queue.is_empty() {
                return;
            }
        }
    }
}

impl fmt::Debug for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meeting")
            .field("state", &self.state)
            .field("outputs", &self.outputs)
            .finish_non_exhaustive()
    }
}

fn check_version(entry: &Entry) -> Result<(), ReplayError> {
    if entry.version > EVENT_VERSION {
        return Err(ReplayError::Version { found: entry.version, known: EVENT_VERSION });
    }
    Ok(())
}

/// Which meeting, where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Identity {
    /// This sitting.
    pub meeting: MeetingId,
    /// The place.
    pub room: RoomId,
    /// Whose.
    pub tenant: String,
}

/// Why a list of entries is not a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The first entry is not `Opened`.
    #[error("a journal begins with `opened`, found entry {seq}")]
    NotOpened {
        /// The number found first.
        seq: u64,
    },
    /// An entry is missing.
    #[error("expected journal entry {expected}, found {found}")]
    Gap {
        /// The number that should follow.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// The journal has nothing in it.
    #[error("the journal is empty")]
    Empty,
    /// An entry was written by a later version of this crate.
    #[error("journal entry of version {found}, at most {known} is known")]
    Version {
        /// The version found.
        found: u16,
        /// The latest known.
        known: u16,
    },
    /// The snapshot was written by another version of this crate.
    #[error("snapshot of version {found}, expected {known}")]
    StateVersion {
        /// The version found.
        found: u16,
        /// The version of this crate.
        known: u16,
    },
}
