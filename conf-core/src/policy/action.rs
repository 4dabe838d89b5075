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
    /// Write in the public chat.
    SendChat,
    /// Move the presenter mark.
    GivePresenter,
    /// Set or release a lock.
    SetLock,
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
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 31] = [
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
        Self::UnmuteSelf,
        Self::AskToUnmute,
        Self::RaiseHand,
        Self::LowerOwnHand,
        Self::LowerHandOfOther,
        Self::SendChat,
        Self::GivePresenter,
        Self::SetLock,
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
    ];

    /// What `command` amounts to when `from` asks for it.
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
            Command::Unmute => Self::UnmuteSelf,
            Command::AskToUnmute { .. } => Self::AskToUnmute,
            Command::RaiseHand => Self::RaiseHand,
            Command::LowerHand { target } if *target == from => Self::LowerOwnHand,
            Command::LowerHand { .. } => Self::LowerHandOfOther,
            Command::SendChat { .. } => Self::SendChat,
            Command::GivePresenter { .. } => Self::GivePresenter,
            Command::SetLock { .. } => Self::SetLock,
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
        }
    }
}
