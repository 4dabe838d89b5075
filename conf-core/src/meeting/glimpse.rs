//! What those are told of events and signals who know only some of the others.
//!
//! Of whom they do not know they are told nothing: not what happens to them, nor that somebody
//! is there to whom it happens. What somebody says to everyone or to them is told with its
//! writer, whose own act it is. Where a thing is told and its author is none of theirs, the
//! author is [`ParticipantId::SOMEBODY`]. So what they are told of a thing does not hang on who
//! is shown just now, and need not be told anew when that changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collab::breakout::Breakout;
use crate::event::{BallotGiven, ExceptionsInherited, VoteClosing, VoteOpened};
use crate::event::{Entry, Event, Newcomer, PollAnswered};
use crate::event::{
    PollClosed, PollKeySet, PollPublished, PollPutAway, PollTallied, PollWithdrawn,
};
use crate::id::ParticipantId;
use crate::meeting::batch::{Addressed, Batch};
use crate::meeting::state::State;
use crate::meeting::view::limit_line;
use crate::output::{Audience, Output};
use crate::policy::acquaintance::{Acquaintance, Present};
use crate::policy::lock::Lock;
use crate::policy::role::Role;
use crate::signal::{Signal, Told};
use crate::stage::source::Source;
use crate::view::{CaptionLine, Shown};

/// What one person is told of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Glimpse {
    /// Nothing.
    Nothing,
    /// What everyone is.
    All,
    /// This instead.
    Other(Event),
    /// This instead: it changed of whom they know.
    Shown(Shown),
}

/// The id of an author as `viewer` may know it: their own, or nobody's.
pub(super) fn own(author: ParticipantId, viewer: ParticipantId) -> ParticipantId {
    if author == viewer { author } else { ParticipantId::SOMEBODY }
}

impl State {
    /// Who knows of whom just now.
    pub(crate) fn acquaintance(&self) -> Acquaintance {
        if !self.locks.set().contains(Lock::SeePeople) {
            return Acquaintance::default();
        }
        Acquaintance::of(self.roster.members().iter().map(|member| Present {
            who: member.id,
            actor: self.actor_of(member),
            locks: self.locks.in_force_for(member.id),
            shows: self.shows_themself(member.id),
        }))
    }

    /// Whether someone publishes a picture or an open microphone.
    fn shows_themself(&self, who: ParticipantId) -> bool {
        self.publishing.of(who).iter().any(|source| match source {
            Source::Microphone => !self.muting.is_muted(who),
            Source::Camera | Source::Screen | Source::ScreenAudio => true,
        })
    }

    /// What changed for `viewer` of whom they know from `before` to `now`, which is how things
    /// stand after `entry`; `None` if nothing did.
    fn shown(
        &self,
        viewer: ParticipantId,
        entry: &Entry,
        before: &Acquaintance,
        now: &Acquaintance,
    ) -> Option<Shown> {
        let others = |who: &ParticipantId| *who != viewer;
        let appeared: Vec<_> =
            now.shown().difference(before.shown()).copied().filter(others).collect();
        let vanished: Vec<_> =
            before.shown().difference(now.shown()).copied().filter(others).collect();
        if appeared.is_empty() && vanished.is_empty() {
            return None;
        }
        let raised = self.hands.raised().iter().copied();
        let spotlight = self.spotlight.on().filter(|who| now.knows(viewer, *who));
        Some(Shown {
            seq: entry.seq,
            at: entry.at,
            hands: raised.filter(|who| appeared.contains(who)).collect(),
            appeared: appeared
                .iter()
                .filter_map(|who| self.roster.get(*who))
                .map(|member| self.view_of(member, false))
                .collect(),
            vanished,
            presenter: self.presenter.holder(),
            spotlight,
        })
    }
}

impl Batch {
    /// Tells those who know only some what they may know of `entry`, and everyone else all of
    /// it; shows the meeting anew to those for whom that begins or ends. Seen from just after
    /// `entry` was applied; `before` is who knew of whom until then.
    pub(crate) fn tell(
        &mut self,
        state: &State,
        entry: &Entry,
        addressed: Addressed,
        before: &Acquaintance,
        now: &Acquaintance,
    ) {
        let Addressed { to, former } = addressed;
        if before.is_full() && now.is_full() {
            self.news.extend(to.map(|to| Output::Deliver { to, entry: entry.clone() }));
            return;
        }
        if let Some(of) = to.clone() {
            let to = Audience::Knowing { of: Box::new(of), but: now.limited_shared() };
            self.news.push(Output::Deliver { to, entry: entry.clone() });
        }
        let mut told: Vec<(Glimpse, BTreeSet<ParticipantId>)> = Vec::new();
        for viewer in now.limited().iter().copied() {
            let shown = before.limits(viewer).then(|| state.shown(viewer, entry, before, now));
            let glimpse = match (shown.flatten(), &to) {
                (Some(shown), _) => Glimpse::Shown(shown),
                // Among those who know only some is no moderator.
                (None, Some(to)) if to.includes(viewer, Role::Participant) => {
                    let knows = |who| before.knows(viewer, who) && now.knows(viewer, who);
                    glimpse(&entry.event, to, former == Some(viewer), viewer, knows)
                }
                (None, _) => Glimpse::Nothing,
            };
            match told.iter_mut().find(|(known, _)| *known == glimpse) {
                Some((_, viewers)) => {
                    viewers.insert(viewer);
                }
                None => told.push((glimpse, BTreeSet::from([viewer]))),
            }
        }
        for (glimpse, viewers) in told {
            let to = Audience::Limited(Arc::new(viewers));
            match glimpse {
                Glimpse::Nothing => {}
                Glimpse::All => self.news.push(Output::Deliver { to, entry: entry.clone() }),
                Glimpse::Other(event) => {
                    let entry = Entry { event, ..entry.clone() };
                    self.news.push(Output::Deliver { to, entry });
                }
                Glimpse::Shown(shown) => self.news.push(Output::Show { to, shown }),
            }
        }
        // That it was somebody else's turn since is no news that could be told.
        let turn = match entry.event {
            Event::Picked { participant, .. } => former.filter(|who| *who != participant),
            _ => None,
        };
        if let Some(participant) = turn.filter(|who| now.limits(*who)) {
            self.reshow(state, participant);
        }
        // Who has just come is shown it anyway.
        let came = match entry.event {
            Event::Joined(Newcomer { participant, .. }) => Some(participant),
            _ => None,
        };
        let changed = before.limited().symmetric_difference(now.limited()).copied();
        for participant in changed.filter(|who| Some(*who) != came) {
            self.reshow(state, participant);
        }
    }

    /// Signals to those who know everyone, and what they may know of it to those who do not.
    pub(crate) fn signal(&mut self, Told { to, signal }: Told, known: &Acquaintance) {
        if known.is_full() {
            self.signals.push(Output::Signal { to, signal });
            return;
        }
        match signal {
            // Between two of whom the one knows all, or asked for by who is told.
            Signal::AskedToUnmute { .. }
            | Signal::PollTurnout { .. }
            | Signal::Attendance(_)
            | Signal::Learning(_)
            | Signal::OwnLearning(_) => self.signals.push(Output::Signal { to, signal }),
            Signal::Typing { by, .. }
            | Signal::LiveText { by, .. }
            | Signal::Reacted { by, .. } => {
                let strangers = known.limited().iter().filter(|who| !known.knows(**who, by));
                let but: BTreeSet<_> = strangers.copied().collect();
                let to = match to {
                    Audience::Only(one) if but.contains(&one) => return,
                    Audience::Only(one) => Audience::Only(one),
                    of => Audience::Knowing { of: Box::new(of), but: Arc::new(but) },
                };
                self.signals.push(Output::Signal { to, signal });
            }
            Signal::Caption { by, ref language, ref text } => {
                let (language, text) = (language.clone(), text.clone());
                let mut others = known.limited().clone();
                others.remove(&by);
                let but = Arc::new(others);
                let of = Box::new(to);
                self.signals.push(Output::Signal {
                    to: Audience::Knowing { of, but: Arc::clone(&but) },
                    signal,
                });
                let signal = Signal::Caption { by: ParticipantId::SOMEBODY, language, text };
                self.signals.push(Output::Signal { to: Audience::Limited(but), signal });
            }
            Signal::Chat(mut page) => {
                if let Audience::Only(asker) = to
                    && known.limits(asker)
                {
                    page.lines.iter_mut().for_each(|line| limit_line(line, asker));
                }
                self.signals.push(Output::Signal { to, signal: Signal::Chat(page) });
            }
            Signal::CaptionText { language, lines } => {
                let asker = match to {
                    Audience::Only(asker) if known.limits(asker) => Some(asker),
                    _ => None,
                };
                let shown = |line: CaptionLine| match asker {
                    Some(asker) => CaptionLine { by: own(line.by, asker), ..line },
                    None => line,
                };
                let lines = lines.into_iter().map(shown).collect();
                let signal = Signal::CaptionText { language, lines };
                self.signals.push(Output::Signal { to, signal });
            }
        }
    }
}

/// What `viewer`, who is in the audience `to`, is told of `event`; `theirs` is whether what it
/// gives to somebody was theirs, and `knows` says of whom they knew before it and do after it.
fn glimpse(
    event: &Event,
    to: &Audience,
    theirs: bool,
    viewer: ParticipantId,
    knows: impl Fn(ParticipantId) -> bool,
) -> Glimpse {
    let own = |author: ParticipantId| own(author, viewer);
    let about = |told: bool| if told { Glimpse::All } else { Glimpse::Nothing };
    match event {
        // Whoever closed it once may be gone, or moderate no more.
        Event::Muted { participant, by } if knows(*participant) && !knows(*by) => {
            let by = ParticipantId::SOMEBODY;
            Glimpse::Other(Event::Muted { participant: *participant, by })
        }
        // What happens to somebody is told to who knows of them.
        Event::Joined(Newcomer { participant, .. })
        | Event::Rejoined { participant, .. }
        | Event::LinkLost { participant, .. }
        | Event::Left { participant, .. }
        | Event::RoleChanged { participant, .. }
        | Event::Renamed { participant, .. }
        | Event::Published { participant, .. }
        | Event::Stopped { participant, .. }
        | Event::Muted { participant, .. }
        | Event::Unmuted { participant }
        | Event::HandRaised { participant }
        | Event::HandLowered { participant, .. }
        | Event::InterpreterChanged { participant, .. }
        | Event::AwayChanged { participant, .. } => about(knows(*participant)),
        // What is between somebody and the moderators is told to themself.
        Event::BreakoutAssigned { participant, .. }
        | Event::BreakoutEntered { participant, .. }
        | Event::BreakoutLeft { participant, .. }
        | Event::HelpCalled { participant, .. }
        | Event::HelpEnded { participant, .. }
        | Event::PresenterAsked { participant }
        | Event::PresenterAskEnded { participant, .. }
        | Event::ExceptionChanged { participant, .. }
        | Event::ExceptionsInherited(ExceptionsInherited { participant, .. })
        | Event::PollTallied(PollTallied { to: participant, .. })
        | Event::Picked { participant, .. } => about(*participant == viewer),
        // What somebody says is told with who says it.
        Event::ChatSent { .. } | Event::ChatEdited { .. } | Event::FileShared(_) => Glimpse::All,
        Event::FileDeleted(_) => Glimpse::All,
        Event::ChatDeleted { message, from, by, held_in } => match *by == *from || *by == viewer {
            true => Glimpse::All,
            false => Glimpse::Other(Event::ChatDeleted {
                message: *message,
                from: *from,
                by: ParticipantId::SOMEBODY,
                held_in: *held_in,
            }),
        },
        Event::ChatReacted { by, .. } => {
            about(*by == viewer || matches!(to, Audience::Between(..)))
        }
        // What moderators or the presenter do for all.
        Event::ChatCleared { .. }
        | Event::PollTurnout { .. }
        | Event::BreakoutsExtended { .. }
        | Event::BreakoutsTold { .. }
        | Event::BreakoutsClosed { .. }
        | Event::VoteClosed(_)
        | Event::PresenterChanged { .. }
        | Event::LockChanged { .. }
        | Event::LocksInherited { .. }
        | Event::GuestsSet { .. }
        | Event::JoinMutedSet { .. }
        | Event::LayoutShared { .. }
        | Event::MinutesReleased { .. }
        | Event::TimerSet { .. }
        | Event::TimerPaused { .. }
        | Event::TimerResumed { .. }
        | Event::TimerStopped { .. }
        | Event::Ended { .. } => Glimpse::All,
        // What is told to nobody, or to moderators alone.
        Event::Opened { .. }
        | Event::VotesCounted { .. }
        | Event::TextsCounted(_)
        | Event::BreakoutPassed { .. }
        | Event::BallotsCounted(_)
        | Event::Reported { .. }
        | Event::WaitBegan(_)
        | Event::WaitResumed { .. }
        | Event::WaitLinkLost { .. }
        | Event::WaitEnded { .. }
        | Event::LobbyMessageSet { .. }
        | Event::LinkRotated { .. }
        | Event::Talked(_) => Glimpse::Nothing,
        Event::PollStarted { poll, by, question, answers, several, anonymous, quiz } => {
            Glimpse::Other(Event::PollStarted {
                poll: *poll,
                by: own(*by),
                question: question.clone(),
                answers: answers.clone(),
                several: *several,
                anonymous: *anonymous,
                quiz: *quiz,
            })
        }
        Event::Voted { by, .. } if *by != viewer => Glimpse::Nothing,
        Event::Voted { poll, by, choices, to } => Glimpse::Other(Event::Voted {
            poll: *poll,
            by: *by,
            choices: choices.clone(),
            to: own(*to),
        }),
        Event::PollAnswered(PollAnswered { by, .. }) if *by != viewer => Glimpse::Nothing,
        Event::PollAnswered(answered) => {
            let to = own(answered.to);
            Glimpse::Other(Event::PollAnswered(PollAnswered { to, ..answered.clone() }))
        }
        Event::PollClosed(PollClosed { poll, from, by, uncounted }) => {
            let (from, by) = (own(*from), own(*by));
            let closed = PollClosed { poll: *poll, from, by, uncounted: *uncounted };
            Glimpse::Other(Event::PollClosed(closed))
        }
        Event::PollKeySet(PollKeySet { by, .. }) => about(*by == viewer),
        Event::PollPublished(published) => {
            let (from, by) = (own(published.from), own(published.by));
            let mut published = PollPublished { from, by, ..published.clone() };
            published.written.iter_mut().for_each(|answer| answer.whose = own(answer.whose));
            Glimpse::Other(Event::PollPublished(published))
        }
        Event::PollPutAway(PollPutAway { poll, by }) => {
            Glimpse::Other(Event::PollPutAway(PollPutAway { poll: *poll, by: own(*by) }))
        }
        Event::PollWithdrawn(PollWithdrawn { poll, from, by }) => {
            let (from, by) = (own(*from), own(*by));
            Glimpse::Other(Event::PollWithdrawn(PollWithdrawn { poll: *poll, from, by }))
        }
        Event::CaptionWriterSet { language, participant, by }
            if theirs && *participant != viewer =>
        {
            Glimpse::Other(Event::CaptionWriterEnded {
                language: language.clone(),
                participant: viewer,
                by: own(*by),
            })
        }
        Event::CaptionWriterSet { participant, .. }
        | Event::CaptionWriterEnded { participant, .. } => about(*participant == viewer),
        Event::CaptionWritten { line, by, language, text } => {
            Glimpse::Other(Event::CaptionWritten {
                line: *line,
                by: own(*by),
                language: language.clone(),
                text: text.clone(),
            })
        }
        Event::CaptionCorrected { line, by, text, held_in } => {
            Glimpse::Other(Event::CaptionCorrected {
                line: *line,
                by: own(*by),
                text: text.clone(),
                held_in: *held_in,
            })
        }
        Event::BreakoutsOpened { by, breakouts, choice, until } => {
            let theirs = |breakout: &Breakout| Breakout {
                members: breakout.members.iter().copied().filter(|who| *who == viewer).collect(),
                ..breakout.clone()
            };
            Glimpse::Other(Event::BreakoutsOpened {
                by: own(*by),
                breakouts: breakouts.iter().map(theirs).collect(),
                choice: *choice,
                until: *until,
            })
        }
        Event::VoteOpened(opened) => Glimpse::Other(Event::VoteOpened(VoteOpened {
            by: own(opened.by),
            // How many they are is not told either.
            entitled: vec![ParticipantId::SOMEBODY],
            ..opened.clone()
        })),
        Event::BallotGiven(BallotGiven { vote, participant, given }) => {
            let participant = own(*participant);
            Glimpse::Other(Event::BallotGiven(BallotGiven {
                vote: *vote,
                participant,
                given: *given,
            }))
        }
        Event::VoteClosing(VoteClosing { vote, by, until }) => {
            let by = own(*by);
            Glimpse::Other(Event::VoteClosing(VoteClosing { vote: *vote, by, until: *until }))
        }
        Event::SpotlightChanged { participant: Some(who), .. } if !knows(*who) => {
            Glimpse::Other(Event::SpotlightChanged { participant: None, by: None })
        }
        Event::SpotlightChanged { .. } => Glimpse::All,
        Event::MinuteTakerChanged { participant, .. } if *participant == Some(viewer) => {
            Glimpse::All
        }
        Event::MinuteTakerChanged { by, .. } => {
            Glimpse::Other(Event::MinuteTakerChanged { participant: None, by: *by })
        }
        Event::MinutesWritten { by, text, version, held_in } => {
            Glimpse::Other(Event::MinutesWritten {
                by: own(*by),
                text: text.clone(),
                version: *version,
                held_in: *held_in,
            })
        }
    }
}
