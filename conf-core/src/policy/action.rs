//! Every guarded action. A command maps to exactly one; coming in has one too.

use crate::id::ParticipantId;
use crate::input::Command;
use crate::stage::source::Source;

/// What can be allowed or refused. A closed set: the table has a row for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Action {
    /// Leave for good.
    Leave,
    /// End the meeting for all.
    End,
    /// Publish one's own microphone.
    PublishMicrophone,
    /// Publish one's own camera.
    PublishCamera,
    /// Publish one's own screen.
    PublishScreen,
    /// Publish the sound of one's own screen.
    PublishScreenAudio,
    /// Stop one's own source.
    StopOwn,
    /// Stop another's camera.
    StopCameraOfOther,
    /// Stop another's screen or its sound.
    StopScreenOfOther,
    /// Stop another's microphone for good. Nobody may: muting keeps it theirs.
    StopMicrophoneOfOther,
    /// Close one's own microphone.
    MuteSelf,
    /// Close another's microphone.
    MuteOther,
    /// Close every other microphone.
    MuteAll,
    /// Open one's own microphone.
    UnmuteSelf,
    /// Ask another to open their microphone.
    AskToUnmute,
    /// Raise one's own hand.
    RaiseHand,
    /// Lower one's own hand.
    LowerOwnHand,
    /// Lower another's hand.
    LowerHandOfOther,
    /// Lower every hand.
    LowerAllHands,
    /// Show everyone a sign for a moment.
    React,
    /// Write in the public chat.
    SendChat,
    /// Call oneself something else.
    RenameSelf,
    /// Call another something else.
    RenameOther,
    /// Report oneself to the operator. Nobody may: there is nothing to report.
    ReportSelf,
    /// Report another to the operator.
    ReportOther,
    /// Write to one person privately, or change or react to what stands there.
    SendPrivateChat,
    /// The same, to a moderator.
    SendPrivateChatToModerator,
    /// Change what one said in the public chat.
    EditOwnChat,
    /// Change what another said. Nobody may: words are one's own.
    EditChatOfOther,
    /// Take back what one said, publicly or privately.
    DeleteOwnChat,
    /// Take away what another said in the public chat.
    DeleteChatOfOther,
    /// Take away what another said privately. Nobody may: it is between the two.
    DeletePrivateChatOfOther,
    /// Put a sign to a public message, or take one's own back.
    ReactChat,
    /// Empty the public chat.
    ClearChat,
    /// Read what was written before what one has of the chat.
    ShowChat,
    /// Have someone write the captions of a language, or nobody.
    SetCaptionWriter,
    /// No longer write the captions of a language.
    GiveUpCaptions,
    /// Write captions in a language one was asked to write in.
    WriteCaption,
    /// Write captions where another was asked to, or nobody. Nobody may: what stands under
    /// the picture is read as what was said.
    WriteCaptionUnasked,
    /// Take the text of the captions along.
    SaveCaptions,
    /// Hand on a file, to everyone or to one.
    ShareFile,
    /// Take back a file one handed on.
    DeleteOwnFile,
    /// Take away a file another handed to everyone.
    DeleteFileOfOther,
    /// Take away a file another handed to one. Nobody may: it is between the two.
    DeletePrivateFileOfOther,
    /// Ask everyone something.
    StartPoll,
    /// Vote in a poll.
    Vote,
    /// Take no more votes in a poll one started.
    CloseOwnPoll,
    /// Take no more votes in another's poll.
    ClosePollOfOther,
    /// Publish or withdraw what came of a poll one started.
    PublishOwnPoll,
    /// Publish or withdraw what came of another's poll.
    PublishPollOfOther,
    /// Divide the meeting into breakouts.
    OpenBreakouts,
    /// Have another belong to a breakout.
    AssignBreakout,
    /// Belong to another breakout.
    ChooseBreakout,
    /// Go into a breakout.
    EnterBreakout,
    /// Call a moderator into a breakout.
    CallHelp,
    /// Let breakouts go on for longer.
    ExtendBreakouts,
    /// Say something to all breakouts.
    TellBreakouts,
    /// Call everyone back from the breakouts.
    CloseBreakouts,
    /// Begin a secret vote.
    OpenVote,
    /// Take one's ballot in a secret vote one may take part in.
    TakeBallot,
    /// End a secret vote.
    CloseVote,
    /// Move the presenter mark.
    GivePresenter,
    /// Take the presenter mark away.
    TakePresenter,
    /// Ask for the presenter mark.
    AskToPresent,
    /// No longer ask for the presenter mark.
    WithdrawAsk,
    /// Decline another's request for the presenter mark.
    DeclineAsk,
    /// Make another a moderator.
    Promote,
    /// Make a moderator a participant.
    Demote,
    /// Set or release a lock.
    SetLock,
    /// Lift a lock for one person, or put it in force for them again.
    SetException,
    /// Come in as someone new. No command: a claim asks for it.
    Enter,
    /// Let one in who waits in the lobby.
    Admit,
    /// Let everyone in who waits in the lobby.
    AdmitAll,
    /// Send one away who waits in the lobby.
    Deny,
    /// Set how guests are met.
    SetGuests,
    /// Set what those in the lobby are told.
    SetLobbyMessage,
    /// Set whether microphones of newcomers start closed.
    SetJoinMuted,
    /// Remove oneself. Nobody may: that is leaving.
    RemoveSelf,
    /// Remove another, moderators and machines included.
    RemoveOther,
    /// Replace the guest link.
    RotateLink,
    /// Put one person in front of everyone, or nobody.
    SetSpotlight,
    /// Arrange everyone's pictures, or no longer.
    ShareLayout,
    /// Have someone take the minutes, or nobody.
    SetMinuteTaker,
    /// Write the minutes as who takes them.
    TakeMinutes,
    /// Write the minutes that somebody else takes, or nobody.
    AmendMinutes,
    /// Show the minutes to everyone, or no longer.
    ReleaseMinutes,
    /// Read who was there from when to when.
    ShowAttendance,
    /// Read what each person did.
    ShowLearning,
    /// Read what is counted of oneself.
    ShowOwnLearning,
    /// Mark someone as a sign-language interpreter, or no longer.
    SetInterpreter,
    /// Set, pause, go on with or stop the timer.
    RunTimer,
    /// Pick somebody at random.
    Pick,
    /// Say of oneself that one is away for a moment, or back.
    SetAway,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: &[Self] = &[
        Self::Leave,
        Self::End,
        Self::PublishMicrophone,
        Self::PublishCamera,
        Self::PublishScreen,
        Self::PublishScreenAudio,
        Self::StopOwn,
        Self::StopCameraOfOther,
        Self::StopScreenOfOther,
        Self::StopMicrophoneOfOther,
        Self::MuteSelf,
        Self::MuteOther,
        Self::MuteAll,
        Self::UnmuteSelf,
        Self::AskToUnmute,
        Self::RaiseHand,
        Self::LowerOwnHand,
        Self::LowerHandOfOther,
        Self::LowerAllHands,
        Self::React,
        Self::SendChat,
        Self::RenameSelf,
        Self::RenameOther,
        Self::ReportSelf,
        Self::ReportOther,
        Self::SendPrivateChat,
        Self::SendPrivateChatToModerator,
        Self::EditOwnChat,
        Self::EditChatOfOther,
        Self::DeleteOwnChat,
        Self::DeleteChatOfOther,
        Self::DeletePrivateChatOfOther,
        Self::ReactChat,
        Self::ClearChat,
        Self::ShowChat,
        Self::SetCaptionWriter,
        Self::GiveUpCaptions,
        Self::WriteCaption,
        Self::WriteCaptionUnasked,
        Self::SaveCaptions,
        Self::ShareFile,
        Self::DeleteOwnFile,
        Self::DeleteFileOfOther,
        Self::DeletePrivateFileOfOther,
        Self::StartPoll,
        Self::Vote,
        Self::CloseOwnPoll,
        Self::ClosePollOfOther,
        Self::PublishOwnPoll,
        Self::PublishPollOfOther,
        Self::OpenBreakouts,
        Self::AssignBreakout,
        Self::ChooseBreakout,
        Self::EnterBreakout,
        Self::CallHelp,
        Self::ExtendBreakouts,
        Self::TellBreakouts,
        Self::CloseBreakouts,
        Self::OpenVote,
        Self::TakeBallot,
        Self::CloseVote,
        Self::GivePresenter,
        Self::TakePresenter,
        Self::AskToPresent,
        Self::WithdrawAsk,
        Self::DeclineAsk,
        Self::Promote,
        Self::Demote,
        Self::SetLock,
        Self::SetException,
        Self::Enter,
        Self::Admit,
        Self::AdmitAll,
        Self::Deny,
        Self::SetGuests,
        Self::SetLobbyMessage,
        Self::SetJoinMuted,
        Self::RemoveSelf,
        Self::RemoveOther,
        Self::RotateLink,
        Self::SetSpotlight,
        Self::ShareLayout,
        Self::SetMinuteTaker,
        Self::TakeMinutes,
        Self::AmendMinutes,
        Self::ReleaseMinutes,
        Self::ShowAttendance,
        Self::ShowLearning,
        Self::ShowOwnLearning,
        Self::SetInterpreter,
        Self::RunTimer,
        Self::Pick,
        Self::SetAway,
    ];

    /// What `command` amounts to when `from` asks for it, as far as the command tells.
    ///
    /// Whose a message, file or poll is, who writes captions and who is a moderator only the meeting knows:
    /// [`Meeting::action_of`](crate::Meeting::action_of) says it in full.
    #[must_use]
    pub fn of(command: &Command, from: ParticipantId) -> Self {
        match command {
            Command::Leave => Self::Leave,
            Command::End => Self::End,
            Command::Publish { source } => match source {
                Source::Microphone => Self::PublishMicrophone,
                Source::Camera => Self::PublishCamera,
                Source::Screen => Self::PublishScreen,
                Source::ScreenAudio => Self::PublishScreenAudio,
            },
            Command::Stop { target, .. } if *target == from => Self::StopOwn,
            Command::Stop { source, .. } => match source {
                Source::Microphone => Self::StopMicrophoneOfOther,
                Source::Camera => Self::StopCameraOfOther,
                Source::Screen | Source::ScreenAudio => Self::StopScreenOfOther,
            },
            Command::Mute { target } if *target == from => Self::MuteSelf,
            Command::Mute { .. } => Self::MuteOther,
            Command::MuteAll { .. } => Self::MuteAll,
            Command::Unmute => Self::UnmuteSelf,
            Command::AskToUnmute { .. } => Self::AskToUnmute,
            Command::RaiseHand => Self::RaiseHand,
            Command::LowerHand { target } if *target == from => Self::LowerOwnHand,
            Command::LowerHand { .. } => Self::LowerHandOfOther,
            Command::LowerAllHands => Self::LowerAllHands,
            Command::React { .. } => Self::React,
            Command::Rename { target, .. } if *target == from => Self::RenameSelf,
            Command::Rename { .. } => Self::RenameOther,
            Command::Report { target, .. } if *target == from => Self::ReportSelf,
            Command::Report { .. } => Self::ReportOther,
            // To show that one writes is to write.
            Command::SendChat { to: None, .. }
            | Command::Typing { to: None }
            | Command::LiveText { .. } => Self::SendChat,
            Command::SendChat { to: Some(_), .. } | Command::Typing { to: Some(_) } => {
                Self::SendPrivateChat
            }
            Command::EditChat { .. } => Self::EditOwnChat,
            Command::DeleteChat { .. } => Self::DeleteOwnChat,
            Command::ReactChat { .. } => Self::ReactChat,
            Command::ClearChat => Self::ClearChat,
            Command::ShowChat { .. } => Self::ShowChat,
            Command::SetCaptionWriter { .. } => Self::SetCaptionWriter,
            Command::DraftCaption { .. }
            | Command::WriteCaption { .. }
            | Command::CorrectCaption { .. } => Self::WriteCaption,
            Command::SaveCaptions { .. } => Self::SaveCaptions,
            Command::OfferFile { .. } | Command::ShareFile { .. } => Self::ShareFile,
            Command::DeleteFile { .. } => Self::DeleteOwnFile,
            Command::StartPoll { .. } => Self::StartPoll,
            Command::Vote { .. } | Command::AnswerPoll { .. } => Self::Vote,
            Command::ClosePoll { .. } => Self::CloseOwnPoll,
            Command::PublishPoll { .. }
            | Command::PutPollAway { .. }
            | Command::WithdrawPoll { .. } => Self::PublishOwnPoll,
            Command::OpenBreakouts { .. } => Self::OpenBreakouts,
            Command::AssignBreakout { target, .. } if *target == from => Self::ChooseBreakout,
            Command::AssignBreakout { .. } => Self::AssignBreakout,
            Command::EnterBreakout { .. } => Self::EnterBreakout,
            Command::CallHelp => Self::CallHelp,
            Command::ExtendBreakouts { .. } => Self::ExtendBreakouts,
            Command::TellBreakouts { .. } => Self::TellBreakouts,
            Command::CloseBreakouts => Self::CloseBreakouts,
            Command::OpenVote { .. } => Self::OpenVote,
            Command::TakeBallot { .. } => Self::TakeBallot,
            Command::CloseVote { .. } => Self::CloseVote,
            Command::GivePresenter { .. } => Self::GivePresenter,
            Command::TakePresenter => Self::TakePresenter,
            Command::AskToPresent => Self::AskToPresent,
            Command::DeclinePresenter { target } if *target == from => Self::WithdrawAsk,
            Command::DeclinePresenter { .. } => Self::DeclineAsk,
            Command::Promote { .. } => Self::Promote,
            Command::Demote { .. } => Self::Demote,
            Command::SetLock { .. } => Self::SetLock,
            Command::SetException { .. } => Self::SetException,
            Command::Admit { .. } => Self::Admit,
            Command::AdmitAll => Self::AdmitAll,
            Command::Deny { .. } => Self::Deny,
            Command::SetGuests { .. } => Self::SetGuests,
            Command::SetLobbyMessage { .. } => Self::SetLobbyMessage,
            Command::SetJoinMuted { .. } => Self::SetJoinMuted,
            Command::Remove { target, .. } if *target == from => Self::RemoveSelf,
            Command::Remove { .. } => Self::RemoveOther,
            Command::RotateLink => Self::RotateLink,
            Command::SetSpotlight { .. } => Self::SetSpotlight,
            Command::ShareLayout { .. } => Self::ShareLayout,
            Command::SetMinuteTaker { .. } => Self::SetMinuteTaker,
            Command::WriteMinutes { .. } => Self::AmendMinutes,
            Command::ReleaseMinutes { .. } => Self::ReleaseMinutes,
            Command::ShowAttendance { .. } => Self::ShowAttendance,
            Command::ShowLearning { .. } => Self::ShowLearning,
            Command::ShowOwnLearning => Self::ShowOwnLearning,
            Command::SetInterpreter { .. } => Self::SetInterpreter,
            Command::SetTimer { .. }
            | Command::PauseTimer
            | Command::ResumeTimer
            | Command::StopTimer => Self::RunTimer,
            Command::Pick { .. } => Self::Pick,
            Command::SetAway { .. } => Self::SetAway,
        }
    }
}
