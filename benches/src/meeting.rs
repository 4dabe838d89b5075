//! Commands of a meeting, from `handle` to the last output, and what a restart costs.

use std::hint::black_box;

use conf_core::{
    id::{ClaimId, IdSource, MeetingId, ParticipantId, RoomId, SessionId},
    text::{ChatText, DisplayName, RoomName, Subject},
    *,
};

use crate::workload::{Case, Workload};

const NOW: Timestamp = Timestamp(1_760_000_000_000);
const ROOM: RoomId = RoomId::from_number(7);
/// Times a quick command is repeated within a round.
const TIMES: u64 = 64;
/// Entries of the journal that is replayed.
const ENTRIES: usize = 2_000;

/// What a room's owner asks most, in a meeting of a hundred; joining and restarting.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "meeting/mute_unmute/100_people",
        unit: "command",
        rounds: 8,
        make: || Box::new(Commands::new(100, Asked::MuteUnmute)),
    },
    Case {
        name: "meeting/mute_unmute/500_people",
        unit: "command",
        rounds: 4,
        make: || Box::new(Commands::new(500, Asked::MuteUnmute)),
    },
    Case {
        name: "meeting/refused/100_people",
        unit: "command",
        rounds: 8,
        make: || Box::new(Commands::new(100, Asked::Refused)),
    },
    Case {
        name: "meeting/chat/100_people",
        unit: "command",
        rounds: 8,
        make: || Box::new(Commands::new(100, Asked::Chat)),
    },
    Case {
        name: "meeting/wake/100_people",
        unit: "question",
        rounds: 8,
        make: || Box::new(Commands::new(100, Asked::Wake)),
    },
    Case {
        name: "meeting/view/100_people",
        unit: "view",
        rounds: 4,
        make: || Box::new(Commands::new(100, Asked::View)),
    },
    Case {
        name: "meeting/join/500_people",
        unit: "join",
        rounds: 1,
        make: || Box::new(Joins { ready: None }),
    },
    Case {
        name: "meeting/replay",
        unit: "journal entry",
        rounds: 2,
        make: || Box::new(Replay { journal: journal(), ready: Vec::new() }),
    },
];

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
        give(&mut meeting, NOW, Input::Join { session, claim: claim(number) });
        let id = meeting.participant_of(session).expect("admitted");
        ask(&mut meeting, NOW, id, Command::Publish { source: Source::Microphone });
        ids.push(id);
    }
    (meeting, ids)
}

fn give(meeting: &mut Meeting, now: Timestamp, input: Input) {
    meeting.handle(now, input).expect("the bench asks only what is allowed");
    while black_box(meeting.poll_output()).is_some() {}
}

fn ask(meeting: &mut Meeting, now: Timestamp, from: ParticipantId, command: Command) {
    give(meeting, now, Input::Command { from, command });
}

enum Asked {
    MuteUnmute,
    Refused,
    Chat,
    Wake,
    View,
}

struct Commands {
    meeting: Meeting,
    first: ParticipantId,
    last: ParticipantId,
    asked: Asked,
    now: Timestamp,
    text: ChatText,
}

impl Commands {
    fn new(people: u128, asked: Asked) -> Self {
        let (meeting, ids) = meeting_of(people);
        let text = ChatText::new("The slides are in the course folder.").expect("a valid text");
        Self { meeting, first: ids[0], last: ids[ids.len() - 1], asked, now: NOW, text }
    }
}

impl Workload for Commands {
    fn round(&mut self) -> u64 {
        let Self { meeting, first, last, now, text, .. } = self;
        for _ in 0..TIMES {
            match self.asked {
                Asked::MuteUnmute => {
                    ask(meeting, *now, *first, Command::Mute { target: *last });
                    ask(meeting, *now, *last, Command::Unmute);
                }
                Asked::Refused => {
                    let command = Command::Mute { target: *first };
                    let refused = meeting.handle(*now, Input::Command { from: *last, command });
                    assert!(black_box(refused).is_err());
                }
                Asked::Chat => {
                    // A second apart, so that nobody's recent messages pile up.
                    *now = *now + Span::from_secs(1);
                    ask(
                        meeting,
                        *now,
                        *last,
                        Command::SendChat { text: text.clone(), to: None, answers: None },
                    );
                }
                Asked::Wake => {
                    black_box(meeting.poll_timeout());
                }
                Asked::View => {
                    black_box(meeting.view(*first));
                }
            }
        }
        match self.asked {
            Asked::MuteUnmute => 2 * TIMES,
            _ => TIMES,
        }
    }
}

/// Five hundred people come to an empty room.
struct Joins {
    ready: Option<(Meeting, Vec<Claim>)>,
}

impl Workload for Joins {
    fn prepare(&mut self) {
        self.ready = Some((open(), (1..=500).map(claim).collect()));
    }

    fn round(&mut self) -> u64 {
        let Some((meeting, claims)) = &mut self.ready else { return 0 };
        let count = claims.len() as u64;
        for (claim, number) in claims.drain(..).zip(1..) {
            let session = SessionId::from_number(number);
            give(meeting, NOW, Input::Join { session, claim });
        }
        count
    }
}

/// A hundred people, then hands up and down.
fn journal() -> Vec<Entry> {
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
        if keep(&mut meeting, Some(Input::Command { from, command })) >= ENTRIES {
            break;
        }
    }
    journal
}

struct Replay {
    journal: Vec<Entry>,
    ready: Vec<Entry>,
}

impl Workload for Replay {
    fn prepare(&mut self) {
        self.ready = self.journal.clone();
    }

    fn round(&mut self) -> u64 {
        let journal = std::mem::take(&mut self.ready);
        let entries = journal.len() as u64;
        black_box(Meeting::replay(Box::new(Counting(0)), journal).expect("it replays"));
        entries
    }
}
