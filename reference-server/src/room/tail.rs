//! The last frames a meeting sent, for sessions that come back after a gap.

use std::collections::VecDeque;

use conf_core::Role;
use conf_core::id::ParticipantId;
use conf_core::output::Audience;
use conf_proto::{EventFrame, RoomEvent};

/// Frames kept. More bridges longer gaps; a client further behind is shown the
/// whole meeting, which is never wrong, only larger.
const KEPT: usize = 1024;

/// What was sent since [`Tail::new`], as far as it is kept.
pub(crate) struct Tail {
    /// The tail is complete after this number.
    floor: u64,
    frames: VecDeque<(Audience, EventFrame)>,
}

impl Tail {
    /// Nothing sent since `seq`.
    pub(crate) fn new(seq: u64) -> Self {
        Self { floor: seq, frames: VecDeque::new() }
    }

    /// Remembers a frame that was sent.
    pub(crate) fn push(&mut self, to: Audience, frame: EventFrame) {
        if self.frames.len() == KEPT
            && let Some((_, oldest)) = self.frames.pop_front()
        {
            self.floor = oldest.seq;
        }
        self.frames.push_back((to, frame));
    }

    /// What `who` missed after `seen` in a meeting now at `seq`; `None` when the
    /// tail cannot tell, `seen` is a number this meeting never reached, or their role
    /// changed meanwhile: then what was not for them before may be now.
    pub(crate) fn since(
        &self,
        who: ParticipantId,
        role: Role,
        seen: u64,
        seq: u64,
    ) -> Option<Vec<EventFrame>> {
        if seen < self.floor || seen > seq {
            return None;
        }
        let missed = self.frames.iter().filter(|(_, frame)| frame.seq > seen);
        let another = |frame: &EventFrame| matches!(frame.event, RoomEvent::Role { participant, .. } if participant == who);
        if missed.clone().any(|(_, frame)| another(frame)) {
            return None;
        }
        let theirs = missed.filter(|(to, _)| is_for(to, who, role));
        Some(theirs.map(|(_, frame)| frame.clone()).collect())
    }
}

/// Whether `who`, whose role is `role`, may be told.
pub(crate) fn is_for(audience: &Audience, who: ParticipantId, role: Role) -> bool {
    match audience {
        Audience::Everyone => true,
        Audience::Moderators => role == Role::Moderator,
        Audience::ModeratorsAnd(one) => role == Role::Moderator || *one == who,
        Audience::Only(one) => *one == who,
        // An audience this server does not know is told nothing.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use conf_proto::RoomEvent;

    use super::*;

    const MOST: Role = Role::Participant;

    fn frame(seq: u64) -> EventFrame {
        let participant = ParticipantId::from_number(1);
        EventFrame { seq, at: 0, event: RoomEvent::HandRaised { participant } }
    }

    #[test]
    fn a_gap_within_the_tail_is_filled_and_a_longer_one_is_not() {
        let me = ParticipantId::from_number(9);
        let mut tail = Tail::new(3);
        let last = 3 + KEPT as u64 + 2;
        for seq in 4..=last {
            tail.push(Audience::Everyone, frame(seq));
        }
        assert!(tail.since(me, MOST, 4, last).is_none(), "4 was followed by 5, which is gone");
        let missed = tail.since(me, MOST, 5, last).expect("5 is where the tail begins");
        assert_eq!(missed.len(), KEPT);
        assert_eq!(tail.since(me, MOST, last, last).map(|frames| frames.len()), Some(0));
        assert!(tail.since(me, MOST, last + 1, last).is_none(), "a number from another journal");
    }

    #[test]
    fn what_was_for_one_is_not_told_to_another() {
        let (me, you) = (ParticipantId::from_number(1), ParticipantId::from_number(2));
        let mut tail = Tail::new(0);
        tail.push(Audience::Only(you), frame(1));
        assert_eq!(tail.since(me, MOST, 0, 1).map(|frames| frames.len()), Some(0));
        assert_eq!(tail.since(you, MOST, 0, 1).map(|frames| frames.len()), Some(1));
    }

    #[test]
    fn whose_role_changed_is_shown_the_whole_meeting_again_and_others_are_not() {
        let (me, you) = (ParticipantId::from_number(1), ParticipantId::from_number(2));
        let mut tail = Tail::new(0);
        tail.push(Audience::ModeratorsAnd(you), frame(1));
        let role = Role::Moderator;
        let event = RoomEvent::Role { participant: me, role, by: you };
        tail.push(Audience::Everyone, EventFrame { event, ..frame(2) });
        assert!(tail.since(me, role, 0, 2).is_none());
        assert_eq!(tail.since(me, role, 2, 2).map(|frames| frames.len()), Some(0));
        assert_eq!(tail.since(you, Role::Participant, 0, 2).map(|f| f.len()), Some(2));
        let other = ParticipantId::from_number(3);
        assert_eq!(tail.since(other, Role::Participant, 0, 2).map(|f| f.len()), Some(1));
    }

    #[test]
    fn what_was_for_moderators_is_told_to_no_one_else_who_comes_back() {
        let me = ParticipantId::from_number(1);
        let mut tail = Tail::new(0);
        tail.push(Audience::Moderators, frame(1));
        tail.push(Audience::Everyone, frame(2));
        let told = |role| tail.since(me, role, 0, 2).map(|frames| frames.len());
        assert_eq!(told(Role::Moderator), Some(2));
        assert_eq!(told(Role::Participant), Some(1));
        assert_eq!(told(Role::Service), Some(1));
    }
}
