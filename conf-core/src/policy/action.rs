//! Every guarded action. A command maps to exactly one.

/// What can be allowed or refused. A closed set: the table has a row for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
}
