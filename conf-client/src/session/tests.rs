use conf_proto::RoomEvent;

use super::*;
use crate::room::tests::view;

struct Story {
    session: Session,
    now: Instant,
}

impl Story {
    fn new() -> Self {
        let now = Instant::now();
        let mut story = Self { session: Session::new(SessionConfig::new("token"), now), now };
        assert!(matches!(story.next(), Some(Output::Connect)));
        story
    }

    fn joined() -> Self {
        let mut story = Self::new();
        story.handle(Input::Opened(None));
        let hello = story.sent();
        story.say(&welcome(hello.id, true));
        assert!(matches!(story.next(), Some(Output::News(News::Joined { resumed: false, .. }))));
        story
    }

    fn handle(&mut self, input: Input) {
        self.session.handle(self.now, input);
    }

    fn say(&mut self, message: &ServerMessage) {
        let text = serde_json::to_string(message).unwrap();
        self.handle(Input::Frame(text));
    }

    fn next(&mut self) -> Option<Output> {
        self.session.poll_output()
    }

    fn sent(&mut self) -> ClientMessage {
        match self.next() {
            Some(Output::Send(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected a frame to send, found {other:?}"),
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.handle(Input::Tick);
    }
}

fn welcome(re: u32, full: bool) -> ServerMessage {
    ServerMessage::Welcome {
        re,
        protocol: PROTOCOL,
        participant: ParticipantId::from_number(1),
        meeting: MeetingId::from_number(7),
        now: 1_790_000_000_000,
        seq: 5,
        room: full.then(|| Box::new(view())),
        events: Vec::new(),
        answer: None,
        media: true,
    }
}

#[test]
fn the_first_message_is_hello_and_requests_wait_for_the_welcome() {
    let mut story = Story::new();
    let now = story.now;
    assert!(story.session.request(now, ClientBody::RaiseHand).is_err());
    story.handle(Input::Opened(None));
    assert_eq!(story.sent().body.kind(), "hello");
    assert!(story.session.request(now, ClientBody::RaiseHand).is_err());
}

#[test]
fn a_request_is_answered_under_its_number() {
    let mut story = Story::joined();
    let id = story.session.request(story.now, ClientBody::RaiseHand).unwrap();
    assert_eq!(story.sent().id, id);
    story.say(&ServerMessage::Done { re: id + 1 });
    assert!(story.next().is_none());
    story.say(&ServerMessage::Done { re: id });
    assert!(matches!(
        story.next(),
        Some(Output::News(News::Replied { id: re, result: Ok(None) })) if re == id
    ));
}

#[test]
fn a_request_without_an_answer_fails_in_time() {
    let mut story = Story::joined();
    let id = story.session.request(story.now, ClientBody::Unmute).unwrap();
    let _ = story.sent();
    story.pass(Duration::from_secs(10));
    let replies: Vec<_> = std::iter::from_fn(|| story.next())
        .filter_map(|output| match output {
            Output::News(News::Replied { id, result: Err(Failure::TimedOut(_)) }) => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!(replies, [id]);
}

#[test]
fn a_broken_link_is_resumed_where_it_stopped() {
    let mut story = Story::joined();
    story.say(&ServerMessage::Event(EventFrame {
        seq: 9,
        at: 0,
        event: RoomEvent::HandRaised { participant: ParticipantId::from_number(2) },
    }));
    assert!(matches!(story.next(), Some(Output::News(News::Happened(_)))));
    story.handle(Input::Closed);
    assert!(matches!(story.next(), Some(Output::News(News::LinkLost))));
    let at = story.session.poll_timeout().unwrap();
    story.pass(at - story.now);
    assert!(matches!(story.next(), Some(Output::Connect)));
    story.handle(Input::Opened(None));
    let hello = story.sent();
    let ClientBody::Hello { resume: Some(resume), .. } = hello.body else {
        panic!("expected a resume")
    };
    assert_eq!(resume, Resume { meeting: MeetingId::from_number(7), seq: 9 });
    story.say(&welcome(hello.id, false));
    assert!(matches!(story.next(), Some(Output::News(News::Joined { resumed: true, .. }))));
    assert_eq!(story.session.room().unwrap().hands.len(), 1);
}

#[test]
fn attempts_slow_down_and_end() {
    let mut story = Story::joined();
    story.handle(Input::Closed);
    let mut attempts = 0;
    loop {
        while let Some(output) = story.next() {
            match output {
                Output::Connect => attempts += 1,
                Output::News(News::Over(Over::GaveUp(_))) => {
                    assert!((55..100).contains(&attempts), "{attempts} attempts in a minute");
                    return;
                }
                _ => {}
            }
        }
        match story.session.poll_timeout() {
            Some(at) => story.pass(at - story.now),
            None => story.handle(Input::Closed),
        }
    }
}

#[test]
fn a_silent_server_is_noticed_by_ping() {
    let mut story = Story::joined();
    story.pass(Duration::from_secs(10));
    assert_eq!(story.sent().body.kind(), "ping");
    story.pass(Duration::from_secs(10));
    assert!(matches!(story.next(), Some(Output::Close)));
    assert!(matches!(story.next(), Some(Output::News(News::LinkLost))));
}

#[test]
fn who_is_replaced_does_not_come_back() {
    let mut story = Story::joined();
    story.say(&ServerMessage::Bye { reason: ByeReason::Replaced });
    assert!(matches!(story.next(), Some(Output::News(News::Over(Over::Bye(_))))));
    assert!(matches!(story.next(), Some(Output::Close)));
    story.handle(Input::Closed);
    assert!(story.next().is_none());
    assert_eq!(story.session.poll_timeout(), None);
}

#[test]
fn garbage_is_counted_and_changes_nothing() {
    let mut story = Story::joined();
    for text in ["", "{", "null", "{\"type\":\"event\"}", "{\"type\":\"welcome\",\"re\":-1}"] {
        story.handle(Input::Frame(text.to_owned()));
    }
    assert_eq!(story.session.unreadable(), 5);
    assert!(story.next().is_none());
}

#[test]
fn in_the_lobby_it_waits_for_the_welcome_to_its_hello_however_long() {
    let mut story = Story::new();
    story.handle(Input::Opened(None));
    let hello = story.sent();
    let waiting = |position| ServerMessage::Waiting {
        re: hello.id,
        participant: ParticipantId::from_number(1),
        meeting: MeetingId::from_number(7),
        reason: WaitReason::Guest,
        position,
        message: None,
    };
    story.say(&waiting(2));
    assert!(matches!(story.next(), Some(Output::News(News::Waiting { position: 2, .. }))));
    story.pass(Duration::from_secs(3_600));
    assert!(story.next().is_none());
    assert!(story.session.request(story.now, ClientBody::RaiseHand).is_err());

    let message = Some("soon".to_owned());
    story.say(&ServerMessage::Lobby { reason: WaitReason::Guest, position: 1, message });
    assert!(matches!(story.next(), Some(Output::News(News::Waiting { position: 1, .. }))));
    story.say(&welcome(hello.id, true));
    assert!(matches!(story.next(), Some(Output::News(News::Joined { resumed: false, .. }))));
}

#[test]
fn a_link_that_breaks_in_the_lobby_is_tried_again() {
    let mut story = Story::new();
    story.handle(Input::Opened(None));
    let hello = story.sent();
    story.say(&ServerMessage::Waiting {
        re: hello.id,
        participant: ParticipantId::from_number(1),
        meeting: MeetingId::from_number(7),
        reason: WaitReason::NoModerator,
        position: 1,
        message: None,
    });
    let _ = story.next();
    story.handle(Input::Closed);
    let at = story.session.poll_timeout().expect("it comes back");
    story.pass(at - story.now);
    assert!(matches!(story.next(), Some(Output::Connect)));
    story.handle(Input::Opened(None));
    let ClientBody::Hello { resume, .. } = story.sent().body else { panic!("expected a hello") };
    assert!(resume.is_none(), "there is nothing to resume");
}
