//! A breakout's own meeting: who comes in, and what reaches it from the main room.

use std::collections::BTreeMap;

use conf_core::event::{EndReason, ExceptionsInherited, LeaveReason};
use conf_core::fuzzing::Watched;
use conf_core::id::{MeetingId, ParticipantId, SessionId};
use conf_core::policy::lock::{Lock, LockSet};
use conf_core::rule::{ISSUER, Rule, Sent};
use conf_core::text::Subject;
use conf_core::{
    Claim, Command, Denied, Event, Identity, Input, Output, Role, Source, Span, Timestamp,
};

use crate::support::{Room, claim, divide, publish};

/// A breakout, with who may come in; its main room is `above`.
struct Breakout {
    above: Room,
    within: Watched,
    rule: Rule,
    claims: BTreeMap<&'static str, Claim>,
}

const HOUR: Span = Span::from_mins(60);

impl Breakout {
    /// Ann moderates, Bob and Cleo belong to the first of two breakouts.
    fn of_three() -> Self {
        let mut above = Room::with_ann_bob_and_cleo();
        let [bob, cleo] = ["bob", "cleo"].map(|name| above.id(name));
        above.ask("ann", divide(&[bob, cleo], &[], false));
        let mut claims = BTreeMap::new();
        let mut config = None;
        for name in ["ann", "bob", "cleo"] {
            let happened = above.ask(name, Command::EnterBreakout { breakout: 0 });
            let until = above.watched.now + HOUR;
            let pass = above.watched.meeting.pass(&happened[0], until).expect("they may go in");
            claims.insert(name, pass.claim);
            config = Some(pass.config);
        }
        let room = claims["bob"].room;
        let (_, rule) = above.watched.meeting.rules().pop_first().expect("the first breakout");
        let rule = if rule.people.len() == 3 {
            rule
        } else {
            above.watched.meeting.rules().pop_last().expect("the other one").1
        };
        let meeting = MeetingId::from_number(9);
        let identity = Identity { meeting, room, tenant: "default".to_owned() };
        let config = config.expect("somebody goes in");
        let within = Watched::open(above.watched.now, identity, config);
        Self { above, within, rule, claims }
    }

    fn obey(&mut self) -> Vec<Event> {
        let rule = Some(self.rule.clone());
        self.within.handle(self.within.now, Input::Rule(rule)).expect("a rule is obeyed");
        let journaled = |output: &Output| match output {
            Output::Journal(entry) => Some(entry.event.clone()),
            _ => None,
        };
        self.within.outputs.iter().filter_map(journaled).collect()
    }

    fn come(&mut self, claim: Claim) -> Result<ParticipantId, Denied> {
        let session = SessionId::from_number(u128::from(self.within.journal.len() as u64));
        self.within.handle(self.within.now, Input::Join { session, claim })?;
        Ok(self.within.meeting.participant_of(session).expect("nobody waits in a breakout"))
    }

    fn ask(&mut self, from: ParticipantId, command: Command) -> Result<(), Denied> {
        self.within.handle(self.within.now, Input::Command { from, command })
    }

    /// The main room lifts these locks for someone, and no other.
    fn lift(&mut self, name: &str, exceptions: LockSet) {
        let (subject, _) = self.above_id(name);
        let sent = self.rule.people.get_mut(&subject).expect("they were sent");
        sent.exceptions = exceptions;
    }

    fn above_id(&self, name: &str) -> (Subject, ParticipantId) {
        let id = self.above.id(name);
        (Subject::new(&id.to_string()).expect("a valid subject"), id)
    }
}

fn lifted(participant: ParticipantId, inherited: LockSet, exceptions: LockSet) -> Event {
    Event::ExceptionsInherited(ExceptionsInherited { participant, inherited, exceptions })
}

#[test]
fn nobody_comes_in_whom_the_main_room_did_not_send() {
    let mut breakout = Breakout::of_three();
    let theirs = breakout.claims["bob"].clone();
    let early = breakout.come(theirs.clone());
    assert_eq!(early, Err(Denied::NotTheirBreakout), "nothing is known yet");
    breakout.obey();
    let bob = breakout.come(theirs.clone()).expect("he was sent");
    assert_eq!(breakout.within.meeting.role_of(bob), Some(Role::Participant));
    let ann = breakout.claims["ann"].clone();
    let ann = breakout.come(ann).expect("she moderates");
    assert_eq!(breakout.within.meeting.role_of(ann), Some(Role::Moderator));
    let report = breakout.within.meeting.report();
    let [ann_above, bob_above] = ["ann", "bob"].map(|name| breakout.above.id(name));
    assert_eq!(report.inside, [ann_above, bob_above].into());

    let room = theirs.room;
    for forged in [
        Claim { room, ..claim("eve", Role::Moderator) },
        Claim { issuer: "conf".to_owned(), ..breakout.claims["cleo"].clone() },
        Claim { role: Role::Moderator, ..breakout.claims["cleo"].clone() },
        Claim { room, issuer: ISSUER.to_owned(), ..claim("eve", Role::Participant) },
    ] {
        assert_eq!(breakout.come(forged), Err(Denied::NotTheirBreakout));
    }
    let other = Claim { room: breakout.above.watched.meeting.identity().room, ..theirs };
    assert_eq!(breakout.come(other), Err(Denied::ClaimRefused { reason: "room" }));
}

#[test]
fn whoever_does_not_belong_there_any_more_is_out_and_stays_out() {
    let mut breakout = Breakout::of_three();
    breakout.obey();
    let claim = breakout.claims["bob"].clone();
    let bob = breakout.come(claim.clone()).expect("he was sent");
    let (subject, _) = breakout.above_id("bob");
    breakout.rule.people.remove(&subject);
    let gone = Event::Left { participant: bob, reason: LeaveReason::CalledBack };
    assert_eq!(breakout.obey()[0], gone);
    assert_eq!(breakout.come(claim), Err(Denied::NotTheirBreakout));
}

#[test]
fn who_is_hidden_in_the_main_room_is_hidden_here() {
    let mut breakout = Breakout::of_three();
    breakout.rule.locks = LockSet::NONE.set(Lock::SeePeople, true);
    breakout.obey();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| breakout.claims[name].clone());
    let [ann, bob, _] = [ann, bob, cleo].map(|claim| breakout.come(claim).expect("sent"));
    let view = breakout.within.meeting.view(bob).expect("he is in");
    let seen: Vec<_> = view.participants.iter().map(|person| person.id).collect();
    assert_eq!(seen, [ann, bob]);
}

#[test]
fn locks_of_the_main_room_reach_what_is_running() {
    let mut breakout = Breakout::of_three();
    breakout.obey();
    let [ann, bob] = ["ann", "bob"].map(|name| breakout.claims[name].clone());
    let [ann, bob] = [ann, bob].map(|claim| breakout.come(claim).expect("sent"));
    breakout.ask(bob, publish(Source::Camera)).expect("cameras are free");
    breakout.rule.locks = LockSet::NONE.set(Lock::Camera, true);
    let locks = breakout.rule.locks;
    let stopped = Event::Stopped { participant: bob, source: Source::Camera, by: bob };
    assert_eq!(breakout.obey(), [Event::LocksInherited { inherited: locks, locks }, stopped]);
    let again = breakout.ask(bob, publish(Source::Camera));
    assert!(matches!(again, Err(Denied::Locked { lock: Lock::Camera, .. })));
    assert_eq!(breakout.obey(), [], "the same rule again changes nothing");

    breakout.ask(ann, Command::SetLock { lock: Lock::Camera, on: false }).expect("she moderates");
    assert_eq!(breakout.obey(), [], "what did not change above stays as it was set here");
    breakout.ask(bob, publish(Source::Camera)).expect("cameras are free here");
}

#[test]
fn a_lock_lifted_for_one_in_the_main_room_is_lifted_for_them_here() {
    let mut breakout = Breakout::of_three();
    let camera = LockSet::NONE.set(Lock::Camera, true);
    breakout.rule.locks = camera;
    breakout.lift("bob", camera);
    breakout.obey();
    let claims = ["ann", "bob", "cleo"].map(|name| breakout.claims[name].clone());
    let [ann, bob, cleo] = claims.map(|claim| breakout.come(claim).expect("sent"));
    breakout.ask(bob, publish(Source::Camera)).expect("it is lifted as he comes in");
    let refused = breakout.ask(cleo, publish(Source::Camera));
    assert!(matches!(refused, Err(Denied::Locked { lock: Lock::Camera, .. })));

    // What the moderator here sets stays until it changes above.
    let set = |target, on| Command::SetException { target, lock: Lock::Camera, on };
    breakout.ask(ann, set(cleo, true)).expect("she moderates");
    breakout.ask(ann, set(bob, false)).expect("she moderates");
    assert_eq!(breakout.obey(), []);
    breakout.ask(cleo, publish(Source::Camera)).expect("it is lifted here");
    breakout.ask(bob, publish(Source::Camera)).expect_err("no longer");

    breakout.lift("bob", LockSet::NONE);
    assert_eq!(breakout.obey(), [lifted(bob, LockSet::NONE, LockSet::NONE)]);
    breakout.lift("bob", camera);
    assert_eq!(breakout.obey(), [lifted(bob, camera, camera)]);
    breakout.ask(bob, publish(Source::Camera)).expect("it is lifted again");

    // In force again above: what runs here stops, and what was lifted here alone goes on.
    breakout.lift("bob", LockSet::NONE);
    let stopped = Event::Stopped { participant: bob, source: Source::Camera, by: bob };
    assert_eq!(breakout.obey(), [lifted(bob, LockSet::NONE, LockSet::NONE), stopped]);
    breakout.lift("cleo", LockSet::NONE);
    assert_eq!(breakout.obey(), [], "nothing changed above");
}

#[test]
fn nobody_is_excepted_here_from_what_is_open_here() {
    let mut breakout = Breakout::of_three();
    let camera = LockSet::NONE.set(Lock::Camera, true);
    breakout.rule.locks = camera;
    breakout.obey();
    let [ann, bob] = ["ann", "bob"].map(|name| breakout.claims[name].clone());
    let [ann, bob] = [ann, bob].map(|claim| breakout.come(claim).expect("sent"));
    breakout.ask(ann, Command::SetLock { lock: Lock::Camera, on: false }).expect("she moderates");
    breakout.lift("bob", camera);
    assert_eq!(breakout.obey(), [lifted(bob, camera, LockSet::NONE)]);
    breakout.ask(ann, Command::SetLock { lock: Lock::Camera, on: true }).expect("she moderates");
    breakout.ask(bob, publish(Source::Camera)).expect_err("locked here after it was lifted there");

    // Whoever comes back comes in as it is above.
    let claim = breakout.claims["bob"].clone();
    breakout.ask(bob, Command::Leave).expect("he may leave");
    let bob = breakout.come(claim).expect("sent");
    breakout.ask(bob, publish(Source::Camera)).expect("it is lifted above");
}

#[test]
fn a_ban_is_reported_with_whoever_decided_it() {
    let mut breakout = Breakout::of_three();
    breakout.obey();
    let [ann, bob] = ["ann", "bob"].map(|name| breakout.claims[name].clone());
    let [ann, bob] = [ann, bob].map(|claim| breakout.come(claim).expect("sent"));
    breakout.ask(ann, Command::Remove { target: bob, ban: true }).expect("she moderates");
    let [(_, ann), (_, bob)] = ["ann", "bob"].map(|name| breakout.above_id(name));
    assert_eq!(breakout.within.meeting.report().banned, [(bob, ann)].into());
}

#[test]
fn a_breakout_has_no_breakouts_and_no_guest_link_and_ends_when_it_has_no_rule() {
    let mut breakout = Breakout::of_three();
    breakout.obey();
    let ann = breakout.claims["ann"].clone();
    let ann = breakout.come(ann).expect("she moderates");
    for nested in [divide(&[], &[], true), Command::RotateLink] {
        assert_eq!(breakout.ask(ann, nested), Err(Denied::InBreakout));
    }
    let now: Timestamp = breakout.within.now;
    breakout.within.handle(now, Input::Rule(None)).expect("it ends");
    let last = breakout.within.journal.last().expect("a journal").event.clone();
    assert_eq!(last, Event::Ended { reason: EndReason::CalledBack, by: None });
}

#[test]
fn of_two_who_are_called_back_at_once_neither_goes_on_presenting() {
    let mut breakout = Breakout::of_three();
    let (bobs, _) = breakout.above_id("bob");
    let sent = Sent { role: Role::Moderator, exceptions: LockSet::NONE };
    breakout.rule.people.insert(bobs, sent);
    breakout.obey();
    let ann = breakout.come(breakout.claims["ann"].clone()).expect("she was sent");
    let claim = Claim { role: Role::Moderator, ..breakout.claims["bob"].clone() };
    let bob = breakout.come(claim).expect("he was sent");
    let view = breakout.within.meeting.view(bob).expect("he is here");
    assert_eq!(view.presenter, Some(ann));

    breakout.rule.people.clear();
    let happened = breakout.obey();
    let presenters = happened.iter().filter_map(|event| match event {
        Event::PresenterChanged { presenter, .. } => Some(*presenter),
        _ => None,
    });
    assert_eq!(presenters.collect::<Vec<_>>(), [Some(bob), None]);
}
