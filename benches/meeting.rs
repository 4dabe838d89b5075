//! Commands of a meeting, from `handle` to the last output, and what a restart costs.

use std::hint::black_box;

use conf_core::id::{ClaimId, IdSource, MeetingId, ParticipantId, RoomId, SessionId};
use conf_core::text::{ChatText, DisplayName, RoomName, Subject};
use conf_core::*;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const NOW: Timestamp = Timestamp(1_760_000_000_000);
const ROOM: RoomId = RoomId::from_number(7);

struct Counting(u128);

impl IdSource for Counting {
    fn draw(&mut self) -> u128 {
        self.0 += 1;
        self.0
    }
}

fn open() -> Meeting {
    let identity =
        Identity { meeting: MeetingId::from_number(1), room: ROOM, tenant: "default".to_owned() };
    let config =
        MeetingConfig::new(RoomName::new("Bench").expect("a valid name")).chat_burst(u32::MAX);
    Meeting::open(NOW, Box::new(Counting(0)), identity, config)
}

fn claim(number: u128) -> Claim {
    let name = format!("Person {number}");
    Claim {
        id: ClaimId::from_number(number),
        issuer: "conf".to_owned(),
        tenant: "default".to_owned(),
        room: ROOM,
        subject: Subject::new(&name).expect("a valid subject").into(),
        name: DisplayName::new(&name).expect("a valid name").into(),
        role: if number == 1 { Role::Moderator } else { Role::Participant },
        standing: Standing::Member,
        sources: SourceSet::ALL,
        guest_link: None,
        expires_at: NOW + Span::from_mins(60),
    }
}

/// A meeting of so many, all with open microphones; the first moderates.
fn meeting_of(people: u128) -> (Meeting, Vec<ParticipantId>) {
    let mut meeting = open();
    let mut ids = Vec::new();
    for number in 1..=people {
        let session = SessionId::from_number(number);
        do_now(&mut meeting, Input::Join { session, claim: claim(number) });
        let id = meeting.participant_of(session).expect("admitted");
        ask(&mut meeting, id, Command::Publish { source: Source::Microphone });
        ids.push(id);
    }
    (meeting, ids)
}

fn do_now(meeting: &mut Meeting, input: Input) {
    meeting.handle(NOW, input).expect("the bench asks only what is allowed");
    while black_box(meeting.poll_output()).is_some() {}
}

fn ask(meeting: &mut Meeting, from: ParticipantId, command: Command) {
    do_now(meeting, Input::Command { from, command });
}

fn commands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("meeting");
    for people in [10, 100, 500] {
        group.throughput(Throughput::Elements(2));
        group.bench_function(format!("mute_unmute/{people}_people"), |bencher| {
            let (mut meeting, ids) = meeting_of(people);
            let (ann, bob) = (ids[0], ids[ids.len() - 1]);
            bencher.iter(|| {
                ask(&mut meeting, ann, Command::Mute { target: bob });
                ask(&mut meeting, bob, Command::Unmute);
            });
        });
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("refused/{people}_people"), |bencher| {
            let (mut meeting, ids) = meeting_of(people);
            let (ann, bob) = (ids[0], ids[ids.len() - 1]);
            let command = Command::Mute { target: ann };
            bencher.iter(|| {
                let input = Input::Command { from: bob, command: command.clone() };
                black_box(meeting.handle(NOW, input))
            });
        });
        group.bench_function(format!("wake/{people}_people"), |bencher| {
            let (meeting, _) = meeting_of(people);
            bencher.iter(|| black_box(meeting.poll_timeout()));
        });
        group.bench_function(format!("view/{people}_people"), |bencher| {
            let (meeting, ids) = meeting_of(people);
            bencher.iter(|| black_box(meeting.view(ids[0])));
        });
    }
    group.bench_function("chat/100_people", |bencher| {
        let (mut meeting, ids) = meeting_of(100);
        let text = ChatText::new("The slides are in the course folder.").expect("a valid text");
        let mut now = NOW;
        bencher.iter(|| {
            // A second apart, so that nobody's recent messages pile up.
            now = now + Span::from_secs(1);
            let command = Command::SendChat { text: text.clone() };
            let input = Input::Command { from: ids[1], command };
            meeting.handle(now, input).expect("not too fast");
            while black_box(meeting.poll_output()).is_some() {}
        });
    });
    group.throughput(Throughput::Elements(500));
    group.bench_function("join/500_people", |bencher| {
        bencher.iter_batched(
            || (open(), (1..=500).map(claim).collect::<Vec<_>>()),
            |(mut meeting, claims)| {
                for (claim, number) in claims.into_iter().zip(1..) {
                    let session = SessionId::from_number(number);
                    do_now(&mut meeting, Input::Join { session, claim });
                }
                meeting
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn restart(criterion: &mut Criterion) {
    // A hundred people, then hands up and down: 10 000 entries.
    let mut meeting = open();
    let mut journal = Vec::new();
    let mut keep = |meeting: &mut Meeting, input: Option<Input>| {
        if let Some(input) = input {
            meeting.handle(NOW, input).expect("the bench asks only what is allowed");
        }
        while let Some(output) = meeting.poll_output() {
            if let Output::Journal(entry) = output {
                journal.push(entry);
            }
        }
        journal.len()
    };
    keep(&mut meeting, None);
    for number in 1..=100 {
        let session = SessionId::from_number(number);
        keep(&mut meeting, Some(Input::Join { session, claim: claim(number) }));
    }
    for number in (1..=100).cycle() {
        let session = SessionId::from_number(number);
        let from = meeting.participant_of(session).expect("admitted");
        keep(&mut meeting, Some(Input::Command { from, command: Command::RaiseHand }));
        let command = Command::LowerHand { target: from };
        if keep(&mut meeting, Some(Input::Command { from, command })) >= 10_000 {
            break;
        }
    }

    let mut group = criterion.benchmark_group("restart");
    group.throughput(Throughput::Elements(journal.len() as u64));
    group.bench_function("replay/10000_entries", |bencher| {
        bencher.iter_batched(
            || journal.clone(),
            |journal| Meeting::replay(Box::new(Counting(0)), journal).expect("it replays"),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, commands, restart);
criterion_main!(benches);
