//! Everything that happens, a variant each.

use crate::event::{BallotGiven, BallotsCounted, VoteClosed, VoteClosing, VoteOpened};
use crate::event::{EndReason, ExceptionsInherited, LeaveReason, Newcomer, WaitEnd};
use crate::event::{FileHanded, FileTaken};
use crate::event::{
    PollAnswered, PollClosed, PollKeySet, PollPublished, PollPutAway, PollTallied, PollWithdrawn,
    TextsCounted,
};
use crate::id::{
    CaptionId, ClaimId, MeetingId, MessageId, ParticipantId, PollId, RoomId, SessionId,
};
use crate::policy::lock::{Lock, LockSet};
use crate::text::{CaptionText, ChatText, DisplayName, MinutesText, PollQuestion, ReportText};
use crate::{Answers, Breakout, GuestPolicy, Language, Layout, MeetingConfig, Talked};
use crate::{Personal, Reaction, Role, Source, Span, Timestamp};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "type", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Event {
    /// The meeting began. Always the first entry.
    Opened {
        /// This sitting.
        meeting: MeetingId,
        /// The place it is held in.
        room: RoomId,
        /// Whose room.
        tenant: String,
        /// How the room was set when the meeting began.
        config: MeetingConfig,
    },
    /// Someone new is here.
    Joined(Newcomer),
    /// Someone in the roster came by a new session; it replaces any other of theirs.
    Rejoined {
        /// Who.
        participant: ParticipantId,
        /// The session that counts now.
        session: SessionId,
        /// The claim they showed this time; not written in version 1.
        #[cfg_attr(feature = "serde", serde(default))]
        claim: Option<ClaimId>,
    },
    /// The link to someone broke; their place is kept until `until`.
    LinkLost {
        /// Who.
        participant: ParticipantId,
        /// When the grace ends.
        until: Timestamp,
    },
    /// Someone is no longer here. What they published, their hand and marks are gone.
    Left {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// Someone was made a moderator, or a participant again.
    RoleChanged {
        /// Who.
        participant: ParticipantId,
        /// What they are from now on.
        role: Role,
        /// Who decided it.
        by: ParticipantId,
    },
    /// Someone is called something else. What they said before keeps the name it was said under.
    Renamed {
        /// Who.
        participant: ParticipantId,
        /// What to call them.
        name: Personal<DisplayName>,
        /// Who changed it.
        by: ParticipantId,
    },
    /// A source began; its gate opens once this is kept.
    Published {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        source: Source,
    },
    /// A source ended; its gate closed before this was kept.
    Stopped {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        source: Source,
        /// Who ended it.
        by: ParticipantId,
    },
    /// A microphone was closed. It stays published.
    Muted {
        /// Whose.
        participant: ParticipantId,
        /// Who closed it.
        by: ParticipantId,
    },
    /// A microphone was opened, by its owner: nobody else can.
    Unmuted {
        /// Whose.
        participant: ParticipantId,
    },
    /// A hand went up, behind those already raised.
    HandRaised {
        /// Whose.
        participant: ParticipantId,
    },
    /// A hand went down.
    HandLowered {
        /// Whose.
        participant: ParticipantId,
        /// Who lowered it.
        by: ParticipantId,
    },
    /// Someone said something.
    ChatSent {
        /// The message's id.
        message: MessageId,
        /// Who said it.
        from: ParticipantId,
        /// What.
        text: Personal<ChatText>,
        /// To whom alone; `None` is everyone. Not written before version 3.
        #[cfg_attr(feature = "serde", serde(default))]
        to: Option<ParticipantId>,
        /// The message of the same conversation it answers. Not written before version 3.
        #[cfg_attr(feature = "serde", serde(default))]
        answers: Option<MessageId>,
    },
    /// The writer of a message said something else instead.
    ChatEdited {
        /// Which.
        message: MessageId,
        /// Who wrote it.
        by: ParticipantId,
        /// What it says now.
        text: Personal<ChatText>,
        /// The entry that held the text of before, which is to be forgotten.
        held_in: u64,
    },
    /// A message was taken back by its writer, or away by a moderator.
    ChatDeleted {
        /// Which.
        message: MessageId,
        /// Who wrote it.
        from: ParticipantId,
        /// Who did.
        by: ParticipantId,
        /// The entry that held its text, which is to be forgotten.
        held_in: u64,
    },
    /// Someone put a sign to a message, or took theirs back.
    ChatReacted {
        /// To which.
        message: MessageId,
        /// Who.
        by: ParticipantId,
        /// Which sign.
        reaction: Reaction,
        /// Put (`true`) or taken back.
        on: bool,
    },
    /// The public chat was emptied for everyone.
    ChatCleared {
        /// Who did.
        by: ParticipantId,
        /// The entries that held its texts, which are to be forgotten.
        held_in: Vec<u64>,
    },
    /// Someone handed on a file. All of it is kept by now.
    FileShared(FileHanded),
    /// A file was taken back by whoever handed it on, or away by a moderator.
    FileDeleted(FileTaken),
    /// Someone asks everyone something.
    PollStarted {
        /// The poll's id.
        poll: PollId,
        /// Who asks.
        by: ParticipantId,
        /// What.
        question: Personal<PollQuestion>,
        /// What can be chosen.
        answers: Answers,
        /// Whether one may choose several.
        several: bool,
        /// Whether nobody learns who chose what. Not written before version 4.
        #[cfg_attr(feature = "serde", serde(default))]
        anonymous: bool,
        /// Whether some choices are right and others wrong.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
        quiz: bool,
    },
    /// What is right in a quiz. Told to nobody but whoever asks.
    PollKeySet(PollKeySet),
    /// Someone voted, or voted differently. Told to moderators, to who asks and to who voted.
    Voted {
        /// In which poll.
        poll: PollId,
        /// Who.
        by: ParticipantId,
        /// What they chose, by number from 0, each once in order.
        choices: Vec<u8>,
        /// Who asks.
        to: ParticipantId,
    },
    /// Someone answered in words of their own. Told to moderators, to who asks and to who did.
    PollAnswered(PollAnswered),
    /// At least five answered anonymously in words of their own. Told to nobody.
    TextsCounted(TextsCounted),
    /// At least five voted in an anonymous poll. Told to nobody.
    VotesCounted {
        /// In which poll.
        poll: PollId,
        /// Who, in the order of their ids.
        voters: Vec<ParticipantId>,
        /// How many of them chose each, in the order of the choices; in a quiz then how many
        /// had it wholly right.
        counts: Vec<u32>,
    },
    /// So many have voted by now.
    PollTurnout {
        /// In which poll.
        poll: PollId,
        /// How many.
        voted: u32,
    },
    /// A poll takes no more votes.
    PollClosed(PollClosed),
    /// What came of an anonymous poll is known. Told to moderators and to who asks.
    PollTallied(PollTallied),
    /// What came of a poll is for everyone to see.
    PollPublished(PollPublished),
    /// What came of a poll is not in front of everyone any more; it stays to be read.
    PollPutAway(PollPutAway),
    /// A closed poll was forgotten.
    PollWithdrawn(PollWithdrawn),
    /// Someone writes the captions of a language from now on, instead of whoever did.
    CaptionWriterSet {
        /// In which language.
        language: Language,
        /// Who.
        participant: ParticipantId,
        /// Who decided it.
        by: ParticipantId,
    },
    /// Nobody writes the captions of a language any more.
    CaptionWriterEnded {
        /// In which language.
        language: Language,
        /// Who did.
        participant: ParticipantId,
        /// Who decided it: a moderator, or they themself.
        by: ParticipantId,
    },
    /// A line of captions was finished.
    CaptionWritten {
        /// The line's id.
        line: CaptionId,
        /// Who wrote it.
        by: ParticipantId,
        /// In which language.
        language: Language,
        /// What.
        text: Personal<CaptionText>,
    },
    /// The writer of a line of captions corrected it.
    CaptionCorrected {
        /// Which.
        line: CaptionId,
        /// Who wrote it.
        by: ParticipantId,
        /// What it says now.
        text: Personal<CaptionText>,
        /// The entry that held the text of before, which is to be forgotten.
        held_in: u64,
    },
    /// The meeting was divided into breakouts.
    BreakoutsOpened {
        /// Who did.
        by: ParticipantId,
        /// Two to twenty, with those who belong to each. Nobody is told their rooms.
        breakouts: Vec<Breakout>,
        /// Whether everyone chooses for themself.
        choice: bool,
        /// When they close by themselves.
        until: Option<Timestamp>,
    },
    /// Someone belongs to another breakout, or to none.
    BreakoutAssigned {
        /// Who.
        participant: ParticipantId,
        /// To which, by number from 0.
        breakout: Option<u8>,
        /// Who decided it.
        by: ParticipantId,
    },
    /// Someone was given what lets them into a breakout. Told to nobody.
    BreakoutPassed {
        /// Who.
        participant: ParticipantId,
        /// Into which, by number from 0.
        breakout: u8,
        /// The claim that admits them there.
        claim: ClaimId,
    },
    /// Someone is in a breakout now. What they published here is stopped.
    BreakoutEntered {
        /// Who.
        participant: ParticipantId,
        /// In which, by number from 0.
        breakout: u8,
    },
    /// Someone is not in a breakout any more.
    BreakoutLeft {
        /// Who.
        participant: ParticipantId,
        /// Which, by number from 0.
        breakout: u8,
    },
    /// A breakout calls for a moderator. Told to moderators and to who called.
    HelpCalled {
        /// Who called.
        participant: ParticipantId,
        /// From which, by number from 0.
        breakout: u8,
    },
    /// A moderator came to a breakout that called. Told to moderators and to who called.
    HelpEnded {
        /// Who had called.
        participant: ParticipantId,
        /// From which, by number from 0.
        breakout: u8,
        /// Who came.
        by: ParticipantId,
    },
    /// Breakouts close at another time.
    BreakoutsExtended {
        /// When.
        until: Timestamp,
        /// Who did.
        by: ParticipantId,
    },
    /// Someone said something to all breakouts.
    BreakoutsTold {
        /// Who.
        by: ParticipantId,
        /// What.
        text: Personal<ChatText>,
    },
    /// Everyone is called back from the breakouts.
    BreakoutsClosed {
        /// Who did; `None` when their time was over.
        by: Option<ParticipantId>,
    },
    /// A secret vote began.
    VoteOpened(VoteOpened),
    /// Someone was given a ballot.
    BallotGiven(BallotGiven),
    /// Ballots were counted. Told to nobody in the meeting.
    BallotsCounted(BallotsCounted),
    /// A vote gives no more ballots; those on their way may still arrive.
    VoteClosing(VoteClosing),
    /// A vote is over, and what came of it is for everyone to see.
    VoteClosed(VoteClosed),
    /// Someone reported another to the operator. Told to nobody in the meeting.
    Reported {
        /// Whom.
        participant: ParticipantId,
        /// Who did.
        by: ParticipantId,
        /// Why.
        text: Personal<ReportText>,
    },
    /// The presenter mark moved.
    PresenterChanged {
        /// Who has it now.
        presenter: Option<ParticipantId>,
        /// Who moved it; `None` when it followed from a join or leave.
        by: Option<ParticipantId>,
    },
    /// Someone asks for the presenter mark, behind those who ask already.
    PresenterAsked {
        /// Who.
        participant: ParticipantId,
    },
    /// Someone no longer asks for the presenter mark, without having got it.
    PresenterAskEnded {
        /// Who.
        participant: ParticipantId,
        /// Who declined, or they themself who withdrew.
        by: ParticipantId,
    },
    /// A lock was set or released. Released, nobody is excepted from it any more.
    LockChanged {
        /// Which.
        lock: Lock,
        /// Closed (`true`) or open.
        on: bool,
        /// Who.
        by: ParticipantId,
    },
    /// In a breakout: locks were set or released in the meeting it belongs to, and are here.
    LocksInherited {
        /// What is locked there.
        inherited: LockSet,
        /// What is locked here from now on.
        locks: LockSet,
    },
    /// A lock that is on was lifted for one person, or is in force for them again.
    ExceptionChanged {
        /// For whom.
        participant: ParticipantId,
        /// Which.
        lock: Lock,
        /// Lifted (`true`) or in force.
        on: bool,
        /// Who did.
        by: ParticipantId,
    },
    /// In a breakout: locks were lifted for one person in the meeting it belongs to, or are in
    /// force for them again, and are here.
    ExceptionsInherited(ExceptionsInherited),
    /// Someone waits in the lobby, behind those who wait already, to be let in under the same id.
    WaitBegan(Newcomer),
    /// Someone in the lobby came by a new session; it replaces any other of theirs.
    WaitResumed {
        /// Who.
        participant: ParticipantId,
        /// The session that counts now.
        session: SessionId,
        /// The claim they showed this time.
        claim: Option<ClaimId>,
    },
    /// The link to someone in the lobby broke; their place in the queue is kept until `until`.
    WaitLinkLost {
        /// Who.
        participant: ParticipantId,
        /// When the grace ends.
        until: Timestamp,
    },
    /// Someone waits no more. If they were let in, `Joined` follows under the same id.
    WaitEnded {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: WaitEnd,
    },
    /// How those who come by a guest link are met was set.
    GuestsSet {
        /// From now on.
        policy: GuestPolicy,
        /// Who.
        by: ParticipantId,
    },
    /// What those in the lobby are told was set.
    LobbyMessageSet {
        /// What; `None` takes it back.
        text: Option<Personal<ChatText>>,
        /// Who.
        by: ParticipantId,
    },
    /// Whether microphones of newcomers start closed was set.
    JoinMutedSet {
        /// Closed (`true`) or as they wish.
        on: bool,
        /// Who.
        by: ParticipantId,
    },
    /// The guest link was replaced; claims by an earlier one admit no newcomer.
    LinkRotated {
        /// The number of the link that counts now.
        link: u32,
        /// Who.
        by: ParticipantId,
    },
    /// One person was put in front of everyone, or nobody is any more.
    SpotlightChanged {
        /// Who is now.
        participant: Option<ParticipantId>,
        /// Who did; `None` when it followed from a leave.
        by: Option<ParticipantId>,
    },
    /// Everyone's pictures were arranged, or each arranges their own again.
    LayoutShared {
        /// How.
        layout: Option<Layout>,
        /// Who did.
        by: ParticipantId,
    },
    /// Someone takes the minutes from now on, or nobody does.
    MinuteTakerChanged {
        /// Who does.
        participant: Option<ParticipantId>,
        /// Who decided it.
        by: ParticipantId,
    },
    /// The minutes were written anew.
    MinutesWritten {
        /// Who wrote.
        by: ParticipantId,
        /// What they say now; `None` is nothing.
        text: Option<Personal<MinutesText>>,
        /// How often they were written by now.
        version: u32,
        /// The entry that held the text of before, which is to be forgotten.
        held_in: Option<u64>,
    },
    /// The minutes were shown to everyone, or to those alone who write them.
    MinutesReleased {
        /// To everyone.
        on: bool,
        /// Who decided it.
        by: ParticipantId,
    },
    /// Someone interprets into sign language from now on, or no longer.
    InterpreterChanged {
        /// Who.
        participant: ParticipantId,
        /// Whether they do.
        on: bool,
        /// Who decided it.
        by: ParticipantId,
    },
    /// The timer was set anew.
    TimerSet {
        /// From what it counts down; `None` counts up.
        span: Option<Span>,
        /// Whether it runs from now on.
        runs: bool,
        /// Who did.
        by: ParticipantId,
    },
    /// The timer rests.
    TimerPaused {
        /// Who did.
        by: ParticipantId,
    },
    /// The timer goes on.
    TimerResumed {
        /// Who did.
        by: ParticipantId,
    },
    /// There is no timer any more.
    TimerStopped {
        /// Who did.
        by: ParticipantId,
    },
    /// Somebody was picked at random.
    Picked {
        /// Who.
        participant: ParticipantId,
        /// Whether a new round begins with them, since all had had their turn.
        anew: bool,
        /// Who wanted somebody picked.
        by: ParticipantId,
    },
    /// People talked. Told to nobody, and kept only where the room has a learning view.
    Talked(Talked),
    /// Someone said that they are away for a moment, or back.
    AwayChanged {
        /// Who.
        participant: ParticipantId,
        /// Away (`true`) or back.
        on: bool,
    },
    /// The meeting is over. Always the last entry.
    Ended {
        /// Why.
        reason: EndReason,
        /// Who ended it, if a person did.
        by: Option<ParticipantId>,
    },
}
