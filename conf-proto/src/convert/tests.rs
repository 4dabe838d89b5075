//! What becomes of what on its way.

use conf_core::event::WaitEnd;
use conf_core::{GuestPolicy, Timestamp};

use super::*;

const ANN: ParticipantId = ParticipantId::from_number(1);
const BOB: ParticipantId = ParticipantId::from_number(2);

fn told(event: Event) -> Option<RoomEvent> {
    let entry = Entry { seq: 1, at: Timestamp(5), version: 3, event };
    event_frame(&entry, |_| None).map(|frame| frame.event)
}

#[test]
fn who_removed_somebody_is_told_and_why_else_they_left_is_not() {
    let left = |reason| Event::Left { participant: BOB, reason };
    for ban in [false, true] {
        let removed = left(LeaveReason::Removed { by: ANN, ban });
        let removed_by = Some(ANN);
        assert!(told(removed) == Some(RoomEvent::Left { participant: BOB, removed_by }));
    }
    let lost = told(left(LeaveReason::LinkLost));
    assert!(lost == Some(RoomEvent::Left { participant: BOB, removed_by: None }));
}

#[test]
fn how_a_wait_ended_is_not_told() {
    for reason in [WaitEnd::Left, WaitEnd::Denied { by: ANN }, WaitEnd::Admitted { by: None }] {
        let ended = told(Event::WaitEnded { participant: BOB, reason });
        assert!(ended == Some(RoomEvent::WaitEnded { participant: BOB }));
    }
}

#[test]
fn what_moderators_ask_for_becomes_a_command() {
    let command = |body| match meaning(body) {
        Ok(Meaning::Command(command)) => command,
        other => panic!("expected a command, found {other:?}"),
    };
    let policy = GuestPolicy::Deny;
    assert_eq!(command(ClientBody::SetGuests { policy }), Command::SetGuests { policy });
    assert_eq!(
        command(ClientBody::Remove { target: BOB, ban: true }),
        Command::Remove { target: BOB, ban: true }
    );
    let nothing = ClientBody::SetLobbyMessage { text: None };
    assert_eq!(command(nothing), Command::SetLobbyMessage { text: None });
    let empty = ClientBody::SetLobbyMessage { text: Some(" ".to_owned()) };
    assert_eq!(meaning(empty).expect_err("no text").code, "text_empty");
}
