//! Everything that can happen to a meeting.

use std::collections::BTreeMap;

use crate::admission::claim::Claim;
use crate::admission::policy::GuestPolicy;
use crate::collab::breakout::plan::Planned;
use crate::collab::breakout::report::Report;
use crate::collab::breakout::rule::Rule;
use crate::collab::captions::language::Language;
use crate::collab::chat::reaction::Reaction;
use crate::collab::poll::answers::Answers;
use crate::collab::vote::opaque::VoteKey;
use crate::collab::vote::{Ballot, Voters};
use crate::id::{CaptionId, FileId, MessageId, ParticipantId, PollId, RoomId, SessionId, VoteId};
use crate::policy::lock::Lock;
use crate::stage::layout::Layout;
use crate::stage::source::Source;
use crate::text::{
    CaptionText, ChatText, DisplayName, FileName, MinutesText, PollChoice, PollQuestion, PollText,
    ReportText,
};
use crate::time::Span;

/// What the caller tells a meeting.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input {
    /// The time came that [`poll_timeout`](crate::Meeting::poll_timeout) named.
    Tick,
    /// A session presents an accepted claim. The same issuer and subject as
    /// somebody here or in the lobby is that participant again, and the newest
    /// session wins. Whether the session is in or waits, the outputs say.
    Join {
        /// The new session.
        session: SessionId,
        /// The identity it presents.
        claim: Claim,
    },
    /// A session's link broke without a leave. Unknown or replaced sessions are ignored.
    LinkLost {
        /// The session that went.
        session: SessionId,
    },
    /// A file that was granted will not come.
    UploadEnded {
        /// Which.
        file: FileId,
    },
    /// The server came back from its journal: no link of before is alive.
    Recovered,
    /// In a breakout: what the meeting it belongs to holds it to from now on; `None` ends it.
    /// Until the first of these nobody comes in.
    Rule(Option<Rule>),
    /// How things stand in a breakout of this meeting. A room that is none is ignored.
    Report {
        /// Its room.
        room: RoomId,
        /// All of it.
        report: Report,
    },
    /// For how long people were heard since it was last told. Say it every few seconds while
    /// people talk, and only where the meeting's configuration has a learning view: what was not
    /// told yet is lost with the process.
    Talked(BTreeMap<ParticipantId, Span>),
    /// A ballot came, from nobody in particular; that its signature is good is the caller's
    /// promise. The same once more is taken like the first time.
    Ballot {
        /// In which vote.
        vote: VoteId,
        /// What it says.
        ballot: Ballot,
    },
    /// A participant asks for something.
    Command {
        /// Who asks, as the server knows it; what a client says of itself is never used.
        from: ParticipantId,
        /// What is asked.
        command: Command,
    },
}

/// What a participant can ask of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Goes for good; the place is not kept.
    Leave,
    /// Ends the meeting for all.
    End,
    /// Starts sending one of one's own sources.
    Publish {
        /// Which.
        source: Source,
    },
    /// Stops a source: one's own, or, as a moderator, another's camera or screen.
    Stop {
        /// Whose.
        target: ParticipantId,
        /// Which.
        source: Source,
    },
    /// Closes a microphone: one's own, or, as a moderator, another's.
    Mute {
        /// Whose.
        target: ParticipantId,
    },
    /// Closes every microphone that is open: everyone's but the asker's own, moderators'
    /// and services' too. Who speaks when a moderator wants silence is not a matter of role.
    MuteAll {
        /// Whether the presenter is spared.
        but_presenter: bool,
    },
    /// Opens one's own microphone. There is no way to name another's.
    Unmute,
    /// Asks another to open their microphone. Nothing opens by it.
    AskToUnmute {
        /// Whom.
        target: ParticipantId,
    },
    /// Raises one's own hand.
    RaiseHand,
    /// Lowers a hand: one's own, or, as a moderator, another's.
    LowerHand {
        /// Whose.
        target: ParticipantId,
    },
    /// Lowers every hand.
    LowerAllHands,
    /// Shows everyone a sign of one's own for a moment; kept nowhere.
    React {
        /// Which.
        reaction: Reaction,
    },
    /// Says something.
    SendChat {
        /// What.
        text: ChatText,
        /// To whom alone; `None` is everyone.
        to: Option<ParticipantId>,
        /// The message of the same conversation it answers.
        answers: Option<MessageId>,
    },
    /// Says something else in a message of one's own.
    EditChat {
        /// Which.
        message: MessageId,
        /// What it says from now on.
        text: ChatText,
    },
    /// Takes back a message of one's own, or, as a moderator, takes away another's.
    DeleteChat {
        /// Which.
        message: MessageId,
    },
    /// Puts a sign to a message, or takes one's own back.
    ReactChat {
        /// To which.
        message: MessageId,
        /// Which sign.
        reaction: Reaction,
        /// Put (`true`) or take back.
        on: bool,
    },
    /// Empties the public chat for everyone; files handed to everyone go with it.
    ClearChat,
    /// Asks for lines of the chat before one that is known.
    ShowChat {
        /// Of the conversation with whom; `None` is everyone.
        with: Option<ParticipantId>,
        /// The one they come before.
        before: MessageId,
    },
    /// Asks to send a file. What is granted is sent to the server, which then says so
    /// ([`ShareFile`](Self::ShareFile)).
    OfferFile {
        /// What it is called; its ending says what it is.
        name: FileName,
        /// How long it is.
        bytes: u64,
        /// To whom alone; `None` is everyone.
        to: Option<ParticipantId>,
    },
    /// Hands on a file that was granted to the asker and has arrived whole. Said by the server;
    /// no client has words for it.
    ShareFile {
        /// Which.
        file: FileId,
    },
    /// Takes back a file of one's own, or, as a moderator, takes away another's.
    DeleteFile {
        /// Which.
        file: FileId,
    },
    /// Lets the others know that one writes a chat message.
    Typing {
        /// To whom alone; `None` is everyone.
        to: Option<ParticipantId>,
    },
    /// Shows everyone a chat message while it is being written.
    LiveText {
        /// All of it so far; `None` gives it up.
        text: Option<ChatText>,
    },
    /// Has someone write the captions of a language, instead of whoever did, or nobody.
    SetCaptionWriter {
        /// In which language.
        language: Language,
        /// Whom; `None` has nobody write.
        target: Option<ParticipantId>,
    },
    /// Shows everyone a line of captions while it is being written.
    DraftCaption {
        /// In which language.
        language: Language,
        /// All of it so far; `None` gives it up.
        text: Option<CaptionText>,
    },
    /// Finishes a line of captions.
    WriteCaption {
        /// In which language.
        language: Language,
        /// What was said.
        text: CaptionText,
    },
    /// Corrects one's own last line of captions, for a short while.
    CorrectCaption {
        /// Which.
        line: CaptionId,
        /// What it says from now on.
        text: CaptionText,
    },
    /// Asks for everything that is kept of the captions in a language.
    SaveCaptions {
        /// Which.
        language: Language,
    },
    /// Asks everyone something; one poll at a time.
    StartPoll {
        /// What.
        question: PollQuestion,
        /// What can be chosen.
        answers: Answers,
        /// Whether one may choose several.
        several: bool,
        /// Whether nobody learns who chose what.
        anonymous: bool,
        /// What is right, by number from 0; nothing where it is no quiz.
        right: Vec<u8>,
    },
    /// Votes in an open poll, or votes differently; an anonymous vote cannot be changed.
    Vote {
        /// In which.
        poll: PollId,
        /// What, by number from 0.
        choices: Vec<u8>,
    },
    /// Answers an open poll in words of one's own, or in others; an anonymous answer cannot be
    /// changed.
    AnswerPoll {
        /// Which.
        poll: PollId,
        /// What one says.
        text: PollText,
    },
    /// Takes no more votes in a poll: one's own, or, as a moderator, another's.
    ClosePoll {
        /// In which.
        poll: PollId,
    },
    /// Shows everyone what came of a closed poll: one's own, or, as a moderator, another's.
    PublishPoll {
        /// Of which.
        poll: PollId,
    },
    /// Takes what came of a poll from in front of everyone: one's own, or, as a moderator,
    /// another's. It stays to be read.
    PutPollAway {
        /// Of which.
        poll: PollId,
    },
    /// Forgets a closed poll: one's own, or, as a moderator, another's.
    WithdrawPoll {
        /// Which.
        poll: PollId,
    },
    /// Divides the meeting into breakouts.
    OpenBreakouts {
        /// Two to twenty.
        breakouts: Vec<Planned>,
        /// Whether everyone chooses for themself.
        choice: bool,
        /// After how many minutes they close by themselves.
        minutes: Option<u16>,
    },
    /// Has someone belong to another breakout, or to none: oneself where everyone chooses, or,
    /// as a moderator, anyone.
    AssignBreakout {
        /// Whom.
        target: ParticipantId,
        /// To which, by number from 0.
        breakout: Option<u8>,
    },
    /// Asks for what lets one into a breakout: one's own, or, as a moderator, any.
    EnterBreakout {
        /// Which, by number from 0.
        breakout: u8,
    },
    /// Calls a moderator into the breakout one is in.
    CallHelp,
    /// Lets the breakouts go on for longer.
    ExtendBreakouts {
        /// By how many minutes; from now on where they had no end.
        minutes: u16,
    },
    /// Says something to everyone in all breakouts.
    TellBreakouts {
        /// What.
        text: ChatText,
    },
    /// Calls everyone back from the breakouts.
    CloseBreakouts,
    /// Asks for a secret vote; one at a time.
    OpenVote {
        /// What about.
        question: PollQuestion,
        /// What can be chosen, in words: two to ten.
        choices: Vec<PollChoice>,
        /// How many one may choose.
        most: u8,
        /// Who may take part.
        voters: Voters,
        /// The key that the caller made for it.
        key: VoteKey,
    },
    /// Takes one's ballot in a secret vote; once it is journaled the caller signs.
    TakeBallot {
        /// In which.
        vote: VoteId,
    },
    /// Ends a secret vote: ballots that were given may still arrive for a moment.
    CloseVote {
        /// Which.
        vote: VoteId,
    },
    /// Calls someone something else: oneself, or, as a moderator, another person.
    Rename {
        /// Whom.
        target: ParticipantId,
        /// What to call them.
        name: DisplayName,
    },
    /// Reports another to the operator; nobody in the meeting is told.
    Report {
        /// Whom.
        target: ParticipantId,
        /// Why.
        text: ReportText,
    },
    /// Gives the presenter mark to someone, taking it from whoever has it.
    GivePresenter {
        /// To whom.
        target: ParticipantId,
    },
    /// Takes the presenter mark away: nobody presents until it is given again.
    TakePresenter,
    /// Asks for the presenter mark.
    AskToPresent,
    /// Ends a request for the presenter mark: one's own, or, as a moderator, another's.
    DeclinePresenter {
        /// Whose.
        target: ParticipantId,
    },
    /// Makes a member who takes part a moderator.
    Promote {
        /// Whom.
        target: ParticipantId,
    },
    /// Makes a moderator, perhaps oneself, a participant.
    Demote {
        /// Whom.
        target: ParticipantId,
    },
    /// Closes or reopens something for everyone who is not a moderator.
    SetLock {
        /// What.
        lock: Lock,
        /// Closed (`true`) or open.
        on: bool,
    },
    /// Lifts a lock that is on for one person, or puts it in force for them again.
    SetException {
        /// For whom.
        target: ParticipantId,
        /// Which lock.
        lock: Lock,
        /// Lifted (`true`) or in force.
        on: bool,
    },
    /// Lets someone in who waits in the lobby.
    Admit {
        /// Whom.
        target: ParticipantId,
    },
    /// Lets everyone in who waits in the lobby, first come first, while there are places.
    AdmitAll,
    /// Sends someone away who waits in the lobby; the claims they showed admit them no more.
    Deny {
        /// Whom.
        target: ParticipantId,
    },
    /// Sets how those who come by a guest link are met. Those who wait already
    /// go on waiting unless it is `Accept`.
    SetGuests {
        /// From now on.
        policy: GuestPolicy,
    },
    /// Tells everyone in the lobby something, also those who come later.
    SetLobbyMessage {
        /// What; `None` takes it back.
        text: Option<ChatText>,
    },
    /// Sets whether microphones of those who come from now on start closed.
    SetJoinMuted {
        /// Closed (`true`) or as they wish.
        on: bool,
    },
    /// Removes another from the meeting: the claims they showed admit them no more.
    Remove {
        /// Whom.
        target: ParticipantId,
        /// Whether the same person is refused under any other claim too.
        ban: bool,
    },
    /// Replaces the guest link: claims by the old one admit no newcomer.
    RotateLink,
    /// Puts one person in front of everyone.
    SetSpotlight {
        /// Whom; `None` ends it.
        target: Option<ParticipantId>,
    },
    /// Arranges everyone's pictures; each may arrange their own again.
    ShareLayout {
        /// How; `None` shares no layout any more.
        layout: Option<Layout>,
    },
    /// Has one person take the minutes.
    SetMinuteTaker {
        /// Whom; `None` has nobody take them.
        target: Option<ParticipantId>,
    },
    /// Writes the minutes anew.
    WriteMinutes {
        /// What they say from now on; `None` is nothing.
        text: Option<MinutesText>,
        /// The version it was made from; if there is a newer one, nothing is written.
        over: u32,
    },
    /// Shows the minutes to everyone, or to those alone who write them.
    ReleaseMinutes {
        /// To everyone (`true`) or not.
        on: bool,
    },
    /// Asks who was there, from stay number `from` on.
    ShowAttendance {
        /// The first to be shown, counted from 0.
        from: u32,
    },
    /// Asks what each person did so far, from person number `from` on.
    ShowLearning {
        /// The first to be shown, counted from 0.
        from: u32,
    },
    /// Asks what is counted of oneself.
    ShowOwnLearning,
    /// Marks someone as interpreting into sign language: their picture keeps its quality
    /// where others' give way.
    SetInterpreter {
        /// Whom.
        target: ParticipantId,
        /// Marked (`true`) or not.
        on: bool,
    },
    /// Sets the timer everyone sees, anew and whatever it showed.
    SetTimer {
        /// From what it counts down, one second to a day; `None` counts up.
        span: Option<Span>,
        /// Whether it runs at once, or rests until it is let go on.
        runs: bool,
    },
    /// Brings the timer to rest.
    PauseTimer,
    /// Lets the timer go on.
    ResumeTimer,
    /// Takes the timer away.
    StopTimer,
    /// Picks somebody at random who is here and not away, nobody twice before all had their turn.
    Pick {
        /// Whether moderators may be picked too.
        moderators: bool,
    },
    /// Says of oneself that one is away for a moment, or back. Nothing else changes by it.
    SetAway {
        /// Away (`true`) or back.
        on: bool,
    },
}

impl Command {
    /// Whom it is for or about, if it names somebody.
    pub(crate) const fn target(&self) -> Option<ParticipantId> {
        match self {
            Self::Stop { target, .. }
            | Self::Mute { target }
            | Self::AskToUnmute { target }
            | Self::LowerHand { target }
            | Self::Rename { target, .. }
            | Self::Report { target, .. }
            | Self::AssignBreakout { target, .. }
            | Self::GivePresenter { target }
            | Self::DeclinePresenter { target }
            | Self::Promote { target }
            | Self::Demote { target }
            | Self::SetException { target, .. }
            | Self::Admit { target }
            | Self::Deny { target }
            | Self::Remove { target, .. }
            | Self::SetInterpreter { target, .. } => Some(*target),
            Self::SendChat { to: target, .. }
            | Self::OfferFile { to: target, .. }
            | Self::Typing { to: target }
            | Self::SetCaptionWriter { target, .. }
            | Self::SetSpotlight { target }
            | Self::SetMinuteTaker { target } => *target,
            _ => None,
        }
    }

    /// Overwrites a vote, so that the memory it was in does not tell it.
    pub(crate) fn wipe(&mut self) {
        if let Self::Vote { choices, .. } = self {
            choices.fill(0);
            // Else the compiler sees that nobody reads them again.
            std::hint::black_box(choices);
        }
    }
}
