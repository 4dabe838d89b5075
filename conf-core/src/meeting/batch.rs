//! What one input asks of the world, in the order it must be done.

use std::collections::VecDeque;

use crate::admission::queue::{Queue, Standing};
use crate::collab::file::upload::Upload;
use crate::event::{Entry, Event, LeaveReason, Newcomer, WaitEnd};
use crate::event::{
    ExceptionsInherited, FileHanded, FileTaken, PollAnswered, PollKeySet, PollTallied,
};
use crate::id::{ParticipantId, SessionId};
use crate::meeting::roster::Member;
use crate::meeting::state::State;
use crate::output::{Audience, HangupReason, Output};
use crate::policy::role::Role;
use crate::stage::gate::{self, Gate};
use crate::view::Place;

/// The outputs of one input, by kind: gates that close, then the journal, then
/// who was admitted, gates that open, the news, the signals and what was granted, who is
/// shown the meeting anew, the lobby's news, the farewells.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    closing: Vec<Output>,
    journal: Vec<Output>,
    admitted: Vec<(SessionId, ParticipantId)>,
    /// Sessions that are to be told that they wait.
    arrived: Vec<(SessionId, ParticipantId)>,
    opening: Vec<Output>,
    pub(super) news: Vec<Output>,
    pub(super) signals: Vec<Output>,
    reshown: Vec<Output>,
    lobby: Vec<Output>,
    farewells: Vec<Output>,
}

/// To whom an entry is told.
pub(crate) struct Addressed {
    /// Who may know all of it.
    pub(crate) to: Option<Audience>,
    /// Whose it was until now, if it gives one person what one person has at a time.
    pub(crate) former: Option<ParticipantId>,
}

impl Batch {
    /// What `entry` asks for, seen from just before it is applied, and to whom it is to be told
    /// once it is.
    pub(crate) fn add(&mut self, before: &State, entry: &Entry) -> Addressed {
        for gate in gate::moved_by(&before.publishing, &before.muting, &entry.event) {
            self.gate(gate);
        }
        self.journal.push(Output::Journal(entry.clone()));
        let to = audience(before, &entry.event);
        let session_of = |who: ParticipantId| before.roster.get(who).and_then(|m| m.session());
        let waiting_by =
            |who: ParticipantId| before.lobby.get(who).and_then(|w| w.person.session());
        match entry.event {
            Event::Joined(Newcomer { participant, session, .. }) => {
                self.admit(session, participant)
            }
            Event::Rejoined { participant, session, .. } => {
                self.admit(session, participant);
                self.hang_up(session_of(participant), HangupReason::Replaced);
            }
            Event::Left { participant, reason } => {
                self.reshown.retain(|output| *output != Output::Reshow { participant });
                let reason = match reason {
                    LeaveReason::Replaced => HangupReason::Replaced,
                    LeaveReason::Left | LeaveReason::LinkLost | LeaveReason::CalledBack => {
                        HangupReason::Left
                    }
                    LeaveReason::Removed { .. } => HangupReason::Removed,
                };
                self.hang_up(session_of(participant), reason);
            }
            Event::RoleChanged { participant, .. } => self.reshow(before, participant),
            // What they may read of the minutes is another thing now.
            Event::MinutesReleased { .. } => {
                self.reshow_all(before, |before, who| before.marks.minute_taker() != Some(who));
            }
            Event::MinuteTakerChanged { participant, .. } if !before.minutes.released() => {
                self.reshow_all(before, |before, who| {
                    [before.marks.minute_taker(), participant].contains(&Some(who))
                });
            }
            // Let in while the link was lost: there is nobody to show the meeting to.
            Event::LinkLost { participant, .. } => {
                self.admitted.retain(|(_, admitted)| *admitted != participant);
            }
            Event::WaitBegan(Newcomer { participant, session, .. }) => {
                self.wait(session, participant)
            }
            Event::WaitResumed { participant, session, .. } => {
                self.wait(session, participant);
                self.hang_up(waiting_by(participant), HangupReason::Replaced);
            }
            Event::WaitEnded { participant, reason } => {
                let session = waiting_by(participant);
                match reason {
                    WaitEnd::Admitted { .. } => {}
                    WaitEnd::Denied { .. } => self.hang_up(session, HangupReason::Denied),
                    WaitEnd::Replaced => self.hang_up(session, HangupReason::Replaced),
                    WaitEnd::Left | WaitEnd::LinkLost => {
                        self.hang_up(session, HangupReason::Left);
                    }
                }
            }
            Event::Ended { reason, .. } => {
                for member in before.roster.members() {
                    self.hang_up(member.session(), HangupReason::Ended(reason));
                }
                for waiter in before.lobby.waiting() {
                    self.hang_up(waiter.person.session(), HangupReason::Ended(reason));
                }
                self.farewells.push(Output::Ended);
            }
            _ => {}
        }
        let former = match &entry.event {
            Event::CaptionWriterSet { language, .. } => before.captions.writer(language),
            Event::Picked { .. } => before.picks.view().map(|pick| pick.participant),
            _ => None,
        };
        Addressed { to, former }
    }

    pub(crate) fn admit(&mut self, session: SessionId, participant: ParticipantId) {
        self.admitted.push((session, participant));
    }

    pub(crate) fn wait(&mut self, session: SessionId, participant: ParticipantId) {
        self.arrived.push((session, participant));
    }

    /// Tells those who wait where they stand now: who has just come, and for whom
    /// it is no longer as it was in `before`.
    pub(crate) fn tell_lobby(&mut self, before: &Queue, state: &State) {
        let now = state.queue();
        for &(session, standing) in &now.standing {
            let arrived = self.arrived.iter().find(|(newcomer, _)| *newcomer == session).copied();
            let as_before =
                now.message == before.message && before.standing.contains(&(session, standing));
            if arrived.is_none() && as_before {
                continue;
            }
            let Standing { reason, position } = standing;
            let place = Place { reason, position, message: now.message.clone() };
            self.lobby.push(match arrived {
                Some((session, participant)) => Output::Waiting { session, participant, place },
                None => Output::Moved { session, place },
            });
        }
    }

    pub(crate) fn grant(&mut self, upload: Upload) {
        self.signals.push(Output::Granted { upload });
    }

    pub(crate) fn gate(&mut self, Gate { participant, source, open }: Gate) {
        // A microphone taken up while muted would close twice.
        let gate = Output::Gate { participant, source, open };
        let list = if open { &mut self.opening } else { &mut self.closing };
        if !list.contains(&gate) {
            list.push(gate);
        }
    }

    /// Appends everything to `queue` in the order it must be done.
    pub(crate) fn flush(self, queue: &mut VecDeque<Output>) {
        let Self {
            closing,
            journal,
            admitted,
            arrived: _,
            opening,
            news,
            signals,
            reshown,
            lobby,
            farewells,
        } = self;
        let admitted = admitted
            .into_iter()
            .map(|(session, participant)| Output::Admitted { session, participant })
            .collect();
        for list in [closing, journal, admitted, opening, news, signals, reshown, lobby, farewells]
        {
            queue.extend(list);
        }
    }

    /// Shows the meeting anew to everyone `whom` names who does not moderate.
    fn reshow_all(&mut self, before: &State, whom: impl Fn(&State, ParticipantId) -> bool) {
        let members = before.roster.members().iter();
        let members = members.filter(|m| m.role != Role::Moderator && whom(before, m.id));
        for member in members {
            self.reshow(before, member.id);
        }
    }

    /// Shows the meeting anew to someone who is connected, once.
    pub(super) fn reshow(&mut self, state: &State, participant: ParticipantId) {
        let output = Output::Reshow { participant };
        let connected = state.roster.get(participant).is_some_and(Member::is_connected);
        if connected && !self.reshown.contains(&output) {
            self.reshown.push(output);
        }
    }

    fn hang_up(&mut self, session: Option<SessionId>, reason: HangupReason) {
        self.farewells.extend(session.map(|session| Output::Hangup { session, reason }));
    }
}

/// Who may be told of `event`, if anyone, seen from just before it is applied.
fn audience(before: &State, event: &Event) -> Option<Audience> {
    Some(match event {
        Event::Reported { .. }
        | Event::BreakoutPassed { .. }
        | Event::VotesCounted { .. }
        | Event::TextsCounted(_)
        | Event::BallotsCounted(_)
        | Event::Talked(_) => return None,
        Event::WaitBegan { .. }
        | Event::WaitResumed { .. }
        | Event::WaitLinkLost { .. }
        | Event::WaitEnded { .. }
        | Event::LobbyMessageSet { .. }
        | Event::LinkRotated { .. } => Audience::Moderators,
        Event::HelpCalled { participant, .. }
        | Event::HelpEnded { participant, .. }
        | Event::PresenterAsked { participant }
        | Event::PresenterAskEnded { participant, .. }
        | Event::ExceptionChanged { participant, .. }
        | Event::ExceptionsInherited(ExceptionsInherited { participant, .. })
        | Event::PollTallied(PollTallied { to: participant, .. }) => {
            Audience::ModeratorsAnd(*participant)
        }
        Event::PollKeySet(PollKeySet { by, .. }) => Audience::Only(*by),
        Event::ChatSent { from, to: Some(to), .. } => Audience::Between(*from, *to),
        Event::FileShared(FileHanded { from, to: Some(to), .. }) => Audience::Between(*from, *to),
        Event::FileDeleted(FileTaken { file, .. }) => {
            before.files.audience(*file, |at| before.came_after(at))
        }
        Event::MinutesWritten { .. } if !before.minutes.released() => {
            match before.marks.minute_taker() {
                Some(taker) => Audience::ModeratorsAnd(taker),
                None => Audience::Moderators,
            }
        }
        Event::Voted { by, to, .. } | Event::PollAnswered(PollAnswered { by, to, .. }) => {
            Audience::ModeratorsAndBoth(*to, *by)
        }
        Event::ChatEdited { message, .. }
        | Event::ChatDeleted { message, .. }
        | Event::ChatReacted { message, .. } => {
            before.chat.audience(*message, |at| before.came_after(at))
        }
        _ => Audience::Everyone,
    })
}
