//! A teacher asks, the class answers: who sees what, and until when.

use conf_core::event::{PollClosed, PollPutAway};
use conf_core::id::{ParticipantId, PollId};
use conf_core::text::PollChoice;
use conf_core::view::{PollStage, PollView, PollVote};
use conf_core::{Answers, Command, Denied, Event, Role};

use crate::support::{Room, ask_all, started};

fn vote(poll: PollId, choices: &[u8]) -> Command {
    Command::Vote { poll, choices: choices.to_vec() }
}

fn seen(room: &Room, name: &str) -> PollView {
    room.view(name).polls.pop().expect("a poll is shown")
}

fn who(view: &PollView) -> Vec<ParticipantId> {
    view.votes.iter().map(|vote| vote.by).collect()
}

#[test]
fn everyone_votes_may_think_again_and_sees_the_counts_once_published() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    let poll = started(&room.ask("ann", ask_all(Answers::YesNoAbstain)));
    assert_eq!(room.refused("ann", ask_all(Answers::YesNo)), Denied::PollOpen);

    let voted = Event::Voted { poll, by: bob, choices: vec![0], to: ann };
    let turnout = Event::PollTurnout { poll, voted: 1 };
    assert_eq!(room.ask("bob", vote(poll, &[0])), [voted.clone(), turnout]);
    assert_eq!(room.ask("bob", vote(poll, &[0])), [], "the same vote again is no vote");
    room.ask("cleo", vote(poll, &[2]));
    let again = room.ask("bob", vote(poll, &[1]));
    assert!(matches!(again[..], [Event::Voted { .. }]), "no more have voted than before");

    assert_eq!(who(&seen(&room, "ann")), [bob, cleo], "who asks sees who chose what");
    assert_eq!(seen(&room, "bob").votes, [PollVote { by: bob, choices: vec![1] }]);
    room.join("dan", Role::Participant);
    let late = seen(&room, "dan");
    assert_eq!((late.stage, late.voted, late.votes.len()), (PollStage::Open, 2, 0));

    assert_eq!(room.refused("ann", Command::PublishPoll { poll }), Denied::PollOpen);
    room.ask("ann", Command::ClosePoll { poll });
    assert_eq!(room.refused("cleo", vote(poll, &[0])), Denied::PollClosed);
    assert_eq!(seen(&room, "dan").counts, None, "closed is not published");
    room.ask("ann", Command::PublishPoll { poll });
    assert_eq!(seen(&room, "dan").counts, Some(vec![0, 1, 1]));
    assert_eq!(who(&seen(&room, "dan")), [], "the counts are published, not who chose what");
    assert_eq!(room.ask("ann", Command::PublishPoll { poll }), []);
    room.ask("ann", Command::WithdrawPoll { poll });
    assert_eq!(room.view("dan").polls, []);
    assert_eq!(room.refused("ann", Command::PublishPoll { poll }), Denied::NoSuchPoll);
}

#[test]
fn a_vote_fits_what_was_asked() {
    let mut room = Room::with_ann_bob_and_cleo();
    let poll = started(&room.ask("ann", ask_all(Answers::Letters { count: 3 })));
    for wrong in [&[][..], &[3], &[0, 1]] {
        assert_eq!(room.refused("bob", vote(poll, wrong)), Denied::BadVote, "{wrong:?}");
    }
    room.ask("bob", vote(poll, &[2, 2]));
    room.ask("ann", Command::ClosePoll { poll });
    let Command::StartPoll { question, answers, .. } = ask_all(Answers::YesNo) else {
        unreachable!("it asks")
    };
    let several =
        Command::StartPoll { question, answers, several: true, anonymous: false, right: vec![] };
    let poll = started(&room.ask("ann", several));
    room.ask("bob", vote(poll, &[1, 0]));
    assert_eq!(seen(&room, "ann").votes[0].choices, [0, 1]);
}

#[test]
fn a_poll_has_a_choice_and_not_too_many() {
    let mut room = Room::with_ann_bob_and_cleo();
    let own = |count: u8| {
        let text = |n: u8| PollChoice::new(&format!("choice {n}")).expect("a valid choice");
        Answers::Own { texts: (0..count).map(|n| text(n).into()).collect() }
    };
    for (answers, max) in [
        (own(1), 10),
        (own(11), 10),
        (Answers::Letters { count: 1 }, 5),
        (Answers::Letters { count: 6 }, 5),
    ] {
        assert_eq!(room.refused("ann", ask_all(answers)), Denied::PollChoices { max });
    }
    room.ask("ann", ask_all(own(10)));
}

#[test]
fn the_presenter_asks_and_keeps_their_poll_and_a_moderator_may_close_it() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [ann, bob] = ["ann", "bob"].map(|name| room.id(name));
    let ask = || ask_all(Answers::YesNo);
    assert!(matches!(room.refused("bob", ask()), Denied::NotAllowed { .. }));
    room.ask("ann", Command::GivePresenter { target: bob });
    let poll = started(&room.ask("bob", ask()));
    room.ask("ann", Command::GivePresenter { target: ann });
    room.ask("cleo", vote(poll, &[1]));
    assert_eq!(seen(&room, "bob").votes.len(), 1, "it is still his to look at");
    let refused = room.refused("cleo", Command::ClosePoll { poll });
    assert!(matches!(refused, Denied::NotAllowed { .. }));
    room.ask("bob", Command::ClosePoll { poll });
    room.ask("bob", Command::PublishPoll { poll });

    room.ask("ann", Command::GivePresenter { target: bob });
    let poll = started(&room.ask("bob", ask()));
    let closed = room.ask("ann", Command::ClosePoll { poll });
    assert_eq!(closed, [Event::PollClosed(PollClosed { poll, from: bob, by: ann, uncounted: 0 })]);
}

#[test]
fn who_leaves_is_still_counted_and_old_polls_go() {
    let mut room = Room::with_ann_bob_and_cleo();
    let poll = started(&room.ask("ann", ask_all(Answers::YesNo)));
    room.ask("bob", vote(poll, &[0]));
    room.ask("bob", Command::Leave);
    room.ask("ann", Command::ClosePoll { poll });
    room.ask("ann", Command::PublishPoll { poll });
    assert_eq!(seen(&room, "cleo").counts, Some(vec![1, 0]));
    for _ in 0..20 {
        let next = started(&room.ask("ann", ask_all(Answers::YesNo)));
        room.ask("ann", Command::ClosePoll { poll: next });
    }
    let kept = room.view("cleo").polls;
    assert_eq!(kept.len(), 20);
    assert!(kept.iter().all(|view| view.id != poll), "the oldest went first");
}

/// Which of the kept polls are in front of everyone, and which are said in the chat.
fn shown(room: &Room, name: &str) -> (Vec<PollId>, Vec<PollId>) {
    let polls = room.view(name).polls;
    let of = |fits: fn(&&PollView) -> bool| polls.iter().filter(fits).map(|poll| poll.id).collect();
    (of(|poll| poll.in_front), of(|poll| poll.told_at.is_some()))
}

#[test]
fn a_result_is_in_front_of_everyone_until_it_is_put_away_and_stays_in_the_chat() {
    let mut room = Room::with_ann_bob_and_cleo();
    let ann = room.id("ann");
    let publish = |room: &mut Room| {
        let poll = started(&room.ask("ann", ask_all(Answers::YesNo)));
        assert_eq!(shown(room, "bob").0, [], "a new question has nothing before it");
        room.ask("ann", Command::ClosePoll { poll });
        room.ask("ann", Command::PublishPoll { poll });
        poll
    };
    let first = publish(&mut room);
    room.join("dan", Role::Participant);
    assert_eq!(shown(&room, "dan"), (vec![first], vec![first]), "late joiners see it too");
    let refused = room.refused("bob", Command::PutPollAway { poll: first });
    assert!(matches!(refused, Denied::NotAllowed { .. }));
    let away = Event::PollPutAway(PollPutAway { poll: first, by: ann });
    assert_eq!(room.ask("ann", Command::PutPollAway { poll: first }), [away]);
    assert_eq!(room.ask("ann", Command::PutPollAway { poll: first }), []);
    assert_eq!(shown(&room, "bob"), (vec![], vec![first]));

    let second = publish(&mut room);
    assert_eq!(room.ask("ann", Command::PutPollAway { poll: first }), [], "another is in front");
    assert_eq!(shown(&room, "bob"), (vec![second], vec![first, second]));
    room.ask("ann", Command::ClearChat);
    assert_eq!(shown(&room, "bob"), (vec![second], vec![]));
    room.ask("ann", Command::WithdrawPoll { poll: second });
    assert_eq!(shown(&room, "bob"), (vec![], vec![]));
}
