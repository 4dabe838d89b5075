//! What is written down about a meeting, on its way to whoever asked for it.

use conf_core::view::{AttendancePage, FiguresView, LearningPage, MinutesView, StayView};

use super::text_of;
use crate::papers::{Figures, Minutes, Stay};
use crate::signal::RoomSignal;

pub(super) fn attendance(page: &AttendancePage) -> RoomSignal {
    RoomSignal::Attendance {
        from: page.from,
        stays: page.stays.iter().map(stay).collect(),
        total: page.total,
        left_out: page.left_out,
    }
}

pub(super) fn learning(page: &LearningPage) -> RoomSignal {
    RoomSignal::Learning {
        from: page.from,
        people: page.people.iter().map(figures).collect(),
        total: page.total,
        left_out: page.left_out,
    }
}

pub(super) fn figures(of: &FiguresView) -> Figures {
    Figures {
        person: of.person,
        name: text_of(&of.name, |n| n.as_str()),
        role: of.role,
        standing: of.standing,
        here: of.here,
        present_ms: of.present.0,
        talked_ms: of.talked.0,
        hands: of.hands,
        polls: of.polls,
        messages: of.messages,
    }
}

pub(super) fn minutes(minutes: &MinutesView) -> Minutes {
    Minutes {
        text: minutes.text.as_ref().and_then(|text| text_of(text, |t| t.as_str())),
        by: minutes.by,
        version: minutes.version,
        released: minutes.released,
    }
}

fn stay(stay: &StayView) -> Stay {
    Stay {
        participant: stay.participant,
        person: stay.person,
        name: text_of(&stay.name, |n| n.as_str()),
        role: stay.role,
        standing: stay.standing,
        from: stay.from.0,
        until: stay.until.map(|until| until.0),
    }
}
