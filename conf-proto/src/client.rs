//! What a client says.

mod kind;
mod plain;
mod wish;

use std::collections::BTreeMap;

use conf_core::admission::policy::GuestPolicy;
use conf_core::id::{CaptionId, FileId, MeetingId, MessageId, ParticipantId, PollId, VoteId};
use conf_core::policy::lock::Lock;
use conf_core::stage::layout::Layout;
use conf_core::stage::source::Source;
use conf_core::{Language, Reaction};
use serde::{Deserialize, Serialize};

use crate::poll::PollAnswers;
use crate::vote::WantedVote;

pub use wish::{Wish, Wished};

/// One frame from a client: a number of the client's choosing, answered by
/// `done`, `refused`, `welcome` or `answer` with the same number in `re`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ClientMessage {
    /// The client's number for this message; any order, answered once.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub id: u32,
    /// What is asked.
    #[serde(flatten)]
    pub body: ClientBody,
}

/// What a client asks. The first message of a session is `hello`, and only that.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientBody {
    /// Opens the session.
    Hello {
        /// The protocol spoken, [`PROTOCOL`](crate::PROTOCOL).
        protocol: u16,
        /// The join token.
        token: String,
        /// Where an earlier session of this page left off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        resume: Option<Resume>,
        /// The browser's offer, unless the media connection of before is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        offer: Option<Offer>,
    },
    /// A new offer: on the same connection (`fresh: false`) or a new one.
    Offer {
        /// The offer.
        offer: Offer,
    },
    /// What this client would like to see, most wanted first. Replaces all earlier wishes.
    Wish {
        /// At most 64.
        wishes: Vec<Wish>,
    },
    /// Keeps the session alive and measures the way there and back.
    Ping,
    /// Goes for good.
    Leave,
    /// Ends the meeting for all.
    End,
    /// Starts one of one's own sources.
    Publish {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Source"))]
        source: Source,
    },
    /// Stops a source.
    Stop {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Source"))]
        source: Source,
    },
    /// Closes a microphone.
    Mute {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Closes every open microphone but one's own.
    MuteAll {
        /// Whether the presenter is spared.
        but_presenter: bool,
    },
    /// Opens one's own microphone.
    Unmute,
    /// Asks another to open their microphone; nothing opens by it.
    AskToUnmute {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Raises one's own hand.
    RaiseHand,
    /// Lowers a hand.
    LowerHand {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Lowers every hand.
    LowerAllHands,
    /// Shows everyone a sign of one's own for a moment; told as a signal, kept nowhere.
    React {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Reaction"))]
        reaction: Reaction,
    },
    /// Says something.
    Chat {
        /// What; 1 to 2000 characters. `@` and a participant's id names somebody; clients
        /// show the name.
        text: String,
        /// To whom alone; everyone when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
        to: Option<ParticipantId>,
        /// The message of the same conversation it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
        answers: Option<MessageId>,
    },
    /// Says something else in a message of one's own.
    EditChat {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        message: MessageId,
        /// What it says from now on; 1 to 2000 characters.
        text: String,
    },
    /// Takes a message back, or, as a moderator, another's public one away.
    DeleteChat {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        message: MessageId,
    },
    /// Puts a sign to a message, or takes one's own back.
    ReactChat {
        /// To which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        message: MessageId,
        /// Which sign.
        #[cfg_attr(feature = "typescript", ts(type = "Reaction"))]
        reaction: Reaction,
        /// Put or take back.
        on: bool,
    },
    /// Empties the public chat for everyone; files handed to everyone go with it.
    ClearChat,
    /// Asks to send a file; answered by `upload`, after which its bytes go over HTTP. It is
    /// handed on once all of it has arrived.
    OfferFile {
        /// What it is called; 1 to 150 characters. Its ending says what it is.
        name: String,
        /// How long it is.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        bytes: u64,
        /// To whom alone; everyone when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
        to: Option<ParticipantId>,
    },
    /// Asks for a token that opens the files one may see; answered by `file_token`.
    FileToken,
    /// Takes a file back, or, as a moderator, another's public one away.
    DeleteFile {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        file: FileId,
    },
    /// Lets the others know that one writes; told as a signal, kept nowhere.
    Typing {
        /// To whom alone; everyone when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
        to: Option<ParticipantId>,
    },
    /// Shows everyone a message while it is being written; told as a signal, kept nowhere.
    LiveText {
        /// All of it so far, at most 2000 characters; `null` gives it up.
        text: Option<String>,
    },
    /// Has someone write the captions of a language, or nobody; a writer may stop themself.
    SetCaptionWriter {
        /// In which language, a BCP 47 tag.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        language: Language,
        /// Whom; `null` has nobody write.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        target: Option<ParticipantId>,
    },
    /// Shows everyone a line of captions while it is being written.
    DraftCaption {
        /// In which language.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        language: Language,
        /// All of it so far, 1 to 300 characters; `null` gives it up.
        #[serde(default)]
        text: Option<String>,
    },
    /// Asks for lines of the chat before one that is known: the signal `chat` to oneself, before
    /// the `done`.
    ShowChat {
        /// Of the conversation with whom; left out for that of everyone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "string"))]
        with: Option<ParticipantId>,
        /// The line they come before.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        before: MessageId,
    },
    /// Finishes a line of captions.
    WriteCaption {
        /// In which language.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        language: Language,
        /// What was said; 1 to 300 characters.
        text: String,
    },
    /// Corrects one's own last line of captions, for a minute.
    CorrectCaption {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        line: CaptionId,
        /// What it says from now on; 1 to 300 characters.
        text: String,
    },
    /// Asks for all that is kept of the captions in a language: the signal `caption_text` to
    /// oneself, before the `done`.
    SaveCaptions {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        language: Language,
    },
    /// Asks everyone something; one poll at a time.
    StartPoll {
        /// What; 1 to 300 characters.
        question: String,
        /// What can be chosen.
        answers: PollAnswers,
        /// Whether one may choose several.
        several: bool,
        /// Whether nobody learns who chose what.
        #[serde(default)]
        anonymous: bool,
        /// What is right, by number from 0; nothing where it is no quiz.
        #[serde(default)]
        right: Vec<u8>,
    },
    /// Votes in an open poll, or votes differently; an anonymous vote cannot be changed.
    Vote {
        /// In which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// What, by number from 0: one, or several where the poll takes several.
        choices: Vec<u8>,
    },
    /// Answers an open poll in words of one's own, or in others; an anonymous answer cannot be
    /// changed.
    AnswerPoll {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// What one says; 1 to 200 characters.
        text: String,
    },
    /// Takes no more votes in a poll: one's own, or, as a moderator, another's.
    ClosePoll {
        /// In which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
    },
    /// Shows everyone what came of a closed poll: one's own, or, as a moderator, another's.
    PublishPoll {
        /// Of which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
    },
    /// Takes what came of a poll from in front of everyone: one's own, or, as a moderator,
    /// another's. It stays to be read.
    PutPollAway {
        /// Of which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
    },
    /// Forgets a closed poll, published or not: one's own, or, as a moderator, another's.
    WithdrawPoll {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
    },
    /// Divides the meeting into breakouts.
    OpenBreakouts {
        /// Two to twenty.
        breakouts: Vec<crate::breakout::PlannedBreakout>,
        /// Whether everyone chooses for themself.
        choice: bool,
        /// After how many minutes they close by themselves; 1 to 1440, `null` for never.
        minutes: Option<u16>,
    },
    /// Has someone belong to another breakout: oneself where everyone chooses, or anyone.
    AssignBreakout {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// To which, by number from 0; `null` for none.
        breakout: Option<u8>,
    },
    /// Asks for what lets one into a breakout. Answered by `breakout_pass`.
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
        /// What; 1 to 2000 characters.
        text: String,
    },
    /// Calls everyone back from the breakouts.
    CloseBreakouts,
    /// Begins a secret vote; one at a time.
    OpenVote(WantedVote),
    /// Takes one's ballot in a secret vote; answered by `ballot`, to the same once more alike.
    TakeBallot {
        /// In which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        vote: VoteId,
        /// What is to be signed, blinded: as many bytes as the key has, in Base64.
        blinded: String,
    },
    /// Ends a secret vote: ballots that were given may still arrive for a moment.
    CloseVote {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        vote: VoteId,
    },
    /// Calls someone something else: oneself, or, as a moderator, another person.
    Rename {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// What to call them; 1 to 64 characters.
        name: String,
    },
    /// Reports another to the operator; nobody in the meeting is told.
    Report {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// Why; 1 to 500 characters.
        text: String,
    },
    /// Gives the presenter mark.
    GivePresenter {
        /// To whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Takes the presenter mark away: nobody presents.
    TakePresenter,
    /// Asks for the presenter mark.
    AskToPresent,
    /// Ends a request for the presenter mark: one's own, or, as a moderator, another's.
    DeclinePresenter {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Makes a member a moderator.
    Promote {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Makes a moderator a participant.
    Demote {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Lifts a lock that is on for one person, or puts it in force for them again.
    SetException {
        /// For whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// Which lock.
        #[cfg_attr(feature = "typescript", ts(type = "Lock"))]
        lock: Lock,
        /// Lifted or in force.
        on: bool,
    },
    /// Sets or releases a lock.
    SetLock {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Lock"))]
        lock: Lock,
        /// Closed or open.
        on: bool,
    },
    /// Lets someone in who waits in the lobby.
    Admit {
        /// Whom, by the id in the lobby's list.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Lets everyone in who waits in the lobby.
    AdmitAll,
    /// Sends someone away who waits in the lobby.
    Deny {
        /// Whom, by the id in the lobby's list.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
    },
    /// Sets what happens to those who come by a guest link.
    SetGuests {
        /// From now on; those who wait already go on waiting unless it is `accept`.
        #[cfg_attr(feature = "typescript", ts(type = "GuestPolicy"))]
        policy: GuestPolicy,
    },
    /// Tells everyone in the lobby something, also those who come later; `null` takes it back.
    SetLobbyMessage {
        /// What; 1 to 2000 characters.
        #[serde(default)]
        text: Option<String>,
    },
    /// Whether microphones of those who come from now on start closed.
    SetJoinMuted {
        /// Closed or as they wish.
        on: bool,
    },
    /// Removes someone from the meeting: the claim they hold admits them no more.
    Remove {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// Whether the same person is refused under any other claim too.
        ban: bool,
    },
    /// Replaces the room's guest link; the old one admits nobody from now on.
    /// Answered by `guest_link`.
    RotateLink,
    /// Puts one person in front of everyone, or ends that.
    Spotlight {
        /// Whom; `null` ends it.
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        target: Option<ParticipantId>,
    },
    /// Arranges everyone's pictures; each may arrange their own again.
    ShareLayout {
        /// How; `null` shares no layout any more.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(type = "Layout | null"))]
        layout: Option<Layout>,
    },
    /// Has one person take the minutes, or nobody.
    SetMinuteTaker {
        /// Whom; `null` for nobody.
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        target: Option<ParticipantId>,
    },
    /// Writes the minutes anew: who takes them, and moderators.
    WriteMinutes {
        /// What they say from now on, at most 50,000 characters; blank is nothing.
        text: String,
        /// The version it was made from.
        over: u32,
    },
    /// Shows the minutes to everyone, or to those alone who write them. Moderators.
    ReleaseMinutes {
        /// To everyone (`true`) or not.
        on: bool,
    },
    /// Asks who was there, from stay number `from` on: as many as fit come as a signal. Moderators.
    ShowAttendance {
        /// The first to be shown, counted from 0.
        from: u32,
    },
    /// Asks what each person did so far, from person number `from` on: as many as fit come as a
    /// signal. Moderators.
    ShowLearning {
        /// The first to be shown, counted from 0.
        from: u32,
    },
    /// Asks what is counted of oneself: it comes as a signal, and is what moderators are shown.
    ShowOwnLearning,
    /// Marks someone as a sign-language interpreter, or no longer.
    SetInterpreter {
        /// Whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        target: ParticipantId,
        /// Marked or not.
        on: bool,
    },
    /// Sets the timer everyone sees, anew and whatever it showed.
    SetTimer {
        /// From how many milliseconds it counts down, one second to a day; `null` counts up.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
        span: Option<u64>,
        /// Whether it runs at once.
        runs: bool,
    },
    /// Brings the timer to rest.
    PauseTimer,
    /// Lets the timer go on.
    ResumeTimer,
    /// Takes the timer away.
    StopTimer,
    /// Picks somebody at random, nobody twice before all had their turn.
    Pick {
        /// Whether moderators may be picked too.
        moderators: bool,
    },
    /// Says of oneself that one is away for a moment, or back.
    SetAway {
        /// Away or back.
        on: bool,
    },
}

/// Where an earlier session left off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Resume {
    /// The meeting it was in.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub meeting: MeetingId,
    /// The last number it saw.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

/// A WebRTC offer with what its lines mean.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Offer {
    /// Counts the offers of one connection from 1; the last one wins.
    pub number: u32,
    /// Whether this is a new peer connection that replaces any earlier one.
    pub fresh: bool,
    /// The session description, at most 200 kB.
    pub sdp: String,
    /// Which sending line (by its `a=mid`) carries which source. Receiving
    /// lines are slots and need no entry.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, Source>"))]
    pub sources: BTreeMap<String, Source>,
}

// Tokens, chat and descriptions (with their addresses) never reach a log by accident.
impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer")
            .field("number", &self.number)
            .field("fresh", &self.fresh)
            .field("sdp", &format_args!("{} bytes", self.sdp.len()))
            .field("sources", &self.sources)
            .finish()
    }
}

impl std::fmt::Debug for ClientBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
