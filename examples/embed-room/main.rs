//! A meeting inside your own program: conf-core alone, no network, no runtime.
//!
//! A moderator and two people meet. The program plays the world around the
//! meeting: it tells the time, supplies numbers for ids, keeps the journal,
//! stands at the gates, and tells what happened. In the end it brings the
//! meeting back from its journal and finds it the same.
// What happened is told on the terminal: that is what this example is for.
#![allow(clippy::print_stdout)]

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use conf_core::event::Newcomer;
use conf_core::id::{ClaimId, IdSource, MeetingId, ParticipantId, RoomId, SessionId};
use conf_core::text::{ChatText, DisplayName, RoomName, Subject};
use conf_core::*;

const ROOM: RoomId = RoomId::from_number(7);

/// Numbers for ids. In production they are drawn at random.
struct Counting(u128);

impl IdSource for Counting {
    fn draw(&mut self) -> u128 {
        self.0 += 1;
        self.0
    }
}

/// Everything around the meeting.
struct World {
    meeting: Meeting,
    now: Timestamp,
    journal: Vec<Entry>,
    /// The sources that get through.
    open: BTreeSet<(ParticipantId, Source)>,
}

impl World {
    fn open() -> Result<Self> {
        let now = Timestamp(1_760_000_000_000);
        let identity = Identity {
            meeting: MeetingId::from_number(1),
            room: ROOM,
            tenant: "default".to_owned(),
        };
        let config = MeetingConfig::new(RoomName::new("Physics")?).empty_after(Span::from_mins(1));
        let meeting = Meeting::open(now, Box::new(Counting(0)), identity, config);
        let mut world = Self { meeting, now, journal: Vec::new(), open: BTreeSet::new() };
        world.carry_out();
        Ok(world)
    }

    /// Somebody comes by a session of their own.
    fn join(&mut self, number: u128, name: &str, role: Role) -> Result<ParticipantId> {
        let session = SessionId::from_number(number);
        let claim = Claim {
            id: ClaimId::from_number(number),
            issuer: "embedder".to_owned(),
            tenant: "default".to_owned(),
            room: ROOM,
            subject: Subject::new(name)?.into(),
            name: DisplayName::new(name)?.into(),
            role,
            standing: Standing::Member,
            sources: SourceSet::ALL,
            guest_link: None,
            expires_at: self.now + Span::from_mins(60),
        };
        self.hand_in(Input::Join { session, claim })?;
        self.meeting.participant_of(session).context("the session was admitted")
    }

    fn ask(&mut self, from: ParticipantId, command: Command) -> Result<(), Denied> {
        self.hand_in(Input::Command { from, command })
    }

    fn hand_in(&mut self, input: Input) -> Result<(), Denied> {
        self.meeting.handle(self.now, input)?;
        self.carry_out();
        Ok(())
    }

    /// Turns the clock to when the meeting wants to be woken.
    fn sleep(&mut self) -> Result<()> {
        self.now = self.meeting.poll_timeout().context("the meeting waits for something")?;
        Ok(self.hand_in(Input::Tick)?)
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.meeting.poll_output() {
            match output {
                Output::Gate { participant, source, open: true } => {
                    self.open.insert((participant, source));
                }
                Output::Gate { participant, source, open: false } => {
                    self.open.remove(&(participant, source));
                }
                Output::Journal(entry) => self.journal.push(entry),
                Output::Deliver { entry, .. } => {
                    println!("  {:>2} {}", entry.seq, self.tell(&entry.event));
                }
                Output::Hangup { session, reason } => println!("     {session} ends: {reason:?}"),
                _ => {}
            }
        }
    }

    fn tell(&self, event: &Event) -> String {
        let name = |who: &ParticipantId| {
            let name = self.meeting.name_of(*who).and_then(|name| name.as_ref());
            name.map_or_else(|| who.to_string(), |name| name.as_str().to_owned())
        };
        match event {
            Event::Joined(Newcomer { participant, role, .. }) => {
                format!("{} joins as {role:?}", name(participant))
            }
            Event::Published { participant, source } => {
                format!("{} starts their {source:?}", name(participant))
            }
            Event::Muted { participant, by } => format!("{} mutes {}", name(by), name(participant)),
            Event::Unmuted { participant } => format!("{} speaks again", name(participant)),
            Event::HandRaised { participant } => format!("{} raises a hand", name(participant)),
            Event::ChatSent { from, text, .. } => {
                format!("{}: {}", name(from), text.as_ref().map_or("…", |text| text.as_str()))
            }
            Event::Left { participant, reason } => {
                format!("{} leaves: {reason:?}", name(participant))
            }
            other => format!("{other:?}"),
        }
    }
}

/// Something said to everyone.
fn say(text: &str) -> Result<Command> {
    Ok(Command::SendChat { text: ChatText::new(text)?, to: None, answers: None })
}

fn main() -> Result<()> {
    let mut world = World::open()?;
    let ann = world.join(1, "Ann", Role::Moderator)?;
    let bob = world.join(2, "Bob", Role::Participant)?;
    let cleo = world.join(3, "Cleo", Role::Participant)?;

    world.ask(bob, Command::Publish { source: Source::Microphone })?;
    world.ask(cleo, Command::RaiseHand)?;
    world.ask(cleo, say("May I?")?)?;

    // The moderator closes Bob's microphone at once; only Bob opens it again.
    let microphone = (bob, Source::Microphone);
    ensure!(world.open.contains(&microphone));
    world.ask(ann, Command::Mute { target: bob })?;
    ensure!(!world.open.contains(&microphone));
    let refused = world.ask(cleo, Command::Mute { target: ann }).expect_err("Cleo is no moderator");
    println!("     refused: {refused}");
    world.ask(bob, Command::Unmute)?;
    ensure!(world.open.contains(&microphone));

    // Cleo's link breaks and she does not come back; then the others go too.
    world.hand_in(Input::LinkLost { session: SessionId::from_number(3) })?;
    world.sleep()?;
    world.ask(bob, Command::Leave)?;
    world.ask(ann, Command::Leave)?;
    world.sleep()?;
    ensure!(world.meeting.is_ended() && world.open.is_empty());

    let again = Meeting::replay(Box::new(Counting(1_000)), world.journal.clone())?;
    ensure!(again.state() == world.meeting.state(), "replay equals live");

    // Nothing of this needed a runtime: no thread was started beside this one.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        ensure!(status.lines().any(|line| line.split_whitespace().eq(["Threads:", "1"])));
    }
    println!("{} journal entries, replayed to the same meeting", world.journal.len());
    Ok(())
}
