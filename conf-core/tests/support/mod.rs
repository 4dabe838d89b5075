//! A room with a hand-turned clock and named participants, under watch:
//! whatever a story does, the rules of `fuzzing::Watched` are checked after each step.
// Every test target uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;

use conf_core::event::VoteOpened;
use conf_core::fuzzing::Watched;
use conf_core::id::{
    ClaimId, FileId, MeetingId, MessageId, ParticipantId, PollId, RoomId, SessionId, VoteId,
};
use conf_core::policy::lock::LockSet;
use conf_core::text::{
    BreakoutName, CaptionText, ChatText, DisplayName, FileName, PollChoice, PollQuestion, RoomName,
    Subject,
};
use conf_core::view::{ChatBody, ChatLine, ParticipantView, Place, View};
use conf_core::{
    Answers, Claim, Command, Denied, Event, Identity, Input, Language, MeetingConfig, Output,
    Planned, Report, Role, Source, SourceSet, Span, Standing, Timestamp, VoteKey, Voters,
};

/// When every story begins.
pub(crate) const START: Timestamp = Timestamp(1_760_000_000_000);

/// The room every story is set in.
pub(crate) const ROOM: RoomId = RoomId::from_number(7);

/// The defaults, but with nothing locked: a story that is about locks says so.
pub(crate) fn config() -> MeetingConfig {
    defaults().locks(LockSet::NONE)
}

/// A meeting as it is when nobody asked for anything else.
pub(crate) fn defaults() -> MeetingConfig {
    MeetingConfig::new(RoomName::new("Physics").expect("a valid name"))
}

/// A claim that admits `name`.
pub(crate) fn claim(name: &str, role: Role) -> Claim {
    let number = name.bytes().fold(0, |sum, byte| sum * 256 + u128::from(byte));
    Claim {
        id: ClaimId::from_number(number),
        issuer: "conf".to_owned(),
        tenant: "default".to_owned(),
        room: ROOM,
        subject: Subject::new(name).expect("a valid subject").into(),
        name: DisplayName::new(name).expect("a valid name").into(),
        role,
        standing: Standing::Member,
        sources: SourceSet::ALL,
        guest_link: None,
        expires_at: START + Span::from_mins(24 * 60),
    }
}

/// A claim that `name` got by a guest link.
pub(crate) fn guest(name: &str) -> Claim {
    Claim { standing: Standing::Guest, guest_link: Some(0), ..claim(name, Role::Participant) }
}

/// A meeting and the people in the story.
pub(crate) struct Room {
    pub(crate) watched: Watched,
    people: BTreeMap<String, (ParticipantId, SessionId)>,
    next_session: u128,
}

impl Room {
    /// Opens with nothing locked.
    pub(crate) fn open() -> Self {
        Self::open_with(config())
    }

    pub(crate) fn open_with(config: MeetingConfig) -> Self {
        let identity = Identity {
            meeting: MeetingId::from_number(1),
            room: ROOM,
            tenant: "default".to_owned(),
        };
        let watched = Watched::open(START, identity, config);
        Self { watched, people: BTreeMap::new(), next_session: 0 }
    }

    /// Opens with Ann moderating, Bob and Cleo taking part.
    pub(crate) fn with_ann_bob_and_cleo() -> Self {
        Self::of_three(config())
    }

    /// A moderator and two participants.
    pub(crate) fn of_three(config: MeetingConfig) -> Self {
        let mut room = Self::open_with(config);
        room.join("ann", Role::Moderator);
        room.join("bob", Role::Participant);
        room.join("cleo", Role::Participant);
        room
    }

    /// Joins or rejoins by a new session, which must be admitted.
    pub(crate) fn join(&mut self, name: &str, role: Role) -> ParticipantId {
        self.try_join(claim(name, role)).expect("the claim admits")
    }

    /// Presents a claim by a new session; whether it is in. Else it waits.
    pub(crate) fn try_arrive(&mut self, claim: Claim) -> Result<bool, Denied> {
        self.next_session += 1;
        let session = SessionId::from_number(self.next_session);
        let name = claim.name.as_ref().expect("stories have names").as_str().to_owned();
        self.hand_in(Input::Join { session, claim })?;
        let meeting = &self.watched.meeting;
        let (member, waiter) = (meeting.participant_of(session), meeting.waiting_of(session));
        let id = member.or(waiter).expect("who is not refused is in or waits");
        self.people.insert(name, (id, session));
        Ok(member.is_some())
    }

    /// `name` comes by a guest link and must wait.
    pub(crate) fn wait(&mut self, name: &str) -> ParticipantId {
        let entered = self.try_arrive(guest(name)).expect("taken in to wait");
        assert!(!entered, "{name} waits");
        self.id(name)
    }

    /// Whether `name` is in the meeting.
    pub(crate) fn is_in(&self, name: &str) -> bool {
        self.watched.meeting.role_of(self.id(name)).is_some()
    }

    /// Where `name` stands in the lobby.
    pub(crate) fn place(&self, name: &str) -> Option<Place> {
        self.watched.meeting.place_of(self.id(name))
    }

    /// Presents a claim by a new session, which must not have to wait.
    pub(crate) fn try_join(&mut self, claim: Claim) -> Result<ParticipantId, Denied> {
        self.next_session += 1;
        let session = SessionId::from_number(self.next_session);
        let name = claim.name.as_ref().expect("stories have names").as_str().to_owned();
        self.hand_in(Input::Join { session, claim })?;
        let id = self.watched.meeting.participant_of(session).expect("admitted");
        self.people.insert(name, (id, session));
        Ok(id)
    }

    /// `name`'s link breaks.
    pub(crate) fn lose_link(&mut self, name: &str) {
        let session = self.session(name);
        self.hand_in(Input::LinkLost { session }).expect("a link can always break");
    }

    /// `name` asks for something and gets it; what happened, in order.
    pub(crate) fn ask(&mut self, name: &str, command: Command) -> Vec<Event> {
        let asked = format!("{command:?}");
        self.try_ask(name, command).unwrap_or_else(|denied| panic!("{name}, {asked}: {denied}"))
    }

    pub(crate) fn try_ask(&mut self, name: &str, command: Command) -> Result<Vec<Event>, Denied> {
        let from = self.id(name);
        self.hand_in(Input::Command { from, command })?;
        Ok(self.happened())
    }

    /// Why `name` does not get what they ask for.
    pub(crate) fn refused(&mut self, name: &str, command: Command) -> Denied {
        self.try_ask(name, command).expect_err("this is refused")
    }

    pub(crate) fn hand_in(&mut self, input: Input) -> Result<(), Denied> {
        self.watched.handle(self.watched.now, input)
    }

    /// `name` is granted to send a file.
    pub(crate) fn offer(&mut self, name: &str, offered: Command) -> Result<FileId, Denied> {
        self.try_ask(name, offered)?;
        let granted = |output: &Output| match output {
            Output::Granted { upload } => Some(upload.file),
            _ => None,
        };
        Ok(self.watched.outputs.iter().find_map(granted).expect("something is granted"))
    }

    /// `name` sends a file, which arrives and is handed on.
    pub(crate) fn hand_on(&mut self, name: &str, offered: Command) -> Result<FileId, Denied> {
        let file = self.offer(name, offered)?;
        self.try_ask(name, Command::ShareFile { file })?;
        Ok(file)
    }

    /// Turns the clock, waking the meeting whenever it wants; what happened meanwhile.
    pub(crate) fn pass(&mut self, span: Span) -> Vec<Event> {
        let until = self.watched.now + span;
        let mut happened = Vec::new();
        while let Some(at) = self.watched.meeting.poll_timeout().filter(|at| *at <= until) {
            let at = at.max(self.watched.now);
            self.watched.handle(at, Input::Tick).expect("a live meeting can be woken");
            happened.extend(self.happened());
        }
        self.watched.now = until;
        happened
    }

    /// The events of the last input.
    pub(crate) fn happened(&self) -> Vec<Event> {
        let journaled = |output: &Output| match output {
            Output::Journal(entry) => Some(entry.event.clone()),
            _ => None,
        };
        self.watched.outputs.iter().filter_map(journaled).collect()
    }

    pub(crate) fn id(&self, name: &str) -> ParticipantId {
        self.people[name].0
    }

    pub(crate) fn session(&self, name: &str) -> SessionId {
        self.people[name].1
    }

    /// Whether what `name` sends gets through.
    pub(crate) fn passes(&self, name: &str, source: Source) -> bool {
        self.watched.open_gates.contains(&(self.id(name), source))
    }

    /// The meeting as `name` sees it.
    pub(crate) fn view(&self, name: &str) -> View {
        self.watched.meeting.view(self.id(name)).expect("in the meeting")
    }

    /// How others see `name`; `None` when they are gone.
    pub(crate) fn see(&self, name: &str) -> Option<ParticipantView> {
        let id = self.id(name);
        let view = self.watched.meeting.view(id)?;
        view.participants.into_iter().find(|person| person.id == id)
    }
}

pub(crate) fn publish(source: Source) -> Command {
    Command::Publish { source }
}

pub(crate) fn say(text: &str) -> Command {
    Command::SendChat { text: chat(text), to: None, answers: None }
}

/// Says something to one alone.
pub(crate) fn whisper(to: ParticipantId, text: &str) -> Command {
    Command::SendChat { text: chat(text), to: Some(to), answers: None }
}

pub(crate) fn chat(text: &str) -> ChatText {
    ChatText::new(text).expect("a valid text")
}

/// A chat line as a person reads it.
pub(crate) fn shown(line: &ChatLine) -> String {
    let name = line.name.as_ref().map_or("?", |name| name.as_str());
    match &line.body {
        ChatBody::Text { text, edited } => {
            let text = text.as_ref().map_or("?", |text| text.as_str());
            format!("{name}: {text}{}", if edited.is_some() { " (edited)" } else { "" })
        }
        ChatBody::Deleted { by } if *by == line.from => format!("{name} took it back"),
        ChatBody::Deleted { .. } => format!("{name}'s was taken away"),
    }
}

/// Offers a file to everyone, or to one.
pub(crate) fn offer(name: &str, bytes: u64, to: Option<ParticipantId>) -> Command {
    Command::OfferFile { name: FileName::new(name).expect("a valid name"), bytes, to }
}

/// The message that was just sent.
pub(crate) fn sent(happened: &[Event]) -> MessageId {
    match happened {
        [Event::ChatSent { message, .. }] => *message,
        other => panic!("expected one message, found {other:?}"),
    }
}

/// The language captions are in where a story has one.
pub(crate) fn german() -> Language {
    Language::new("de").expect("a valid tag")
}

/// Finishes a line of captions.
pub(crate) fn caption(text: &str) -> Command {
    Command::WriteCaption { language: german(), text: words(text) }
}

/// What is said, as a line of captions.
pub(crate) fn words(text: &str) -> CaptionText {
    CaptionText::new(text).expect("a valid text")
}

/// Asks everyone something, of which one may choose one.
pub(crate) fn ask_all(answers: Answers) -> Command {
    let question = PollQuestion::new("Is it clear?").expect("a valid question");
    Command::StartPoll { question, answers, several: false, anonymous: false, right: vec![] }
}

/// Two breakouts with these people in them.
pub(crate) fn divide(first: &[ParticipantId], second: &[ParticipantId], choice: bool) -> Command {
    let planned = |name: &str, members: &[ParticipantId]| Planned {
        name: BreakoutName::new(name).expect("a valid name"),
        members: members.to_vec(),
    };
    let breakouts = vec![planned("Group 1", first), planned("Group 2", second)];
    Command::OpenBreakouts { breakouts, choice, minutes: None }
}

/// The rooms of the breakouts that were just opened.
pub(crate) fn divided(happened: &[Event]) -> Vec<RoomId> {
    match happened {
        [Event::BreakoutsOpened { breakouts, .. }] => {
            breakouts.iter().map(|one| one.room).collect()
        }
        other => panic!("expected breakouts, found {other:?}"),
    }
}

/// A breakout says who is in it.
pub(crate) fn report(room: RoomId, inside: &[ParticipantId]) -> Input {
    let inside = inside.iter().copied().collect();
    Input::Report { room, report: Report { inside, ..Report::default() } }
}

/// The poll that was just started.
pub(crate) fn started(happened: &[Event]) -> PollId {
    match happened {
        [Event::PollStarted { poll, .. }]
        | [Event::PollStarted { poll, .. }, Event::PollKeySet(_)] => *poll,
        other => panic!("expected one poll, found {other:?}"),
    }
}

/// Asks for a secret vote on two answers, of which one may choose one.
pub(crate) fn open_vote(voters: Voters) -> Command {
    let choice = |text| PollChoice::new(text).expect("a valid choice");
    Command::OpenVote {
        question: PollQuestion::new("Who leads the board?").expect("a valid question"),
        choices: vec![choice("Kim"), choice("Lou")],
        most: 1,
        voters,
        key: VoteKey::new("AAAA").expect("a valid key"),
    }
}

/// The secret vote that was just begun.
pub(crate) fn opened(happened: &[Event]) -> VoteId {
    match happened {
        [Event::VoteOpened(VoteOpened { vote, .. })] => *vote,
        other => panic!("expected one vote, found {other:?}"),
    }
}
