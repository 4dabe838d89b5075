//! A class answers anonymously: what is counted, what is shown, and what nobody ever learns.

use conf_core::event::{PollClosed, PollTallied};
use conf_core::fuzzing::Seeded;
use conf_core::id::{ParticipantId, PollId};
use conf_core::output::{Audience, Output};
use conf_core::view::PollStage;
use conf_core::{Answers, Command, Denied, Event, Input, Meeting, Role, Signal};

use crate::support::{Room, ask_all, started};

/// A moderator, and so many who vote.
fn class(voters: usize) -> (Room, Vec<String>) {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let names: Vec<String> = (0..voters).map(|n| format!("voter {n}")).collect();
    for name in &names {
        room.join(name, Role::Participant);
    }
    (room, names)
}

fn ask(room: &mut Room) -> PollId {
    let Command::StartPoll { question, answers, several, .. } =
        ask_all(Answers::Letters { count: 3 })
    else {
        unreachable!("it asks")
    };
    let anonymous =
        Command::StartPoll { question, answers, several, anonymous: true, right: vec![] };
    started(&room.ask("ann", anonymous))
}

/// Votes; everything that is asked of the world is said in numbers.
fn vote(room: &mut Room, name: &str, poll: PollId, choice: u8) -> u32 {
    let happened = room.ask(name, Command::Vote { poll, choices: vec![choice] });
    assert_eq!(happened, [], "one vote is no entry");
    let [Output::Signal { to: Audience::Everyone, signal }] = &room.watched.outputs[..] else {
        panic!("one more has voted, and nothing else: {:?}", room.watched.outputs)
    };
    let Signal::PollTurnout { poll: of, voted } = *signal else { panic!("{signal:?}") };
    assert_eq!(of, poll);
    voted
}

/// What the meeting does of itself.
fn wake(room: &mut Room) -> Vec<Event> {
    room.hand_in(Input::Tick).expect("a live meeting can be woken");
    room.happened()
}

fn counted(events: &[Event]) -> Vec<(Vec<ParticipantId>, Vec<u32>)> {
    let of = |event: &Event| match event {
        Event::VotesCounted { voters, counts, .. } => Some((voters.clone(), counts.clone())),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn votes_are_kept_in_groups_and_shown_once_the_poll_is_closed() {
    let (mut room, names) = class(13);
    let poll = ask(&mut room);
    for (n, name) in names.iter().take(9).enumerate() {
        assert_eq!(vote(&mut room, name, poll, (n % 3) as u8), n as u32 + 1);
        assert_eq!(wake(&mut room), [], "nothing is kept while less than two groups wait");
    }
    assert_eq!(vote(&mut room, &names[9], poll, 0), 10);
    assert!(room.watched.meeting.poll_timeout() <= Some(room.watched.now));
    let groups = counted(&wake(&mut room));
    let [(voters, counts)] = &groups[..] else { panic!("one group: {groups:?}") };
    let mut first: Vec<_> = names[..5].iter().map(|name| room.id(name)).collect();
    first.sort_unstable();
    assert_eq!((voters, &counts[..]), (&first, &[2, 2, 1][..]), "by id, not as they came");
    assert_eq!(wake(&mut room), []);

    let again = Command::Vote { poll, choices: vec![2] };
    for name in [&names[0], &names[9]] {
        assert_eq!(room.refused(name, again.clone()), Denied::VoteCast);
        assert!(room.view(name).polls[0].cast);
    }
    let seen = room.view("ann").polls.remove(0);
    assert_eq!((seen.voted, seen.cast, seen.counts, seen.votes.len()), (10, false, None, 0));
    for name in &names[10..12] {
        vote(&mut room, name, poll, 1);
    }
    let closed = room.ask("ann", Command::ClosePoll { poll });
    let groups = counted(&closed);
    assert_eq!(groups.len(), 1);
    assert_eq!((groups[0].0.len(), &groups[0].1[..]), (7, &[2, 3, 2][..]));
    let ann = room.id("ann");
    assert_eq!(
        closed[1..],
        [
            Event::PollTurnout { poll, voted: 12 },
            Event::PollClosed(PollClosed { poll, from: ann, by: ann, uncounted: 0 }),
            Event::PollTallied(PollTallied {
                poll,
                to: ann,
                counts: vec![4, 5, 3],
                written: vec![]
            }),
        ]
    );
    let told = |output: &Output| match output {
        Output::Deliver { to, entry } => Some((to.clone(), entry.event.kind())),
        _ => None,
    };
    let told: Vec<_> = room.watched.outputs.iter().filter_map(told).collect();
    assert_eq!(
        told,
        [
            (Audience::Everyone, "poll_turnout"),
            (Audience::Everyone, "poll_closed"),
            (Audience::ModeratorsAnd(ann), "poll_tallied"),
        ],
        "nobody is told who voted"
    );
    assert_eq!(room.refused(&names[12], again), Denied::PollClosed);
    assert_eq!(room.view(&names[0]).polls[0].counts, None, "closed is not published");
    assert_eq!(room.view("ann").polls[0].counts, Some(vec![4, 5, 3]));
    room.ask("ann", Command::PublishPoll { poll });
    assert_eq!(room.view(&names[12]).polls[0].counts, Some(vec![4, 5, 3]));
}

#[test]
fn fewer_than_five_are_not_counted() {
    let (mut room, names) = class(4);
    let poll = ask(&mut room);
    for name in &names {
        vote(&mut room, name, poll, 2);
    }
    let closed = room.ask("ann", Command::ClosePoll { poll });
    assert_eq!(counted(&closed), []);
    let seen = room.view("ann").polls.remove(0);
    assert_eq!((seen.voted, seen.uncounted, seen.counts), (4, 4, Some(vec![0, 0, 0])));
    assert!(!room.view(&names[0]).polls[0].cast, "who voted is not known any more");
}

#[test]
fn who_is_not_counted_yet_is_asked_again_after_a_crash_and_too_few_are_said_to_be_lost() {
    let (mut room, names) = class(12);
    let poll = ask(&mut room);
    for name in &names[..11] {
        vote(&mut room, name, poll, 0);
    }
    wake(&mut room);
    room.watched.restart();
    for name in &names {
        room.join(name, Role::Participant);
    }
    room.join("ann", Role::Moderator);
    let cast: Vec<bool> = names.iter().map(|name| room.view(name).polls[0].cast).collect();
    let expected: Vec<bool> = (0..12).map(|n| n < 5).collect();
    assert_eq!(cast, expected, "who is counted stays counted, and nobody else is");
    for (n, name) in names[5..8].iter().enumerate() {
        assert_eq!(vote(&mut room, name, poll, 1), 6 + n as u32);
    }
    let closed = room.ask("ann", Command::ClosePoll { poll });
    assert_eq!(counted(&closed), [], "three would show nearly what each of them chose");
    let seen = room.view("ann").polls.remove(0);
    assert_eq!(seen.stage, PollStage::Closed);
    assert_eq!((seen.voted, seen.uncounted, seen.counts), (8, 3, Some(vec![5, 0, 0])));
}

#[test]
fn a_turn_that_could_not_be_kept_loses_no_vote() {
    let (mut room, names) = class(10);
    let poll = ask(&mut room);
    for name in &names {
        vote(&mut room, name, poll, 1);
    }
    // As the store has it.
    let state = room.watched.meeting.state().clone();
    let kept = || Meeting::restore(Box::new(Seeded(9)), state.clone(), []).expect("its own state");
    let close = Input::Command { from: room.id("ann"), command: Command::ClosePoll { poll } };
    for turn in [Input::Tick, close] {
        let now = room.watched.now;
        room.watched.meeting.handle(now, turn).expect("it is decided");
        assert!(room.watched.meeting.poll_output().is_some(), "and was to be kept");
        let failed = std::mem::replace(&mut room.watched.meeting, kept());
        room.watched.meeting.take_over(failed);
    }
    assert_eq!(room.view("ann").polls[0].voted, 10);
    let closed = room.ask("ann", Command::ClosePoll { poll });
    let sizes: Vec<_> = counted(&closed).iter().map(|(voters, _)| voters.len()).collect();
    assert_eq!(sizes, [10]);
    assert_eq!(room.view("ann").polls[0].counts, Some(vec![0, 10, 0]));
}
