//! The last frames a meeting sent, for sessions that come back after a gap.

use std::collections::VecDeque;

use conf_core::Role;
use conf_core::id::{CaptionId, ParticipantId};
use conf_core::output::Audience;
use conf_proto::{EventFrame, Lock, RoomEvent};

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

    /// Remembers a frame that was sent; words it takes away are forgotten here too.
    pub(crate) fn push(&mut self, to: Audience, frame: EventFrame) {
        for (told, earlier) in &mut self.frames {
            // Whom the minutes are for changes, and what they said before is for nobody.
            let minutes = matches!(frame.event, RoomEvent::MinutesWritten { .. });
            if !minutes && !same_people(told, &to) {
                continue;
            }
            if let Some(text) = words_taken(&mut earlier.event, &frame.event) {
                *text = None;
            }
        }
        if self.frames.len() == KEPT
            && let Some((_, oldest)) = self.frames.pop_front()
        {
            self.floor = oldest.seq;
        }
        self.frames.push_back((to, frame));
    }

    /// What `who` missed after `seen` in a meeting now at `seq`; `None` when the
    /// tail cannot tell, `seen` is a number this meeting never reached, or their role,
    /// whom the minutes are for or who sees everyone changed meanwhile: then what was not for
    /// them before may be now. It must not be asked for who does not see everyone: what they
    /// were told is not in it.
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
        let another = |frame: &EventFrame| match frame.event {
            RoomEvent::Role { participant, .. } => participant == who,
            RoomEvent::MinuteTaker { .. } | RoomEvent::MinutesReleased { .. } => true,
            RoomEvent::Lock { lock, .. } => lock == Lock::SeePeople,
            RoomEvent::LocksInherited { .. } => true,
            RoomEvent::ExceptionsInherited(ref lifted) => lifted.participant == who,
            RoomEvent::Exception { participant, lock, .. } => {
                participant == who && lock == Lock::SeePeople
            }
            _ => false,
        };
        if missed.clone().any(|(_, frame)| another(frame)) {
            return None;
        }
        let theirs = missed.filter(|(to, _)| to.includes(who, role));
        Some(theirs.map(|(_, frame)| frame.clone()).collect())
    }
}

/// The words in `earlier` that `event`, told to the same people, takes away.
fn words_taken<'a>(
    earlier: &'a mut RoomEvent,
    event: &RoomEvent,
) -> Option<&'a mut Option<String>> {
    if let RoomEvent::FileShared { file } = earlier {
        let gone = matches!(event, RoomEvent::FileDeleted { file: gone, .. } if *gone == file.id);
        return gone.then_some(&mut file.file_name);
    }
    let (said, text) = match earlier {
        RoomEvent::Chat { line } => (line.id, &mut line.text),
        RoomEvent::ChatEdited { message, text } => (*message, text),
        RoomEvent::Caption { line } => return corrected(line.id, &mut line.text, event),
        RoomEvent::CaptionCorrected { line, text } => return corrected(*line, text, event),
        RoomEvent::MinutesWritten { text, .. } => {
            return matches!(event, RoomEvent::MinutesWritten { .. }).then_some(text);
        }
        _ => return None,
    };
    let taken = match event {
        RoomEvent::ChatEdited { message, .. } | RoomEvent::ChatDeleted { message, .. } => {
            *message == said
        }
        RoomEvent::ChatCleared { .. } => true,
        _ => false,
    };
    taken.then_some(text)
}

/// The words of a line of captions, if `event` corrects it.
fn corrected<'a>(
    said: CaptionId,
    text: &'a mut Option<String>,
    event: &RoomEvent,
) -> Option<&'a mut Option<String>> {
    matches!(event, RoomEvent::CaptionCorrected { line, .. } if *line == said).then_some(text)
}

/// Whether what is told to `one` and to `other` is of the same conversation.
fn same_people(one: &Audience, other: &Audience) -> bool {
    let public = |to: &Audience| matches!(to, Audience::Everyone | Audience::EveryoneBut(_));
    one == other || (public(one) && public(other))
}

#[cfg(test)]
mod tests {
    use conf_core::id::{FileId, MessageId};
    use conf_proto::FileGroup;
    use conf_proto::chat::ChatLine;
    use conf_proto::file::SharedFile;

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
    fn who_sees_everyone_again_is_shown_the_whole_meeting_and_others_are_not() {
        let [ann, bob, cleo] = [1, 2, 3].map(ParticipantId::from_number);
        let lock = Lock::SeePeople;
        let told = |event, who| {
            let mut tail = Tail::new(0);
            tail.push(Audience::Everyone, EventFrame { event, ..frame(1) });
            tail.since(who, MOST, 0, 1).is_some()
        };
        assert!(!told(RoomEvent::Lock { lock, on: false, by: ann }, bob));
        assert!(!told(RoomEvent::LocksInherited { locks: Vec::new() }, bob));
        let lifted = RoomEvent::Exception { participant: bob, lock, on: true, by: ann };
        assert!(!told(lifted.clone(), bob) && told(lifted, cleo));
        assert!(told(RoomEvent::Lock { lock: Lock::Chat, on: true, by: ann }, bob));
    }

    #[test]
    fn words_taken_away_are_not_told_to_who_comes_back() {
        let (ann, bob) = (ParticipantId::from_number(1), ParticipantId::from_number(2));
        let line = |number: u128, to| RoomEvent::Chat {
            line: ChatLine {
                id: MessageId::from_number(number),
                from: ann,
                name: None,
                text: Some("canary".to_owned()),
                at: 0,
                to,
                to_name: None,
                answers: None,
                edited_at: None,
                deleted_by: None,
                reactions: Vec::new(),
            },
        };
        let text = Some("canary again".to_owned());
        let edited = RoomEvent::ChatEdited { message: MessageId::from_number(1), text };
        let told = |to: Audience, last: RoomEvent| {
            let mut tail = Tail::new(0);
            let private = Audience::Between(ann, bob);
            let events = [
                (to.clone(), line(1, None)),
                (private, line(2, Some(bob))),
                (to.clone(), edited.clone()),
                (to, last),
            ];
            for (seq, (to, event)) in (1..).zip(events) {
                tail.push(to, EventFrame { seq, at: 0, event });
            }
            let frames = tail.since(bob, MOST, 0, 4).expect("all of it is kept");
            let texts = frames.into_iter().map(|frame| match frame.event {
                RoomEvent::Chat { line } => line.text.is_some(),
                RoomEvent::ChatEdited { text, .. } => text.is_some(),
                _ => false,
            });
            texts.collect::<Vec<_>>()
        };
        let message = MessageId::from_number(1);
        let deleted = RoomEvent::ChatDeleted { message, by: ann };
        assert_eq!(told(Audience::Everyone, deleted), [false, true, false, false]);
        let cleared = RoomEvent::ChatCleared { by: ann };
        assert_eq!(told(Audience::Everyone, cleared), [false, true, false, false]);
        assert_eq!(told(Audience::Everyone, frame(4).event), [false, true, true, false]);
    }

    #[test]
    fn the_name_of_a_file_that_is_gone_is_not_told_to_who_comes_back() {
        let (ann, id) = (ParticipantId::from_number(1), FileId::from_number(2));
        let file = SharedFile {
            id,
            from: ann,
            name: None,
            to: None,
            to_name: None,
            at: 0,
            file_name: Some("canary.pdf".to_owned()),
            group: FileGroup::Documents,
            bytes: 1,
        };
        let events = [RoomEvent::FileShared { file }, RoomEvent::FileDeleted { file: id, by: ann }];
        let mut tail = Tail::new(0);
        for (seq, event) in (1..).zip(events) {
            tail.push(Audience::Everyone, EventFrame { seq, at: 0, event });
        }
        let told = tail.since(ann, MOST, 0, 2).expect("all of it is kept");
        let RoomEvent::FileShared { file } = &told[0].event else { panic!("it was handed on") };
        assert_eq!(file.file_name, None);
    }

    #[test]
    fn what_the_minutes_said_before_is_told_to_nobody_and_whom_they_are_for_is_seen_anew() {
        let (ann, bob) = (ParticipantId::from_number(1), ParticipantId::from_number(2));
        let mut tail = Tail::new(0);
        let written = |version| RoomEvent::MinutesWritten {
            by: bob,
            text: Some("canary".to_owned()),
            version,
        };
        let for_some = Audience::ModeratorsAnd(bob);
        tail.push(for_some, EventFrame { event: written(1), ..frame(1) });
        let event = RoomEvent::MinutesReleased { on: true, by: ann };
        tail.push(Audience::Everyone, EventFrame { event, ..frame(2) });
        assert!(tail.since(bob, MOST, 0, 2).is_none());
        tail.push(Audience::Everyone, EventFrame { event: written(2), ..frame(3) });
        assert_eq!(tail.since(bob, MOST, 2, 3).map(|frames| frames.len()), Some(1));
        let kept = tail.frames.iter().filter(|(_, frame)| {
            matches!(frame.event, RoomEvent::MinutesWritten { text: Some(_), .. })
        });
        assert_eq!(kept.count(), 1, "the last text alone");
    }

    #[test]
    fn what_is_between_two_is_told_to_no_third_who_comes_back() {
        let [ann, bob, cleo] = [1, 2, 3].map(ParticipantId::from_number);
        let mut tail = Tail::new(0);
        tail.push(Audience::Between(ann, bob), frame(1));
        let told = |who, role| tail.since(who, role, 0, 1).map(|frames| frames.len());
        assert_eq!(told(ann, MOST), Some(1));
        assert_eq!(told(bob, MOST), Some(1));
        assert_eq!(told(cleo, Role::Moderator), Some(0));
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
