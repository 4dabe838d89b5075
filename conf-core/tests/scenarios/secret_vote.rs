//! A secret vote: who may take part, once, and what nobody learns.

use conf_core::event::{BallotGiven, BallotsCounted, VoteClosed};
use conf_core::id::VoteId;
use conf_core::text::{PollChoice, PollQuestion};
use conf_core::view::VoteStage;
use conf_core::{
    Ballot, BallotSignature, Cast, Command, Denied, Event, Input, Output, Role, Serial, Span,
    VoteKey, Voters,
};

use crate::support::{Room, claim, guest, open_vote, opened};

fn serial(number: u8) -> Serial {
    Serial::new(&format!("{number:02x}").repeat(32)).expect("a valid serial")
}

fn ballot(number: u8, choices: &[u8]) -> Ballot {
    let signature = BallotSignature::new("AAAA").expect("a valid signature");
    Ballot { serial: serial(number), cast: Cast { choices: choices.to_vec(), signature } }
}

/// A board of `size`, with Ann who moderates, and a vote that everyone has a ballot in.
fn board(size: u8) -> (Room, VoteId) {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let names: Vec<String> = (1..size).map(|n| format!("member {n}")).collect();
    for name in &names {
        room.join(name, Role::Participant);
    }
    let vote = opened(&room.ask("ann", open_vote(Voters::Members)));
    for name in ["ann"].into_iter().chain(names.iter().map(String::as_str)) {
        room.ask(name, Command::TakeBallot { vote });
    }
    (room, vote)
}

fn cast(room: &mut Room, vote: VoteId, ballot: Ballot) -> Result<Vec<Event>, Denied> {
    room.hand_in(Input::Ballot { vote, ballot })?;
    Ok(room.happened())
}

#[test]
fn those_who_are_here_get_one_ballot_each_and_nobody_else_any() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    room.join("recorder", Role::Service);
    room.try_arrive(guest("gus")).expect("taken in to wait");
    let gus = room.id("gus");
    room.ask("ann", Command::Admit { target: gus });
    let vote = opened(&room.ask("ann", open_vote(Voters::Members)));
    assert_eq!(room.refused("ann", open_vote(Voters::Members)), Denied::VoteOpen);
    room.join("late", Role::Participant);
    assert_eq!(room.refused("gus", Command::TakeBallot { vote }), Denied::NotEntitled);
    assert_eq!(room.refused("late", Command::TakeBallot { vote }), Denied::NotEntitled);
    let unknown = VoteId::from_number(1);
    assert_eq!(room.refused("bob", Command::TakeBallot { vote: unknown }), Denied::NoSuchVote);

    let bob = room.id("bob");
    let given = room.ask("bob", Command::TakeBallot { vote });
    assert_eq!(given, [Event::BallotGiven(BallotGiven { vote, participant: bob, given: 1 })]);
    assert_eq!(room.refused("bob", Command::TakeBallot { vote }), Denied::BallotGiven);
    // A lost link and a new one do not make another voter.
    room.lose_link("bob");
    room.try_join(claim("bob", Role::Participant)).expect("the place was kept");
    assert_eq!(room.refused("bob", Command::TakeBallot { vote }), Denied::BallotGiven);
    // Nor does leaving for good and coming again.
    room.ask("bob", Command::Leave);
    room.join("bob", Role::Participant);
    assert_eq!(room.refused("bob", Command::TakeBallot { vote }), Denied::NotEntitled);
    let seen = &room.view("ann").votes[0];
    assert_eq!((seen.entitled, seen.given, seen.may, seen.took), (Some(2), 1, true, false));
}

#[test]
fn a_ballot_counts_once_and_the_same_once_more_is_no_news() {
    let (mut room, vote) = board(2);
    assert_eq!(cast(&mut room, vote, ballot(1, &[0])), Ok(vec![]));
    assert_eq!(cast(&mut room, vote, ballot(1, &[0])), Ok(vec![]), "sent again");
    assert_eq!(cast(&mut room, vote, ballot(1, &[1])), Err(Denied::BallotCast));
    for wrong in [&[][..], &[2], &[0, 1], &[0, 0]] {
        assert_eq!(cast(&mut room, vote, ballot(2, wrong)), Err(Denied::BadBallot), "{wrong:?}");
    }
    assert_eq!(cast(&mut room, vote, ballot(2, &[1])), Ok(vec![]));
    // More than were given cannot be.
    assert_eq!(cast(&mut room, vote, ballot(3, &[1])), Err(Denied::BadBallot));
    assert_eq!(room.view("ann").votes[0].counts, None, "no tally before the end");
    let ended = room.ask("ann", Command::CloseVote { vote });
    let kinds: Vec<_> = ended.iter().map(Event::kind).collect();
    assert_eq!(kinds, ["vote_closing", "ballots_counted", "vote_closed"], "all have arrived");
    let seen = room.view("member 1").votes.remove(0);
    assert_eq!(
        (seen.stage, seen.cast, seen.counts),
        (VoteStage::Closed, Some(2), Some(vec![1, 1]))
    );
    assert_eq!(cast(&mut room, vote, ballot(1, &[0])), Ok(vec![]), "sent again after the end");
    assert_eq!(cast(&mut room, vote, ballot(4, &[0])), Err(Denied::VoteOver));
    let list = room.watched.meeting.vote_result(vote).expect("it is over");
    assert_eq!(list.ballots, [ballot(1, &[0]), ballot(2, &[1])]);
}

#[test]
fn ballots_are_counted_five_when_ten_wait_and_told_to_nobody() {
    let (mut room, vote) = board(12);
    // Against the order of their serials, as whoever comes last must not show.
    for number in (1..10).rev() {
        assert_eq!(cast(&mut room, vote, ballot(number, &[0])), Ok(vec![]));
    }
    let counted = cast(&mut room, vote, ballot(10, &[1])).expect("the tenth");
    let five: Vec<_> = (1..=5).map(|number| ballot(number, &[0])).collect();
    assert_eq!(counted, [Event::BallotsCounted(BallotsCounted { vote, ballots: five })]);
    let told = |output: &Output| matches!(output, Output::Deliver { .. });
    assert!(!room.watched.outputs.iter().any(told));
}

#[test]
fn a_ballot_that_waited_when_the_server_fell_is_sent_again() {
    let (mut room, vote) = board(3);
    cast(&mut room, vote, ballot(1, &[0])).expect("taken");
    room.watched.restart();
    assert_eq!(room.watched.meeting.current_vote(), Some(vote));
    assert_eq!(cast(&mut room, vote, ballot(1, &[0])), Ok(vec![]));
    for name in ["ann", "member 1", "member 2"] {
        let role = if name == "ann" { Role::Moderator } else { Role::Participant };
        room.join(name, role);
        assert_eq!(room.refused(name, Command::TakeBallot { vote }), Denied::BallotGiven);
    }
    cast(&mut room, vote, ballot(2, &[0])).expect("taken");
    // One never comes: the vote waits for it, and not for ever.
    let ended = room.ask("ann", Command::CloseVote { vote });
    assert_eq!(ended.len(), 1, "it waits");
    assert_eq!(room.refused("member 2", Command::TakeBallot { vote }), Denied::VoteOver);
    assert_eq!(room.refused("ann", open_vote(Voters::Members)), Denied::VoteOpen);
    let over = room.pass(Span::from_secs(30));
    assert_eq!(
        over.last(),
        Some(&Event::VoteClosed(VoteClosed { vote, cast: 2, counts: vec![2, 0] }))
    );
    room.ask("ann", open_vote(Voters::Members));
}

#[test]
fn no_entry_joins_a_person_and_a_ballot() {
    let (mut room, vote) = board(12);
    for number in 1..=12 {
        cast(&mut room, vote, ballot(number, &[number % 2])).expect("taken");
    }
    room.ask("ann", Command::CloseVote { vote });
    for entry in &room.watched.journal {
        let text = serde_json::to_string(entry).expect("JSON");
        let names_one = text.contains("par_");
        let tells = (1..=12).any(|number| text.contains(serial(number).as_str()));
        assert!(!(names_one && tells), "{text}");
        assert!(!tells || entry.event.kind() == "ballots_counted");
        let printed = format!("{entry:?}");
        assert!((1..=12).all(|number| !printed.contains(serial(number).as_str())), "{printed}");
    }
    let outputs = format!("{:?}", room.watched.outputs);
    assert!((1..=12).all(|number| !outputs.contains(serial(number).as_str())));
}

#[test]
fn a_vote_has_two_to_ten_choices_and_somebody_to_vote() {
    let mut room = Room::open();
    room.try_join(conf_core::Claim {
        standing: conf_core::Standing::Guest,
        ..claim("ann", Role::Moderator)
    })
    .expect("in");
    let asked = |count: usize, most| Command::OpenVote {
        question: PollQuestion::new("Which?").expect("a valid question"),
        choices: vec![PollChoice::new("one").expect("a valid choice"); count],
        most,
        voters: Voters::Everyone,
        key: VoteKey::new("AAAA").expect("a valid key"),
    };
    for (count, most) in [(1, 1), (11, 1), (2, 0), (2, 3)] {
        assert_eq!(room.refused("ann", asked(count, most)), Denied::VoteChoices { max: 10 });
    }
    assert_eq!(room.refused("ann", open_vote(Voters::Members)), Denied::NoVoters);
    room.ask("ann", asked(10, 10));
}
