//! A class comes and goes; its teacher reads who was there and for how long.

use conf_core::signal::Signal;
use conf_core::text::DisplayName;
use conf_core::view::{AttendancePage, StayView};
use conf_core::{Command, Denied, Output, Role, Span, Standing, Timestamp};

use crate::support::{Room, START, claim, config, guest};

fn asked(room: &mut Room, name: &str) -> AttendancePage {
    room.ask(name, Command::ShowAttendance { from: 0 });
    let told = room.watched.outputs.iter().find_map(|output| match output {
        Output::Signal { signal: Signal::Attendance(page), .. } => Some(page.clone()),
        _ => None,
    });
    told.expect("who asks is told")
}

/// A stay as a teacher reads it, in seconds since the meeting opened.
fn read(stay: &StayView) -> (String, Role, Standing, u64, Option<u64>) {
    let seconds = |at: Timestamp| (at - START).0 / 1_000;
    let name = stay.name.as_ref().map_or("?", |name| name.as_str()).to_owned();
    (name, stay.role, stay.standing, seconds(stay.from), stay.until.map(seconds))
}

#[test]
fn everyone_who_came_is_listed_with_when_they_came_and_went() {
    let mut room = Room::open_with(config().attendance(true));
    room.join("ann", Role::Moderator);
    room.join("recorder", Role::Service);
    room.pass(Span::from_secs(10));
    let bob = room.join("bob", Role::Participant);
    room.wait("gil");
    room.pass(Span::from_secs(10));
    room.ask("ann", Command::AdmitAll);
    room.lose_link("gil");
    room.pass(Span::from_secs(5));
    room.try_join(guest("gil")).expect("back in time");
    room.ask("bob", Command::Leave);
    room.pass(Span::from_secs(5));
    let again = room.try_join(claim("bob", Role::Participant)).expect("he comes again");
    room.ask("ann", Command::Promote { target: again });
    let name = DisplayName::new("Robert").expect("a valid name");
    room.ask("ann", Command::Rename { target: again, name });
    room.lose_link("gil");
    room.pass(Span::from_mins(2));

    let page = asked(&mut room, "ann");
    let stays: Vec<_> = page.stays.iter().map(read).collect();
    let of =
        |name: &str, role, standing, from, until| (name.to_owned(), role, standing, from, until);
    assert_eq!(
        stays,
        [
            of("ann", Role::Moderator, Standing::Member, 0, None),
            of("bob", Role::Participant, Standing::Member, 10, Some(25)),
            of("gil", Role::Participant, Standing::Guest, 20, Some(30)),
            of("Robert", Role::Moderator, Standing::Member, 30, None),
        ],
        "a machine is nobody, and who never came back went when the link broke"
    );
    let persons: Vec<_> = page.stays.iter().map(|stay| stay.person).collect();
    assert_eq!(persons[3], bob, "he is the same person both times");
    assert_eq!((page.total, page.left_out), (4, 0));
    room.watched.restart();
    assert_eq!(asked_after_restart(&mut room).stays.len(), 4);
}

fn asked_after_restart(room: &mut Room) -> AttendancePage {
    room.join("ann", Role::Moderator);
    asked(room, "ann")
}

#[test]
fn nothing_is_kept_unless_the_room_wants_it_and_nobody_else_reads_it() {
    let mut room = Room::with_ann_bob_and_cleo();
    let show = Command::ShowAttendance { from: 0 };
    assert!(!room.view("bob").attendance);
    assert_eq!(room.refused("ann", show.clone()), Denied::AttendanceOff);

    let mut room = Room::of_three(config().attendance(true));
    assert!(room.view("bob").attendance, "everyone is told");
    assert!(matches!(room.refused("bob", show), Denied::NotAllowed { .. }));
}
