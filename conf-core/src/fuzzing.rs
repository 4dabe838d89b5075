//! A meeting under watch: drives it with arbitrary inputs and checks, after
//! each, what must always hold. Used by fuzz targets and tests.
//!
//! Everything here panics when a rule is broken; nothing here is for production.

mod breakout;
mod captions;
mod command;
mod files;
mod papers;
mod people;
mod poll;
mod privacy;
mod tools;
mod vote;

use std::collections::BTreeSet;

use crate::admission::claim::Claim;
use crate::admission::policy::{GuestPolicy, Starter, Unattended};
use crate::collab::file::limits::FileLimits;
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::Entry;
use crate::id::{ClaimId, IdSource, MeetingId, ParticipantId, RoomId, SessionId};
use crate::input::{Command, Input};
use crate::meeting::deadline::Deadline;
use crate::meeting::{Identity, Meeting, State};
use crate::output::{Audience, Output};
use crate::personal::Personal;
use crate::policy::action::Action;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::{Role, Standing};
use crate::policy::{Verdict, verdict};
use crate::stage::source::{Source, SourceSet};
use crate::text::{DisplayName, RoomName, Subject};
use crate::time::{Span, Timestamp};

/// How many persons the arbitrary inputs know.
pub const PEOPLE: u8 = 12;

/// Numbers that look drawn and are the same every time.
#[derive(Debug, Clone)]
pub struct Seeded(pub u64);

impl IdSource for Seeded {
    fn draw(&mut self) -> u128 {
        let mut half = || {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            u128::from(mixed ^ (mixed >> 29))
        };
        half() << 64 | half()
    }
}

/// A meeting whose every output is checked and carried out in a small model of the world.
#[derive(Debug)]
pub struct Watched {
    /// The meeting.
    pub meeting: Meeting,
    /// Everything it journaled.
    pub journal: Vec<Entry>,
    /// What it asked for in answer to the last input.
    pub outputs: Vec<Output>,
    /// The gates that are open.
    pub open_gates: BTreeSet<(ParticipantId, Source)>,
    /// The gates a restart closed, until their owners publish again.
    pub forgotten_gates: BTreeSet<(ParticipantId, Source)>,
    /// What those see who know only some of the others.
    screens: people::Screens,
    /// The time it was last told.
    pub now: Timestamp,
}

/// How many kinds of steps there are, those nothing stands for yet included.
const KINDS: u8 = 95;

impl Watched {
    /// Opens a meeting at `now`.
    #[must_use]
    pub fn open(now: Timestamp, identity: Identity, config: MeetingConfig) -> Self {
        let mut meeting = Meeting::open(now, Box::new(Seeded(1)), identity, config);
        let outputs: Vec<_> = std::iter::from_fn(|| meeting.poll_output()).collect();
        let [Output::Journal(first)] = outputs.as_slice() else {
            panic!("opening asks for one thing, its journal entry: {outputs:?}");
        };
        let journal = vec![first.clone()];
        let (open_gates, forgotten_gates) = (BTreeSet::new(), BTreeSet::new());
        let screens = people::Screens::default();
        Self { meeting, journal, outputs, open_gates, forgotten_gates, screens, now }
    }

    /// Replaces the meeting by what its journal says, as a server does that was killed.
    ///
    /// # Panics
    /// When the journal is refused.
    pub fn restart(&mut self) {
        self.check_replay(1);
        self.meeting = Meeting::replay(
            Box::new(Seeded(self.journal.len() as u64)),
            self.journal.iter().cloned(),
        )
        .expect("a meeting's own journal replays");
        self.forgotten_gates.append(&mut self.open_gates);
        // A meeting that ended before has nothing to recover.
        let _ = self.handle(self.now, Input::Recovered);
    }

    /// Hands an input in, carries its outputs out, and checks what must hold.
    ///
    /// # Errors
    /// The meeting's refusal.
    ///
    /// # Panics
    /// When a rule is broken.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), Denied> {
        self.now = now;
        let before = self.meeting.state().clone();
        let asker = match &input {
            Input::Command { from, .. } => Some(*from),
            _ => None,
        };
        let verdict = self.meeting.handle(now, input);
        self.outputs = std::iter::from_fn(|| self.meeting.poll_output()).collect();
        if verdict.is_err() {
            assert_eq!(&before, self.meeting.state(), "a refused input changes nothing");
            assert!(self.outputs.is_empty(), "a refused input asks for nothing");
            return verdict;
        }
        self.check_order();
        self.screens.carry_out(&self.meeting, &self.outputs);
        for output in &self.outputs {
            if let Output::Gate { participant, source, open: true } = output {
                assert_eq!(Some(*participant), asker, "nobody opens another's {source:?}");
            }
        }
        self.carry_out();
        self.check_rules();
        verdict
    }

    /// Checks that the journal, from the start or from any snapshot, is this meeting.
    ///
    /// # Panics
    /// When it is not.
    pub fn check_replay(&self, cut: usize) {
        let replayed = Self::replay(&self.journal);
        assert_eq!(&replayed, self.meeting.state(), "replay equals live");
        let mut everywhere = State::opened(&self.journal[0]).expect("a journal opens a meeting");
        self.journal[1..].iter().for_each(|entry| everywhere.apply_everywhere(entry));
        assert_eq!(everywhere, replayed, "an entry is told to every part it concerns");

        let (head, tail) = self.journal.split_at(cut.clamp(1, self.journal.len()));
        let restored =
            Meeting::restore(Box::new(Seeded(2)), Self::replay(head), tail.iter().cloned())
                .expect("a snapshot takes its own tail");
        assert_eq!(restored.state(), self.meeting.state(), "state plus tail equals replay");
    }

    /// The state a journal adds up to.
    ///
    /// # Panics
    /// When the meeting's own journal is refused.
    #[must_use]
    pub fn replay(journal: &[Entry]) -> State {
        Meeting::replay(Box::new(Seeded(2)), journal.iter().cloned())
            .expect("a meeting's own journal replays")
            .state()
            .clone()
    }

    /// Closing comes first, the journal before the news, nothing after the end.
    fn check_order(&self) {
        let rank = |output: &Output| match output {
            Output::Gate { open: false, .. } => 0,
            Output::Journal(_) => 1,
            Output::Admitted { .. } => 2,
            Output::Gate { open: true, .. } => 3,
            Output::Deliver { .. } | Output::Show { .. } => 4,
            Output::Signal { .. } | Output::Granted { .. } => 5,
            Output::Reshow { .. } => 6,
            Output::Waiting { .. } | Output::Moved { .. } => 7,
            Output::Hangup { .. } => 8,
            Output::Ended => 9,
        };
        assert!(self.outputs.is_sorted_by_key(rank), "outputs in their order: {:?}", self.outputs);
        assert!(self.outputs.iter().all(|o| o.closes() == (rank(o) == 0)));
    }

    fn carry_out(&mut self) {
        for output in &self.outputs {
            match output {
                Output::Journal(entry) => {
                    let last = self.journal.last().expect("a journal begins with its opening");
                    assert_eq!(entry.seq, last.seq + 1, "numbers without gaps");
                    assert!(entry.at >= last.at, "time goes forward");
                    self.journal.push(entry.clone());
                }
                Output::Deliver { to, entry } => {
                    assert_ne!(entry.event.kind(), "reported", "a report is the operator's");
                    assert_ne!(entry.event.kind(), "ballots_counted", "ballots are secret");
                    if let Some(to) = to.knowing() {
                        assert!(self.journal.contains(entry), "only what is kept is told");
                        self.check_told(to, entry);
                    }
                }
                Output::Show { .. } => {}
                Output::Gate { participant, source, open } => {
                    let gate = (*participant, *source);
                    self.forgotten_gates.remove(&gate);
                    if *open {
                        self.open_gates.insert(gate);
                    } else {
                        self.open_gates.remove(&gate);
                    }
                }
                Output::Signal { to, signal } => {
                    self.check_papers(to, signal);
                    self.check_read(to, signal);
                    let journaled = self.outputs.iter().any(|o| matches!(o, Output::Journal(_)));
                    assert!(!journaled, "what is signalled changes nothing");
                    if let Audience::Only(who) = to {
                        let state = self.meeting.state();
                        assert!(state.roster.get(*who).is_some_and(|m| m.is_connected()));
                    }
                }
                Output::Granted { upload } => {
                    assert!(self.meeting.uploads().any(|way| way == upload));
                    assert!(self.meeting.files().all(|file| file != upload.file), "not yet here");
                }
                Output::Reshow { participant } => {
                    assert!(self.meeting.view(*participant).is_some(), "who is shown it is in");
                }
                Output::Admitted { session, participant } => {
                    assert_eq!(self.meeting.participant_of(*session), Some(*participant));
                }
                Output::Waiting { session, participant, place } => {
                    assert_eq!(self.meeting.waiting_of(*session), Some(*participant));
                    assert_eq!(self.meeting.place_of(*participant).as_ref(), Some(place));
                }
                Output::Moved { session, place } => {
                    let who = self.meeting.waiting_of(*session).expect("who is told waits");
                    assert_eq!(self.meeting.place_of(who).as_ref(), Some(place));
                }
                Output::Hangup { session, .. } => {
                    let ended = self.meeting.is_ended();
                    assert!(ended || self.meeting.participant_of(*session).is_none());
                    assert!(ended || self.meeting.waiting_of(*session).is_none());
                }
                Output::Ended => assert!(self.meeting.is_ended()),
            }
        }
    }

    /// What holds between any two inputs.
    fn check_rules(&self) {
        let state = self.meeting.state();
        if self.meeting.is_ended() {
            assert!(self.open_gates.is_empty(), "nothing passes after the end");
            assert_eq!(self.meeting.poll_timeout(), None);
            return;
        }
        self.check_lobby();
        let Some(viewer) = state.roster.members().first() else {
            assert!(self.open_gates.is_empty(), "nothing passes when nobody is there");
            return;
        };
        let view = state.whole_view(viewer.id).expect("a member sees the meeting");
        assert_eq!(view.seq, self.journal.last().map_or(0, |entry| entry.seq));
        let mut should_be_open = BTreeSet::new();
        for person in &view.participants {
            let actor = state.actor(person.id).expect("who is seen is in the roster");
            assert_eq!(actor.presenter, view.presenter == Some(person.id));
            assert!(!actor.presenter || person.role != Role::Service, "no machine presents");
            for source in person.sources.iter() {
                let closed = source == Source::Microphone && person.muted;
                if !closed {
                    should_be_open.insert((person.id, source));
                    let action = Action::of(&Command::Publish { source }, person.id);
                    assert_eq!(
                        verdict(actor, state.locks.in_force_for(person.id), action),
                        Verdict::Allowed,
                        "what passes is what the table allows"
                    );
                }
            }
            let sources = person.sources;
            assert!(!sources.contains(Source::ScreenAudio) || sources.contains(Source::Screen));
        }
        assert!(self.open_gates.is_subset(&should_be_open), "no gate is open against the rules");
        for gate in should_be_open.difference(&self.open_gates) {
            assert!(self.forgotten_gates.contains(gate), "{gate:?} is closed without a reason");
        }
        let sharing = |p: &&crate::view::ParticipantView| p.sources.contains(Source::Screen);
        assert!(view.participants.iter().filter(sharing).count() <= 1, "one screen at a time");
        let hands: BTreeSet<_> = view.hands.iter().collect();
        assert_eq!(hands.len(), view.hands.len(), "a hand is up once");
        let here = |who: &ParticipantId| view.participants.iter().any(|p| p.id == *who);
        let asking: BTreeSet<_> = state.presenter.asking().iter().collect();
        assert_eq!(asking.len(), state.presenter.asking().len(), "one asks once");
        assert!(asking.into_iter().all(here), "only who is here asks to present");
        for person in &view.participants {
            let lifted = state.locks.exceptions_of(person.id).iter();
            assert!(lifted.into_iter().all(|lock| view.locks.contains(lock)), "lifted is locked");
        }
        assert!(view.hands.iter().all(here), "only who is here has a hand up");
        assert!(view.presenter.iter().all(here), "only who is here presents");
        assert!(view.minute_taker.iter().all(here), "only who is here takes the minutes");
        assert!(view.spotlight.iter().all(here), "only who is here is in the spotlight");
        assert!(view.chat.len() <= state.config.chat_history as usize);
        assert!(view.chat.iter().all(|line| line.to.is_none()), "what all see is for all");
        self.check_private();
        self.check_captions();
        self.check_files();
        self.check_votes();
        self.check_minutes();
        assert!(view.participants.len() <= state.config.max_participants as usize);
    }

    /// What holds of those who wait between any two inputs.
    fn check_lobby(&self) {
        let state = self.meeting.state();
        let waiting = state.lobby.waiting();
        assert!(waiting.len() <= state.config.lobby_places as usize);
        let ids: BTreeSet<_> = waiting.iter().map(|waiter| waiter.person.id).collect();
        assert_eq!(ids.len(), waiting.len(), "everyone waits once");
        for member in state.roster.members() {
            assert!(!ids.contains(&member.id), "who is in waits no more");
            assert_eq!(self.meeting.place_of(member.id), None);
            let view = state.view(member.id).expect("a member sees the meeting");
            if member.role == Role::Moderator {
                assert_eq!(view.lobby.len(), waiting.len());
            } else {
                assert!(view.lobby.is_empty() && view.lobby_message.is_none());
            }
        }
        for waiter in waiting {
            assert_ne!(waiter.person.role, Role::Moderator, "no moderator ever waits");
            assert_eq!(state.view(waiter.person.id), None, "who waits sees nothing");
            assert_eq!(state.publishing.of(waiter.person.id), SourceSet::NONE);
        }
        assert_eq!(state.follow_wait(), [], "nobody waits without a reason");
    }

    /// One arbitrary step of four bytes: what, who, to whom, and a pinch more.
    ///
    /// Returns whether it was a command of somebody who is there.
    ///
    /// # Panics
    /// When a rule is broken.
    pub fn step(&mut self, [what, who, whom, more]: [u8; 4]) -> bool {
        let mut now = self.now + Span(u64::from(more) * 20);
        let from = self.someone(who);
        let waiting = self.someone_waiting(whom);
        let what = what % KINDS;
        let writer = self.some_writer(who).filter(|_| captions::STEPS.contains(&what));
        let sender = self.some_sender([what, whom, more]);
        let host = self.some_host_or_caller([what, whom, more]);
        let chair = self.some_chair(what, more);
        let from = writer.or(sender).or(host).or(chair).unwrap_or(from);
        let command = match what {
            0..=3 => None,
            4 => {
                let state = self.meeting.state();
                let waiter = state.lobby.get(waiting).filter(|_| more % 4 == 0);
                let person = waiter.map(|w| &w.person).or(state.roster.get(from));
                let session = person.and_then(|person| person.session());
                let session = session.unwrap_or(SessionId::from_number(u128::from(more)));
                // A refusal is as good an answer as any: `handle` checks both.
                let _ = self.handle(now, Input::LinkLost { session });
                return false;
            }
            5 => {
                // Graces run out often; a meeting that ends early teaches little.
                if let Some((at, due)) = self.meeting.next_deadline()
                    && (matches!(due, Deadline::GraceOver(_) | Deadline::WaitGraceOver(_))
                        || more == 0)
                {
                    now = now.max(at);
                }
                let _ = self.handle(now, Input::Tick);
                return false;
            }
            6 if more < 16 => {
                self.restart();
                return false;
            }
            7 if more < 16 => {
                let input = Input::Command { from: waiting, command: Command::Leave };
                let _ = self.handle(now, input);
                return true;
            }
            8 if more < 16 => {
                let way = self.meeting.uploads().next().map(|upload| upload.file);
                if let Some(file) = way {
                    let _ = self.handle(now, Input::UploadEnded { file });
                }
                return false;
            }
            60 if more < 96 => {
                self.everybody_votes(now, from, whom);
                return true;
            }
            74 | 79 if more < 192 => {
                self.breakout_step(whom, more);
                return false;
            }
            74..=79 => Some(self.breakout_command([what, whom, more])),
            84 if more >= 192 => {
                self.people_talk(now, who, whom);
                return false;
            }
            vote::BALLOT => {
                self.ballot_step(now, [whom, more]);
                return false;
            }
            _ => Some(self.command([what, whom, more])),
        };
        let is_command = command.is_some();
        let input = match command {
            Some(command) => Input::Command { from, command },
            None => {
                let session = SessionId::from_number(u128::from(self.journal.len() as u64));
                Input::Join { session, claim: self.claim_of(who % PEOPLE, more) }
            }
        };
        let _ = self.handle(now, input);
        is_command
    }

    /// Somebody who is here, or now and then nobody.
    fn someone(&self, byte: u8) -> ParticipantId {
        let members = self.meeting.state().roster.members();
        members
            .get(usize::from(byte) % (members.len() + 1))
            .map_or(ParticipantId::from_number(0), |member| member.id)
    }

    /// Somebody who waits, or now and then nobody.
    fn someone_waiting(&self, byte: u8) -> ParticipantId {
        let waiting = self.meeting.state().lobby.waiting();
        waiting
            .get(usize::from(byte) % (waiting.len() + 1))
            .map_or(ParticipantId::from_number(0), |waiter| waiter.person.id)
    }

    /// What person `number` presents; `more` now and then spoils it.
    fn claim_of(&self, number: u8, more: u8) -> Claim {
        let Identity { room, tenant, .. } = self.meeting.identity().clone();
        let role = match number {
            0..=2 => Role::Moderator,
            11 => Role::Service,
            _ => Role::Participant,
        };
        // The same person under other rights.
        let sources = if more.is_multiple_of(16) { SourceSet::NONE } else { SourceSet::ALL };
        let subject = Subject::new(&format!("person-{number}")).expect("a fixed, valid subject");
        let name = DisplayName::new(&format!("Person {number}")).expect("a fixed, valid name");
        Claim {
            // Now and then a claim of their own that was not seen before.
            id: ClaimId::from_number(u128::from(number) + 256 * u128::from(more / 8)),
            issuer: "conf".to_owned(),
            tenant,
            room: if more == 255 { RoomId::from_number(9) } else { room },
            subject: if more == 254 { Personal::Erased } else { subject.into() },
            name: name.into(),
            role,
            standing: if number.is_multiple_of(2) { Standing::Member } else { Standing::Guest },
            sources,
            guest_link: (number % 2 == 1).then_some(u32::from(more)),
            expires_at: if more == 253 { self.now } else { self.now + Span::from_mins(60) },
        }
    }
}

/// The meeting arbitrary inputs are tried on: small bounds, so that they are reached.
///
/// # Panics
/// Never: its texts are fixed and valid.
#[must_use]
pub fn small_meeting() -> Watched {
    small(LockSet::NONE)
}

/// The same where participants do not see who else is there.
///
/// # Panics
/// Never: its texts are fixed and valid.
#[must_use]
pub fn hidden_meeting() -> Watched {
    small(LockSet::NONE.set(Lock::SeePeople, true))
}

fn small(locks: LockSet) -> Watched {
    let identity = Identity {
        meeting: MeetingId::from_number(1),
        room: RoomId::from_number(2),
        tenant: "default".to_owned(),
    };
    let config = MeetingConfig::new(RoomName::new("Small room").expect("a fixed, valid name"))
        .duration(Span::from_mins(24 * 60))
        .max_participants(9)
        .guests(GuestPolicy::Ask)
        .starter(Starter::Moderator)
        .unattended(Unattended::Wait)
        .lobby_places(4)
        .chat_history(12)
        .late_chat(false)
        .private_history(6)
        .caption_history(8)
        .chat_burst(3)
        .files(FileLimits::default().count(4).one_bytes(200).all_bytes(500))
        .attendance(true)
        .learning(true)
        .locks(locks);
    Watched::open(Timestamp(1_700_000_000_000), identity, config)
}

/// Arbitrary bytes as arbitrary inputs in arbitrary order.
///
/// # Panics
/// When a rule is broken.
pub fn meeting_inputs(data: &[u8]) {
    let mut watched = small_meeting();
    let (steps, rest) = data.as_chunks::<4>();
    for step in steps {
        watched.step(*step);
    }
    watched.check_replay(rest.first().map_or(steps.len() / 2, |byte| usize::from(*byte)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bytes_break_a_meeting() {
        meeting_inputs(&[]);
        meeting_inputs(&[0xff; 403]);
        for seed in 0..64 {
            let mut dice = Seeded(seed);
            let bytes: Vec<u8> = (0..64).flat_map(|_| dice.draw().to_le_bytes()).collect();
            meeting_inputs(&bytes);
        }
    }
}
