//! Why a command changed nothing.

use crate::policy::action::Action;
use crate::policy::lock::Lock;
use crate::policy::role::Role;
use crate::stage::source::Source;

/// A refusal: a normal answer, with a stable code for the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The table does not allow it for this role.
    #[error("{action:?} is not allowed for {role:?}")]
    NotAllowed {
        /// What was asked.
        action: Action,
        /// What the asker is.
        role: Role,
    },
    /// A moderator closed this for everyone.
    #[error("{action:?} is refused while the {lock:?} lock is on")]
    Locked {
        /// What was asked.
        action: Action,
        /// The lock in force.
        lock: Lock,
    },
    /// The lock named keeps nothing from the one named: it is off, or never theirs.
    #[error("the {lock:?} lock keeps nothing from the one named")]
    NotLocked {
        /// The lock named.
        lock: Lock,
    },
    /// The one named came by a guest link; only members are made moderators.
    #[error("a guest is not made a moderator, expected a member")]
    GuestNotPromoted,
    /// No other moderator is connected, so the asker goes on being one.
    #[error("the last connected moderator goes on being one")]
    LastModerator,
    /// The asker's claim does not include this source.
    #[error("the claim does not allow publishing {found:?}")]
    SourceNotClaimed {
        /// What was asked for.
        found: Source,
    },
    /// The asker, or the one named, is not in the meeting.
    #[error("no such participant in this meeting")]
    NoSuchParticipant,
    /// The source named is not being sent.
    #[error("{found:?} is not published")]
    NotPublished {
        /// The source named.
        found: Source,
    },
    /// Someone else shares a screen; one at a time.
    #[error("a screen is already being shared")]
    ScreenTaken,
    /// The claim is for another room, another tenant, or has expired.
    #[error("the claim does not admit to this meeting: {reason}")]
    ClaimRefused {
        /// Which part does not fit: `room`, `tenant`, `expired`, or `session`
        /// when the session already speaks for somebody else.
        reason: &'static str,
    },
    /// The meeting is full.
    #[error("the meeting is full: {max} places")]
    Full {
        /// Most participants.
        max: u32,
    },
    /// Too many messages or signals in a short time.
    #[error("more than {max} messages within ten seconds")]
    TooFast {
        /// Most of them.
        max: u32,
    },
    /// The message named is not kept, was deleted, is of another conversation,
    /// or is none the asker may see: which of these is not said.
    #[error("no such message in this conversation")]
    NoSuchMessage,
    /// The one named cannot be written to: oneself, or a machine.
    #[error("the one named takes no private messages")]
    NotWritable,
    /// The message has all the reactions it takes.
    #[error("a message takes {max} reactions")]
    TooManyReactions {
        /// Most reactions.
        max: u32,
    },
    /// The file's type, by its name, is none that is taken here.
    #[error("files of this type are not taken here")]
    FileType,
    /// The file has nothing in it.
    #[error("the file is empty")]
    FileEmpty,
    /// The file is too long.
    #[error("a file has at most {max} bytes")]
    FileTooLarge {
        /// Most bytes.
        max: u64,
    },
    /// The files of the meeting would be too long together.
    #[error("the files of a meeting have at most {max} bytes together")]
    FilesFull {
        /// Most bytes.
        max: u64,
    },
    /// The meeting has all the files it takes.
    #[error("a meeting takes {max} files")]
    TooManyFiles {
        /// Most files.
        max: u32,
    },
    /// Too many files are on their way, the asker's or all together.
    #[error("{max} files are on their way already")]
    UploadsRunning {
        /// Most at a time.
        max: u32,
    },
    /// The file named is not kept, was never granted, or is none the asker may see: which
    /// of these is not said.
    #[error("no such file")]
    NoSuchFile,
    /// The minutes were written anew meanwhile, by somebody else.
    #[error("the minutes were written anew meanwhile")]
    MinutesChanged,
    /// The minutes were written a moment ago.
    #[error("the minutes were written a moment ago")]
    MinutesTooSoon,
    /// The room does not have it kept who was there.
    #[error("attendance is not kept in this room")]
    AttendanceOff,
    /// The room does not have it counted what people do.
    #[error("the learning view is off in this room")]
    LearningOff,
    /// Nothing is counted of the asker: more came than are counted, or they were erased.
    #[error("there are no figures of the one who asks")]
    NotCounted,
    /// The line of captions named is not kept, or not the asker's.
    #[error("no such line of captions")]
    NoSuchCaption,
    /// The line of captions is not the last any more, too old, or corrected often enough.
    #[error("the line of captions is not corrected any more")]
    CaptionFinal,
    /// Captions are written in all the languages they can be.
    #[error("captions are written in {max} languages at a time")]
    TooManyLanguages {
        /// Most languages.
        max: u32,
    },
    /// No such poll is kept.
    #[error("no such poll")]
    NoSuchPoll,
    /// A poll is open: another is not started, and nothing is made of this one yet.
    #[error("a poll is open")]
    PollOpen,
    /// The poll takes no more votes.
    #[error("the poll takes no more votes")]
    PollClosed,
    /// An anonymous vote cannot be changed, because nobody knows which one it was.
    #[error("the asker has voted, and an anonymous vote cannot be changed")]
    VoteCast,
    /// Nothing was chosen, more than one may, or what there is not.
    #[error("the vote does not fit the poll's choices")]
    BadVote,
    /// What is to be right in a quiz is not among its choices.
    #[error("what is right is not among the quiz's choices")]
    BadPollKey,
    /// Too few choices for a poll, or too many.
    #[error("a poll has 2 to {max} choices")]
    PollChoices {
        /// Most choices.
        max: u32,
    },
    /// The poll has all the words it takes.
    #[error("a poll takes no more text")]
    PollTextsFull,
    /// The poll has all the votes it takes.
    #[error("a poll takes {max} votes")]
    PollFull {
        /// Most votes.
        max: u32,
    },
    /// The timer counts down from one second to a day.
    #[error("a timer counts down from one second to a day")]
    TimerSpan,
    /// There is no timer.
    #[error("there is no timer")]
    NoTimer,
    /// Nobody is here who could be picked.
    #[error("nobody is here who could be picked")]
    NobodyToPick,
    /// Breakouts are open: others are not opened.
    #[error("breakouts are open")]
    BreakoutsOpen,
    /// No breakouts are open.
    #[error("no breakouts are open")]
    NoBreakouts,
    /// There is no breakout of this number.
    #[error("no such breakout")]
    NoSuchBreakout,
    /// Too few breakouts, or too many.
    #[error("there are 2 to {max} breakouts")]
    BreakoutCount {
        /// Most breakouts.
        max: u32,
    },
    /// No time at all, or more than there is.
    #[error("breakouts go on for 1 to {max} minutes")]
    BreakoutMinutes {
        /// Most minutes at a time.
        max: u32,
    },
    /// Moderators say who belongs to which breakout.
    #[error("who belongs to which breakout is not for everyone to choose")]
    NoChoice,
    /// The breakout is not the asker's, or they are in none.
    #[error("the asker does not belong to this breakout")]
    NotTheirBreakout,
    /// The asker is in a breakout, and is seen and heard there.
    #[error("the asker is in a breakout")]
    Elsewhere,
    /// This meeting is a breakout, which has neither breakouts nor a guest link of its own.
    #[error("a breakout has no breakouts and no guest link")]
    InBreakout,
    /// No such secret vote is kept.
    #[error("no such vote")]
    NoSuchVote,
    /// A secret vote is not over: another is not begun.
    #[error("a vote is not over")]
    VoteOpen,
    /// The vote gives no more ballots, or takes no more.
    #[error("the vote is over")]
    VoteOver,
    /// Too few choices for a vote, too many, or more to be chosen than there are.
    #[error("a vote has 2 to {max} choices, and as many at most are chosen")]
    VoteChoices {
        /// Most choices.
        max: u32,
    },
    /// Nobody is here who might take part in the vote.
    #[error("nobody here may take part in the vote")]
    NoVoters,
    /// The asker may not take part in the vote.
    #[error("the asker may not take part in the vote")]
    NotEntitled,
    /// The asker was given a ballot before.
    #[error("the asker was given a ballot before")]
    BallotGiven,
    /// The ballot says what cannot be chosen, or was never given.
    #[error("the ballot does not fit the vote")]
    BadBallot,
    /// A ballot with this number came before, and said something else.
    #[error("a ballot with this number was cast before")]
    BallotCast,
    /// The one named was asked a moment ago.
    #[error("the one named was asked a moment ago")]
    AskedAlready,
    /// The link of the one named is lost just now.
    #[error("the one named is not connected")]
    NotConnected,
    /// The one named is a machine, which cannot be asked, renamed or given a part in the meeting.
    #[error("the one named is a service, expected a person")]
    NotAPerson,
    /// The one named cannot be given the presenter mark.
    #[error("a {role:?} cannot hold the presenter mark")]
    CannotPresent {
        /// What the one named is.
        role: Role,
    },
    /// The asker waits in the lobby; from there one can only leave.
    #[error("the asker waits in the lobby")]
    Waiting,
    /// Guests are not let in.
    #[error("guests are not let in")]
    GuestsRefused,
    /// The lobby is full.
    #[error("the lobby is full: {max} places")]
    LobbyFull {
        /// Most who wait.
        max: u32,
    },
    /// A moderator removed the holder of the claim.
    #[error("the holder of the claim was removed from this meeting")]
    Removed,
    /// A moderator did not let the holder of the claim in.
    #[error("the holder of the claim was not let in")]
    NotLetIn,
    /// The guest link the claim came by was replaced.
    #[error("the guest link of the claim was replaced")]
    LinkReplaced,
    /// The meeting is over.
    #[error("the meeting has ended")]
    Ended,
}

impl Denied {
    /// The stable code clients localise.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "not_allowed",
            Self::Locked { lock: Lock::Entry, .. } => "room_locked",
            Self::Locked { .. } => "locked",
            Self::NotLocked { .. } => "not_locked",
            Self::GuestNotPromoted => "guest_not_promoted",
            Self::LastModerator => "last_moderator",
            Self::SourceNotClaimed { .. } => "source_not_claimed",
            Self::NoSuchParticipant => "no_such_participant",
            Self::NotPublished { .. } => "not_published",
            Self::ScreenTaken => "screen_taken",
            Self::ClaimRefused { .. } => "claim_refused",
            Self::Full { .. } => "full",
            Self::TooFast { .. } => "too_fast",
            Self::NoSuchMessage => "no_such_message",
            Self::NotWritable => "not_writable",
            Self::TooManyReactions { .. } => "too_many_reactions",
            Self::FileType => "file_type",
            Self::FileEmpty => "file_empty",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::FilesFull { .. } => "files_full",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::UploadsRunning { .. } => "uploads_running",
            Self::NoSuchFile => "no_such_file",
            Self::MinutesChanged => "minutes_changed",
            Self::MinutesTooSoon => "minutes_too_soon",
            Self::AttendanceOff => "attendance_off",
            Self::LearningOff => "learning_off",
            Self::NotCounted => "not_counted",
            Self::NoSuchCaption => "no_such_caption",
            Self::CaptionFinal => "caption_final",
            Self::TooManyLanguages { .. } => "too_many_languages",
            Self::NoSuchPoll => "no_such_poll",
            Self::PollOpen => "poll_open",
            Self::PollClosed => "poll_closed",
            Self::VoteCast => "vote_cast",
            Self::BadVote => "bad_vote",
            Self::BadPollKey => "bad_poll_key",
            Self::PollChoices { .. } => "poll_choices",
            Self::PollTextsFull => "poll_texts_full",
            Self::PollFull { .. } => "poll_full",
            Self::TimerSpan => "timer_span",
            Self::NoTimer => "no_timer",
            Self::NobodyToPick => "nobody_to_pick",
            Self::BreakoutsOpen => "breakouts_open",
            Self::NoBreakouts => "no_breakouts",
            Self::NoSuchBreakout => "no_such_breakout",
            Self::BreakoutCount { .. } => "breakout_count",
            Self::BreakoutMinutes { .. } => "breakout_minutes",
            Self::NoChoice => "no_choice",
            Self::NotTheirBreakout => "not_their_breakout",
            Self::Elsewhere => "elsewhere",
            Self::InBreakout => "in_breakout",
            Self::NoSuchVote => "no_such_vote",
            Self::VoteOpen => "vote_open",
            Self::VoteOver => "vote_over",
            Self::VoteChoices { .. } => "vote_choices",
            Self::NoVoters => "no_voters",
            Self::NotEntitled => "not_entitled",
            Self::BallotGiven => "ballot_given",
            Self::BadBallot => "bad_ballot",
            Self::BallotCast => "ballot_cast",
            Self::AskedAlready => "asked_already",
            Self::NotConnected => "not_there",
            Self::NotAPerson => "not_a_person",
            Self::CannotPresent { .. } => "cannot_present",
            Self::Waiting => "waiting",
            Self::GuestsRefused => "guests_refused",
            Self::LobbyFull { .. } => "lobby_full",
            Self::Removed => "removed",
            Self::NotLetIn => "denied",
            Self::LinkReplaced => "link_replaced",
            Self::Ended => "ended",
        }
    }
}
