//! Somebody is reported to the operator, and nobody in the meeting hears of it.

use conf_core::audit::{AuditKind, audit_worthy};
use conf_core::text::ReportText;
use conf_core::{Command, Denied, Event, Output, Role, Span};

use crate::support::Room;

fn report(room: &Room, whom: &str) -> Command {
    let text = ReportText::new("They shout at everyone.").expect("a valid text");
    Command::Report { target: room.id(whom), text }
}

#[test]
fn a_report_is_kept_and_told_to_nobody() {
    let mut room = Room::with_ann_bob_and_cleo();
    let command = report(&room, "ann");
    let happened = room.ask("bob", command);
    let [Event::Reported { participant, by, text }] = happened.as_slice() else {
        panic!("expected one report, found {happened:?}");
    };
    assert_eq!((*participant, *by), (room.id("ann"), room.id("bob")));
    assert_eq!(text.as_ref().map(ReportText::as_str), Some("They shout at everyone."));
    assert!(!room.watched.outputs.iter().any(|o| matches!(o, Output::Deliver { .. })));
    let (by, target) = (room.id("bob"), room.id("ann"));
    assert_eq!(audit_worthy(&happened[0]), Some(AuditKind::Reported { by, target }));
}

#[test]
fn one_reports_others_and_not_all_the_time() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("recorder", Role::Service);
    let (of_bob, of_ann) = (report(&room, "bob"), report(&room, "ann"));
    assert!(matches!(room.refused("bob", of_bob.clone()), Denied::NotAllowed { .. }));
    assert!(matches!(room.refused("recorder", of_ann.clone()), Denied::NotAllowed { .. }));
    room.ask("cleo", of_bob.clone());
    assert_eq!(room.refused("cleo", of_ann), Denied::TooFast { max: 1 });
    room.pass(Span::from_secs(30));
    room.ask("cleo", of_bob);
}
