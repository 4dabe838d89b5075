//! What those see who know only some of the others: a small client for each of them, which is
//! shown the meeting once and then told what happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use crate::collab::poll::written::Written;
use crate::event::{Entry, Event, ExceptionsInherited, FileHanded, FileTaken, PollAnswered};
use crate::id::{MessageId, ParticipantId};
use crate::meeting::Meeting;
use crate::output::{Audience, Output};
use crate::personal::Personal;
use crate::policy::acquaintance::Acquaintance;
use crate::policy::role::Role;
use crate::signal::Signal;
use crate::stage::source::Source;
use crate::view::{
    BreakoutView, BreakoutsView, CaptionLine, CaptionWriter, ChatBody, ChatLine, ChatReaction,
    FileView, MinutesView, ParticipantView, PickView, PollStage, PollView, PollVote, Shown, View,
};

/// What each of them sees, and who knew of whom after the last input.
#[derive(Debug, Default)]
pub(super) struct Screens {
    seen: BTreeMap<ParticipantId, View>,
    known: Acquaintance,
}

impl Screens {
    /// Takes `outputs` to them, and checks that they name nobody who is hidden and that what
    /// they add up to is what would be shown anew.
    pub(super) fn carry_out(&mut self, meeting: &Meeting, outputs: &[Output]) {
        let (before, known) = (self.known.clone(), meeting.acquaintance());
        self.known = known.clone();
        if before.is_full() && known.is_full() {
            return;
        }
        for viewer in known.limited().iter().copied() {
            self.tell(meeting, outputs, viewer, &before, &known);
        }
        self.seen.retain(|viewer, _| known.limits(*viewer));
    }

    fn tell(
        &mut self,
        meeting: &Meeting,
        outputs: &[Output],
        viewer: ParticipantId,
        before: &Acquaintance,
        known: &Acquaintance,
    ) {
        let Some(fresh) = meeting.view(viewer) else { return };
        let mut named = authors(&fresh);
        if let Some(seen) = self.seen.get(&viewer) {
            named.append(&mut authors(seen));
        }
        let hidden = |who: &ParticipantId| {
            !named.contains(who) && !before.knows(viewer, *who) && !known.knows(viewer, *who)
        };
        let was_limited = before.limits(viewer);
        let mut seen = self.seen.remove(&viewer).filter(|_| was_limited);
        for output in outputs {
            let (to, text): (&Audience, &dyn Debug) = match output {
                // They are one's own, under the id one had first.
                Output::Signal { signal: Signal::OwnLearning(_), .. } => continue,
                Output::Deliver { to, entry } => (to, &entry.event),
                Output::Show { to, shown } => (to, shown),
                Output::Signal { to, signal } => (to, signal),
                Output::Reshow { participant } | Output::Admitted { participant, .. } => {
                    if *participant == viewer {
                        seen = Some(fresh.clone());
                    }
                    continue;
                }
                _ => continue,
            };
            if !to.includes(viewer, Role::Participant) {
                continue;
            }
            // Who was not limited before knew everyone, and whose link is lost hears nothing.
            if was_limited && seen.is_some() {
                let named = ids(text);
                let found: Vec<_> = named.iter().filter(|who| hidden(who)).collect();
                assert!(found.is_empty(), "{viewer} does not know of {found:?}: {text:?}");
            }
            // What a client was shown already it does not take in again.
            match (output, &mut seen) {
                (Output::Deliver { entry, .. }, Some(seen)) if entry.seq > seen.seq => {
                    seen.seq = entry.seq;
                    happened(seen, entry);
                }
                (Output::Show { shown, .. }, Some(seen)) if shown.seq > seen.seq => {
                    seen.seq = shown.seq;
                    changed(seen, shown);
                }
                _ => {}
            }
        }
        let strangers = ids(&fresh);
        let theirs = authors(&fresh);
        let found: Vec<_> = strangers
            .iter()
            .filter(|who| !theirs.contains(who) && !known.knows(viewer, **who))
            .collect();
        assert!(found.is_empty(), "{viewer} is shown {found:?}, of whom they do not know");
        // Who comes back is shown all of it anew.
        let connected = fresh.participants.iter().any(|p| p.id == viewer && p.connected);
        if let Some(mut seen) = seen.filter(|_| connected) {
            forget(&mut seen, &fresh);
            assert_eq!(screen(&seen), screen(&fresh), "live is as fresh for {viewer}");
            self.seen.insert(viewer, seen);
        }
    }
}

/// Who wrote, or was written, what one can read.
fn authors(view: &View) -> BTreeSet<ParticipantId> {
    let lines = view.chat.iter().chain(&view.private);
    let lines = lines.flat_map(|line| [Some(line.from), line.to]);
    let files = view.files.iter().flat_map(|file| [Some(file.from), file.to]);
    lines.chain(files).flatten().chain([ParticipantId::SOMEBODY]).collect()
}

/// Every participant that is named.
fn ids(what: &dyn Debug) -> BTreeSet<ParticipantId> {
    let text = format!("{what:?}");
    let places = text.match_indices("par_").map(|(at, _)| at);
    places.filter_map(|at| text.get(at..at + 20)?.parse().ok()).collect()
}

/// What of a view is about people, in an order of its own: in which order those who appear
/// joined, and raised their hands, is not told.
fn screen(view: &View) -> impl PartialEq + Debug {
    let people: BTreeMap<_, _> =
        view.participants.iter().map(|person| (person.id, person.clone())).collect();
    let hands: BTreeSet<_> = view.hands.iter().copied().collect();
    let signs = |line: &ChatLine| {
        let by = match line.body {
            ChatBody::Deleted { by } => Some(by),
            ChatBody::Text { .. } => None,
        };
        (line.id, by, line.reactions.clone())
    };
    let lines: Vec<_> = view.chat.iter().chain(&view.private).map(signs).collect();
    let captions: Vec<_> = view.captions.iter().map(|line| (line.id, line.by)).collect();
    let writers = view.caption_writers.clone();
    let minutes = view.minutes.as_ref().map(|minutes| (minutes.by, minutes.version));
    let marks = (view.presenter, view.spotlight, view.minute_taker, minutes);
    let picked = view.picked.map(|pick| pick.participant);
    let votes: Vec<_> = view
        .polls
        .iter()
        .map(|poll| (poll.id, poll.by, poll.votes.clone(), poll.written.clone()))
        .collect();
    let files: Vec<_> = view.files.iter().map(|file| (file.id, file.from, file.to)).collect();
    let groups: Vec<_> = view
        .breakouts
        .iter()
        .flat_map(|round| &round.breakouts)
        .map(|one| (one.members.clone(), one.inside.clone()))
        .collect();
    ((people, hands, lines, captions), (writers, marks, picked, votes, groups, files))
}

/// One of whom a viewer knows changed.
fn change(view: &mut View, who: ParticipantId, to: impl FnOnce(&mut ParticipantView)) {
    if let Some(person) = view.participants.iter_mut().find(|person| person.id == who) {
        to(person);
    }
}

fn changed(view: &mut View, shown: &Shown) {
    view.participants.retain(|person| !shown.vanished.contains(&person.id));
    view.hands.retain(|who| !shown.vanished.contains(who));
    view.participants.extend(shown.appeared.iter().cloned());
    view.hands.extend(&shown.hands);
    (view.presenter, view.spotlight) = (shown.presenter, shown.spotlight);
}

/// What the meeting does not keep any more does not count.
fn forget(seen: &mut View, fresh: &View) {
    seen.chat.retain(|line| fresh.chat.iter().any(|kept| kept.id == line.id));
    seen.private.retain(|line| fresh.private.iter().any(|kept| kept.id == line.id));
    seen.captions.retain(|line| fresh.captions.iter().any(|kept| kept.id == line.id));
    seen.polls.retain(|poll| fresh.polls.iter().any(|kept| kept.id == poll.id));
}

/// What a client makes of an event.
fn happened(view: &mut View, entry: &Entry) {
    match &entry.event {
        Event::Joined(_) | Event::Left { .. } => panic!("who comes and goes is shown and hidden"),
        Event::Rejoined { participant, .. } => change(view, *participant, |p| p.connected = true),
        Event::LinkLost { participant, .. } => change(view, *participant, |p| p.connected = false),
        Event::RoleChanged { participant, role, .. } => {
            change(view, *participant, |p| p.role = *role);
            if *role == Role::Moderator {
                view.asking_to_present.retain(|who| who != participant);
            }
        }
        Event::Renamed { participant, name, .. } => {
            change(view, *participant, |p| p.name = name.clone());
        }
        Event::Published { participant, source } => change(view, *participant, |p| {
            p.sources = p.sources.with(*source);
            p.muted &= *source != Source::Microphone;
        }),
        Event::Stopped { participant, source, .. } => change(view, *participant, |p| {
            p.sources = p.sources.without(*source);
            p.muted &= *source != Source::Microphone;
        }),
        Event::Muted { participant, .. } => change(view, *participant, |p| p.muted = true),
        Event::Unmuted { participant } => change(view, *participant, |p| p.muted = false),
        Event::AwayChanged { participant, on } => change(view, *participant, |p| p.away = *on),
        Event::InterpreterChanged { participant, on, .. } => {
            change(view, *participant, |p| p.interpreter = *on);
        }
        Event::ExceptionChanged { participant, lock, on, .. } => {
            change(view, *participant, |p| p.exceptions = p.exceptions.set(*lock, *on));
        }
        Event::FileShared(FileHanded { file, from, to, name, kind, bytes }) => {
            view.files.push(FileView {
                id: *file,
                from: *from,
                from_name: Personal::Erased,
                to: *to,
                to_name: None,
                at: entry.at,
                name: name.clone(),
                kind: *kind,
                bytes: *bytes,
            });
        }
        Event::FileDeleted(FileTaken { file, .. }) => view.files.retain(|kept| kept.id != *file),
        Event::ExceptionsInherited(ExceptionsInherited { participant, exceptions, .. }) => {
            change(view, *participant, |p| p.exceptions = *exceptions);
        }
        Event::LockChanged { lock, on: false, .. } => {
            view.participants
                .iter_mut()
                .for_each(|p| p.exceptions = p.exceptions.set(*lock, false));
        }
        Event::LocksInherited { locks, .. } => {
            for person in &mut view.participants {
                let kept = person.exceptions.iter().filter(|lock| locks.contains(*lock));
                person.exceptions = kept.collect::<Vec<_>>().into();
            }
        }
        Event::HandRaised { participant } => view.hands.push(*participant),
        Event::HandLowered { participant, .. } => view.hands.retain(|who| who != participant),
        Event::ChatSent { message, from, text, to, answers } => {
            let line = ChatLine {
                id: *message,
                from: *from,
                name: Personal::Erased,
                to: *to,
                to_name: None,
                answers: *answers,
                at: entry.at,
                body: ChatBody::Text { text: text.clone(), edited: None },
                reactions: Vec::new(),
            };
            let lines = if to.is_some() { &mut view.private } else { &mut view.chat };
            lines.push(line);
        }
        Event::ChatDeleted { message, by, .. } => line(view, *message, |line| {
            line.body = ChatBody::Deleted { by: *by };
            line.reactions.clear();
        }),
        Event::ChatReacted { message, by, reaction, on } => line(view, *message, |line| {
            let mut signs: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
            for sign in &line.reactions {
                signs.insert(sign.reaction, sign.by.iter().copied().collect());
            }
            let people = signs.entry(*reaction).or_default();
            if *on {
                people.insert(*by)
            } else {
                people.remove(by)
            };
            let left = signs.into_iter().filter(|(_, by)| !by.is_empty());
            line.reactions = left
                .map(|(reaction, by)| ChatReaction { reaction, by: by.into_iter().collect() })
                .collect();
        }),
        Event::ChatCleared { .. } => view.chat.clear(),
        Event::CaptionWriterSet { language, participant, .. } => {
            view.caption_writers.retain(|writer| writer.language != *language);
            let writer = CaptionWriter { language: language.clone(), participant: *participant };
            view.caption_writers.push(writer);
            view.caption_writers.sort_by(|one, other| one.language.cmp(&other.language));
        }
        Event::CaptionWriterEnded { language, .. } => {
            view.caption_writers.retain(|writer| writer.language != *language);
        }
        Event::CaptionWritten { line, by, language, text } => view.captions.push(CaptionLine {
            id: *line,
            by: *by,
            language: language.clone(),
            at: entry.at,
            text: text.clone(),
        }),
        Event::PollStarted { poll, by, question, answers, several, anonymous, quiz } => {
            view.polls.push(PollView {
                id: *poll,
                by: *by,
                at: entry.at,
                question: question.clone(),
                answers: answers.clone(),
                several: *several,
                anonymous: *anonymous,
                quiz: *quiz,
                stage: PollStage::Open,
                voted: 0,
                cast: false,
                votes: Vec::new(),
                written: Vec::new(),
                counts: None,
                said: None,
                uncounted: 0,
                key: None,
                in_front: false,
                told_at: None,
            });
        }
        Event::Voted { poll, by, choices, .. } => {
            let polls = view.polls.iter_mut().filter(|asked| asked.id == *poll);
            for asked in polls {
                asked.votes = vec![PollVote { by: *by, choices: choices.clone() }];
            }
        }
        Event::PollAnswered(PollAnswered { poll, by, text, .. }) => {
            let polls = view.polls.iter_mut().filter(|asked| asked.id == *poll);
            for asked in polls {
                asked.written = vec![Written { whose: *by, text: text.clone() }];
            }
        }
        Event::BreakoutsOpened { breakouts, choice, until, .. } => {
            let opened = breakouts.iter().map(|breakout| BreakoutView {
                name: breakout.name.clone(),
                members: breakout.members.clone(),
                inside: Vec::new(),
                called_by: None,
            });
            view.breakouts = Some(BreakoutsView {
                open: true,
                choice: *choice,
                until: *until,
                breakouts: opened.collect(),
            });
        }
        Event::BreakoutAssigned { participant, breakout, .. } => {
            for (number, one) in breakouts(view) {
                one.members.retain(|who| who != participant);
                one.members.extend((Some(number) == *breakout).then_some(*participant));
            }
        }
        Event::BreakoutEntered { participant, breakout } => {
            for (_, one) in breakouts(view).filter(|(number, _)| number == breakout) {
                one.inside.push(*participant);
            }
        }
        Event::BreakoutLeft { participant, breakout } => {
            for (_, one) in breakouts(view).filter(|(number, _)| number == breakout) {
                one.inside.retain(|who| who != participant);
            }
        }
        Event::BreakoutsClosed { .. } => view.breakouts = None,
        Event::PresenterChanged { presenter, .. } => view.presenter = *presenter,
        Event::SpotlightChanged { participant, .. } => view.spotlight = *participant,
        Event::MinuteTakerChanged { participant, .. } => view.minute_taker = *participant,
        Event::MinutesWritten { by, text, version, .. } => {
            let released = view.minutes.as_ref().is_some_and(|minutes| minutes.released);
            let (text, by) = (text.clone(), Some(*by));
            view.minutes = Some(MinutesView { text, by, version: *version, released });
        }
        Event::Picked { participant, .. } => {
            view.picked = Some(PickView { participant: *participant, at: entry.at });
        }
        _ => {}
    }
}

fn line(view: &mut View, message: MessageId, to: impl FnOnce(&mut ChatLine)) {
    let mut lines = view.chat.iter_mut().chain(&mut view.private);
    if let Some(line) = lines.find(|line| line.id == message) {
        to(line);
    }
}

fn breakouts(view: &mut View) -> impl Iterator<Item = (u8, &mut BreakoutView)> {
    (0_u8..).zip(view.breakouts.iter_mut().flat_map(|round| &mut round.breakouts))
}
