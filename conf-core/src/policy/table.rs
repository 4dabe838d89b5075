//! The table itself: for each action, who may, and which lock takes it away.
//!
//! Reviewers read it printed cell by cell in `tests/permissions.txt`.

use crate::policy::action::Action::{self, *};
use crate::policy::lock::Lock;
use crate::policy::role::{Role, Standing};

/// One action's line in the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    action: Action,
    /// Moderator member, moderator guest, participant member, participant
    /// guest, service member, service guest.
    by_role: [bool; 6],
    /// Whether a participant (never a service) may because of the presenter mark.
    by_mark: bool,
    /// The lock that takes it from everyone who is not a moderator.
    pub(crate) lock: Option<Lock>,
}

impl Row {
    /// Whether this role may, locks aside.
    pub(crate) const fn allows(&self, role: Role, standing: Standing, presenter: bool) -> bool {
        let first = match role {
            Role::Moderator => 0,
            Role::Participant => 2,
            Role::Service => 4,
        };
        let cell = match standing {
            Standing::Member => first,
            Standing::Guest => first + 1,
        };
        self.by_role[cell] || (self.by_mark && presenter && matches!(role, Role::Participant))
    }
}

const fn row(action: Action, who: [u8; 6], mark: u8, lock: Option<Lock>) -> Row {
    let by_role = [who[0] == 1, who[1] == 1, who[2] == 1, who[3] == 1, who[4] == 1, who[5] == 1];
    Row { action, by_role, by_mark: mark == 1, lock }
}

/// Every action once, in the order of [`Action::ALL`].
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    //                           moderator  participant  service
    //                           mem guest  mem guest  mem guest  mark  lock
    row(Leave,                 [  1,  1,     1,  1,     1,  1 ],   0,   None),
    row(End,                   [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(PublishMicrophone,     [  1,  1,     1,  1,     1,  0 ],   0,   Some(Lock::Microphone)),
    row(PublishCamera,         [  1,  1,     1,  1,     1,  0 ],   0,   Some(Lock::Camera)),
    row(PublishScreen,         [  1,  1,     0,  0,     0,  0 ],   1,   Some(Lock::Screen)),
    row(PublishScreenAudio,    [  1,  1,     0,  0,     0,  0 ],   1,   Some(Lock::Screen)),
    row(StopOwn,               [  1,  1,     1,  1,     1,  0 ],   0,   None),
    row(StopCameraOfOther,     [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(StopScreenOfOther,     [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(StopMicrophoneOfOther, [  0,  0,     0,  0,     0,  0 ],   0,   None),
    row(MuteSelf,              [  1,  1,     1,  1,     1,  0 ],   0,   None),
    row(MuteOther,             [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(MuteAll,               [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(UnmuteSelf,            [  1,  1,     1,  1,     1,  0 ],   0,   Some(Lock::Microphone)),
    row(AskToUnmute,           [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(RaiseHand,             [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Hands)),
    row(LowerOwnHand,          [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(LowerHandOfOther,      [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(LowerAllHands,         [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(React,                 [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Hands)),
    row(SendChat,              [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Chat)),
    row(RenameSelf,            [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Rename)),
    row(RenameOther,           [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ReportSelf,            [  0,  0,     0,  0,     0,  0 ],   0,   None),
    row(ReportOther,           [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(SendPrivateChat,       [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::PrivateChat)),
    row(SendPrivateChatToModerator, [1, 1,   1,  1,     0,  0 ],   0,   None),
    row(EditOwnChat,           [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Chat)),
    row(EditChatOfOther,       [  0,  0,     0,  0,     0,  0 ],   0,   None),
    row(DeleteOwnChat,         [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(DeleteChatOfOther,     [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(DeletePrivateChatOfOther, [0, 0,     0,  0,     0,  0 ],   0,   None),
    row(ReactChat,             [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Chat)),
    row(ClearChat,             [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ShowChat,              [  1,  1,     1,  1,     1,  1 ],   0,   None),
    row(SetCaptionWriter,      [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(GiveUpCaptions,        [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(WriteCaption,          [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(WriteCaptionUnasked,   [  0,  0,     0,  0,     0,  0 ],   0,   None),
    row(SaveCaptions,          [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::SaveCaptions)),
    row(ShareFile,             [  1,  1,     1,  1,     0,  0 ],   0,   Some(Lock::Files)),
    row(DeleteOwnFile,         [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(DeleteFileOfOther,     [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(DeletePrivateFileOfOther, [0, 0,     0,  0,     0,  0 ],   0,   None),
    row(StartPoll,             [  1,  1,     0,  0,     0,  0 ],   1,   None),
    row(Vote,                  [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(CloseOwnPoll,          [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(ClosePollOfOther,      [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(PublishOwnPoll,        [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(PublishPollOfOther,    [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(OpenBreakouts,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(AssignBreakout,         [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ChooseBreakout,         [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(EnterBreakout,          [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(CallHelp,               [  0,  0,     1,  1,     0,  0 ],   0,   None),
    row(ExtendBreakouts,        [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(TellBreakouts,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(CloseBreakouts,         [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(OpenVote,              [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(TakeBallot,            [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(CloseVote,             [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(GivePresenter,         [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(TakePresenter,         [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(AskToPresent,          [  0,  0,     1,  1,     0,  0 ],   0,   None),
    row(WithdrawAsk,           [  0,  0,     1,  1,     0,  0 ],   0,   None),
    row(DeclineAsk,            [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(Promote,               [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(Demote,                [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(SetLock,               [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(SetException,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(Enter,                 [  1,  1,     1,  1,     1,  1 ],   0,   Some(Lock::Entry)),
    row(Admit,                 [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(AdmitAll,              [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(Deny,                  [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(SetGuests,             [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(SetLobbyMessage,       [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(SetJoinMuted,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(RemoveSelf,            [  0,  0,     0,  0,     0,  0 ],   0,   None),
    row(RemoveOther,           [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(RotateLink,            [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(SetSpotlight,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ShareLayout,           [  1,  1,     0,  0,     0,  0 ],   1,   None),
    row(SetMinuteTaker,        [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(TakeMinutes,           [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(AmendMinutes,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ReleaseMinutes,        [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ShowAttendance,        [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ShowLearning,          [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(ShowOwnLearning,       [  1,  1,     1,  1,     0,  0 ],   0,   None),
    row(SetInterpreter,        [  1,  1,     0,  0,     0,  0 ],   0,   None),
    row(RunTimer,              [  1,  1,     0,  0,     0,  0 ],   1,   None),
    row(Pick,                  [  1,  1,     0,  0,     0,  0 ],   1,   None),
    row(SetAway,               [  1,  1,     1,  1,     0,  0 ],   0,   None),
];

/// The line of `action`.
pub(crate) const fn row_of(action: Action) -> &'static Row {
    &TABLE[action as usize]
}

// Each line stands where it is looked up.
const _: () = {
    let mut line = 0;
    while line < TABLE.len() {
        assert!(TABLE[line].action as usize == line);
        assert!(Action::ALL[line] as usize == line);
        line += 1;
    }
};
