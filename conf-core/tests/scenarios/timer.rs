//! A timer that all see alike: nothing ticks, and a restart changes nothing in it.

use conf_core::policy::action::Action;
use conf_core::view::TimerView;
use conf_core::{Command, Denied, Event, Role, Span};

use crate::support::{Room, START};

const MINUTE: Command = Command::SetTimer { span: Some(Span::from_mins(1)), runs: true };

#[test]
fn it_runs_rests_and_goes_on_and_no_time_is_lost_by_a_restart() {
    let mut room = Room::with_ann_bob_and_cleo();
    let by = room.id("ann");
    let span = Some(Span::from_mins(1));
    assert_eq!(room.ask("ann", MINUTE), [Event::TimerSet { span, runs: true, by }]);
    assert_eq!(room.pass(Span::from_secs(10)), [], "nothing ticks");
    room.watched.restart();
    for name in ["ann", "bob"] {
        room.join(name, if name == "ann" { Role::Moderator } else { Role::Participant });
    }
    let shown = TimerView { span, passed: Span(0), since: Some(START) };
    assert_eq!(room.view("bob").timer, Some(shown));

    room.pass(Span::from_secs(5));
    room.ask("ann", Command::PauseTimer);
    assert_eq!(room.ask("ann", Command::PauseTimer), [], "it rests already");
    room.pass(Span::from_secs(100));
    let resting = TimerView { span, passed: Span::from_secs(15), since: None };
    assert_eq!(room.view("bob").timer, Some(resting));
    room.ask("ann", Command::ResumeTimer);
    assert_eq!(room.ask("ann", Command::ResumeTimer), [], "it runs already");
    let since = Some(START + Span::from_secs(115));
    assert_eq!(room.view("bob").timer, Some(TimerView { since, ..resting }));
    room.pass(Span::from_mins(5));
    room.ask("ann", Command::StopTimer);
    assert_eq!(room.view("bob").timer, None);
    assert_eq!(room.ask("ann", Command::StopTimer), []);
    assert_eq!(room.refused("ann", Command::PauseTimer), Denied::NoTimer);
    assert_eq!(room.refused("ann", Command::ResumeTimer), Denied::NoTimer);
}

#[test]
fn it_counts_up_too_and_down_from_a_second_to_a_day() {
    let mut room = Room::with_ann_bob_and_cleo();
    for (span, fits) in
        [(0, false), (999, false), (1_000, true), (86_400_000, true), (86_400_001, false)]
    {
        let set = Command::SetTimer { span: Some(Span(span)), runs: false };
        let verdict = room.try_ask("ann", set).map(|_| ());
        assert_eq!(verdict, if fits { Ok(()) } else { Err(Denied::TimerSpan) }, "{span} ms");
    }
    room.ask("ann", Command::SetTimer { span: None, runs: true });
    let shown = TimerView { span: None, passed: Span(0), since: Some(START) };
    assert_eq!(room.view("cleo").timer, Some(shown));
}

#[test]
fn the_presenter_runs_it_and_other_participants_do_not() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    let role = Role::Participant;
    assert_eq!(room.refused("bob", MINUTE), Denied::NotAllowed { action: Action::RunTimer, role });
    room.ask("ann", Command::GivePresenter { target });
    room.ask("bob", MINUTE);
    room.ask("bob", Command::PauseTimer);
    let stop = room.refused("cleo", Command::StopTimer);
    assert_eq!(stop, Denied::NotAllowed { action: Action::RunTimer, role });
}
