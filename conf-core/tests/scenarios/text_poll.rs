//! A class answers in words of its own: under names, and anonymously.

use conf_core::fuzzing::Watched;
use conf_core::id::{ParticipantId, PollId, SessionId};
use conf_core::text::PollText;
use conf_core::view::{PollStage, PollView};
use conf_core::{Answers, Command, Denied, Event, Input, Meeting, Personal, Role, Said, Written};

use crate::support::{Room, ask_all, claim, started};

/// A moderator, and so many who answer.
fn class(pupils: usize) -> (Room, Vec<String>) {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let names: Vec<String> = (0..pupils).map(|n| format!("pupil {n}")).collect();
    for name in &names {
        room.join(name, Role::Participant);
    }
    (room, names)
}

fn ask(room: &mut Room, anonymous: bool) -> PollId {
    let Command::StartPoll { question, answers, several, right, .. } = ask_all(Answers::Text)
    else {
        unreachable!("it asks")
    };
    started(&room.ask("ann", Command::StartPoll { question, answers, several, anonymous, right }))
}

fn text(words: &str) -> PollText {
    PollText::new(words).expect("a valid answer")
}

fn answer(poll: PollId, words: &str) -> Command {
    Command::AnswerPoll { poll, text: text(words) }
}

fn seen(room: &Room, name: &str) -> PollView {
    room.view(name).polls.pop().expect("a poll is shown")
}

fn times(words: &str, times: u32) -> Said {
    Said { text: text(words).into(), times }
}

#[test]
fn who_asks_sees_who_wrote_what_and_everyone_what_was_written_once_published() {
    let (mut room, names) = class(4);
    let poll = ask(&mut room, false);
    for (name, words) in names.iter().zip(["More tea", "less  noise", "More tea"]) {
        room.ask(name, answer(poll, words));
    }
    assert_eq!(room.ask(&names[0], answer(poll, "More tea")), [], "the same again is no answer");
    let first = held_in(&room);
    let changed = room.ask(&names[1], answer(poll, "More tea, too"));
    let [Event::PollAnswered(changed)] = &changed[..] else { panic!("nothing else: {changed:?}") };
    assert_eq!(changed.held_in, first.get(1).copied(), "the words of before are forgotten");

    let mine = seen(&room, &names[1]);
    let own = Written { whose: room.id(&names[1]), text: text("More tea, too").into() };
    assert_eq!((mine.voted, mine.written), (3, vec![own]));
    assert_eq!(seen(&room, &names[3]).written, []);
    assert_eq!(seen(&room, "ann").written.len(), 3);
    assert_eq!(seen(&room, "ann").said, None);

    room.ask("ann", Command::ClosePoll { poll });
    assert_eq!(room.refused(&names[3], answer(poll, "late")), Denied::PollClosed);
    let published = room.ask("ann", Command::PublishPoll { poll });
    let expected = vec![times("More tea", 2), times("More tea, too", 1)];
    let [Event::PollPublished(told)] = &published[..] else { panic!("{published:?}") };
    assert_eq!(Said::together(&told.written), expected, "equal words together");
    assert_eq!(seen(&room, &names[3]).said, Some(expected));
    assert_eq!(seen(&room, &names[3]).written, [], "and not whose they are");
}

/// The entries with answers.
fn held_in(room: &Room) -> Vec<u64> {
    let answers = room.watched.journal.iter();
    let answers = answers.filter(|entry| matches!(entry.event, Event::PollAnswered(_)));
    answers.map(|entry| entry.seq).collect()
}

#[test]
fn words_are_kept_under_the_key_of_who_wrote_them() {
    let (mut room, names) = class(2);
    let poll = ask(&mut room, false);
    for name in &names {
        room.ask(name, answer(poll, name));
    }
    room.ask("ann", Command::ClosePoll { poll });
    room.ask("ann", Command::PublishPoll { poll });
    let erased = room.id(&names[0]);
    for entry in &mut room.watched.journal {
        entry.event.visit_personal(&mut |whose, field| {
            if whose == erased {
                field.take();
            }
        });
        let kept = serde_json::to_string(&entry.event).expect("an event is JSON");
        assert!(!kept.contains(&names[0]), "{kept}");
    }
    let left: Vec<Personal<PollText>> = room
        .watched
        .journal
        .iter()
        .find_map(|entry| match &entry.event {
            Event::PollPublished(told) => Some(Said::together(&told.written)),
            _ => None,
        })
        .expect("it was published")
        .into_iter()
        .map(|said| said.text)
        .collect();
    assert_eq!(left, [Personal::Erased, text(&names[1]).into()]);
}

#[test]
fn anonymous_words_are_journaled_five_at_a_time_by_what_they_say() {
    let (mut room, names) = class(12);
    let poll = ask(&mut room, true);
    for (name, nth) in names.iter().zip(0..) {
        let words = format!("words {:02}", (nth * 7) % 12);
        assert_eq!(room.ask(name, answer(poll, &words)), [], "one answer is no entry");
        assert_eq!(room.refused(name, answer(poll, "others")), Denied::VoteCast);
        room.hand_in(Input::Tick).expect("a live meeting can be woken");
    }
    assert!(seen(&room, "ann").said.is_none() && seen(&room, "ann").written.is_empty());
    room.ask("ann", Command::ClosePoll { poll });
    let groups: Vec<(Vec<ParticipantId>, Vec<Personal<PollText>>)> = room
        .watched
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::TextsCounted(counted) => Some((counted.voters.clone(), counted.texts.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(groups.iter().map(|(voters, _)| voters.len()).collect::<Vec<_>>(), [5, 7]);
    for (voters, texts) in &groups {
        assert!(voters.is_sorted() && voters.len() == texts.len());
        assert!(texts.is_sorted_by_key(Personal::as_ref), "not in the order they were written");
    }
    let shown = seen(&room, "ann");
    assert_eq!((shown.stage, shown.voted, shown.written), (PollStage::Closed, 12, Vec::new()));
    assert_eq!(shown.said.map(|said| said.len()), Some(12));
    assert_eq!(seen(&room, &names[0]).said, None, "closed is not published");
}

#[test]
fn fewer_than_five_are_not_shown() {
    let (mut room, names) = class(4);
    let poll = ask(&mut room, true);
    for name in &names {
        room.ask(name, answer(poll, name));
    }
    room.ask("ann", Command::ClosePoll { poll });
    room.ask("ann", Command::PublishPoll { poll });
    let shown = seen(&room, "ann");
    assert_eq!((shown.voted, shown.uncounted, shown.said), (4, 4, Some(Vec::new())));
}

#[test]
fn answers_fit_the_question() {
    let (mut room, names) = class(1);
    let choices = started(&room.ask("ann", ask_all(Answers::YesNo)));
    assert_eq!(room.refused(&names[0], answer(choices, "yes")), Denied::BadVote);
    room.ask("ann", Command::ClosePoll { poll: choices });
    for anonymous in [false, true] {
        let poll = ask(&mut room, anonymous);
        for choices in [vec![], vec![0]] {
            assert_eq!(room.refused(&names[0], Command::Vote { poll, choices }), Denied::BadVote);
        }
        room.ask("ann", Command::ClosePoll { poll });
    }
    assert!(PollText::new(&"x".repeat(201)).is_err());
}

#[test]
fn a_poll_takes_so_many_words_and_no_more() {
    const FIT: u64 = 65_536 / 400;
    for anonymous in [false, true] {
        let mut room = Room::open();
        let ann = room.join("ann", Role::Moderator);
        let poll = ask(&mut room, anonymous);
        // Many, and so without the checks that look at everybody after each input.
        let Watched { meeting, now, .. } = &mut room.watched;
        let hand_in = |meeting: &mut Meeting, input| {
            let verdict = meeting.handle(*now, input);
            while meeting.poll_output().is_some() {}
            verdict
        };
        for n in 1_000..=1_000 + FIT {
            let session = SessionId::from_number(u128::from(n));
            let claim = claim(&format!("pupil {n}"), Role::Participant);
            hand_in(meeting, Input::Join { session, claim }).expect("admitted");
        }
        let view = meeting.view(ann).expect("she is in");
        let pupils = view.participants.iter().map(|person| person.id).filter(|id| *id != ann);
        let pupils: Vec<ParticipantId> = pupils.collect();
        let mut say = |from: &ParticipantId, words: &str| {
            let command = answer(poll, words);
            hand_in(meeting, Input::Command { from: *from, command })
        };
        let (last, first) = pupils.split_last().expect("somebody is there");
        let long = "ü".repeat(200);
        for from in first {
            assert_eq!(say(from, &long), Ok(()));
        }
        assert_eq!(say(last, &long), Err(Denied::PollTextsFull));
        assert_eq!(say(last, "short"), Ok(()));
    }
}
