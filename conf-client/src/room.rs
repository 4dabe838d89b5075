//! The meeting as one participant knows it: a snapshot, kept current by events.

use std::collections::VecDeque;

use conf_proto::chat::{ChatLine, ChatReaction};
use conf_proto::view::{Participant, RoomView};
use conf_proto::{
    EventFrame, Lock, MessageId, ParticipantId, Reaction, RoomEvent, RoomId, Slot, Source,
};

/// Chat lines kept; older ones are dropped first.
const CHAT_KEPT: usize = 2000;

/// What a client knows of the meeting it is in.
#[derive(Clone)]
pub struct Room {
    /// The place.
    pub id: RoomId,
    /// What it is called.
    pub name: String,
    /// Complete up to this number of the journal.
    pub seq: u64,
    /// Who is here, in the order they joined.
    pub participants: Vec<Participant>,
    /// Who presents.
    pub presenter: Option<ParticipantId>,
    /// Raised hands, first raised first.
    pub hands: Vec<ParticipantId>,
    /// Chat, oldest first; bounded. What was written before one came is there in its last lines.
    pub chat: VecDeque<ChatLine>,
    /// What was written to this participant alone or by them to one other; bounded like the chat.
    pub private: VecDeque<ChatLine>,
    /// What is locked.
    pub locks: Vec<Lock>,
    /// What each slot carries, in the order the slots were first named.
    pub slots: Vec<Slot>,
    /// Who speaks now, loudest first.
    pub speaking: Vec<ParticipantId>,
    /// Why the meeting is over, once it is.
    pub ended: Option<String>,
}

impl Room {
    /// The meeting as the snapshot of `seq` shows it.
    #[must_use]
    pub fn new(view: RoomView, seq: u64) -> Self {
        Self {
            id: view.room,
            name: view.name,
            seq,
            participants: view.participants,
            presenter: view.presenter,
            hands: view.hands,
            chat: newest(view.chat),
            private: newest(view.private),
            locks: view.locks,
            slots: Vec::new(),
            speaking: Vec::new(),
            ended: None,
        }
    }

    /// The same meeting as it is shown anew; what its slots carry and who speaks stays.
    #[must_use]
    pub fn reshown(self, view: RoomView, seq: u64) -> Self {
        Self { slots: self.slots, speaking: self.speaking, ..Self::new(view, seq) }
    }

    /// Makes an event true; `false` when it was known already.
    pub fn apply(&mut self, frame: &EventFrame) -> bool {
        if frame.seq <= self.seq {
            return false;
        }
        self.seq = frame.seq;
        match &frame.event {
            RoomEvent::Joined { participant } => {
                self.participants.retain(|p| p.id != participant.id);
                self.participants.push(participant.clone());
            }
            RoomEvent::Shown(shown) => {
                self.participants.retain(|p| !shown.vanished.contains(&p.id));
                self.hands.retain(|id| !shown.vanished.contains(id));
                self.speaking.retain(|id| !shown.vanished.contains(id));
                self.participants.extend(shown.appeared.iter().cloned());
                self.hands.extend(&shown.hands);
                self.presenter = shown.presenter;
            }
            RoomEvent::LinkLost { participant } => self.change(*participant, |p| {
                p.connected = false;
            }),
            RoomEvent::Rejoined { participant } => self.change(*participant, |p| {
                p.connected = true;
            }),
            RoomEvent::Left { participant, .. } => {
                self.participants.retain(|p| p.id != *participant);
                self.hands.retain(|id| id != participant);
                self.speaking.retain(|id| id != participant);
                if self.presenter == Some(*participant) {
                    self.presenter = None;
                }
            }
            RoomEvent::Role { participant, role, .. } => {
                self.change(*participant, |p| p.role = *role);
            }
            RoomEvent::Renamed { participant, name, .. } => {
                self.change(*participant, |p| p.name.clone_from(name));
            }
            RoomEvent::Exception { participant, lock, on, .. } => self.change(*participant, |p| {
                p.exceptions.retain(|known| known != lock);
                if *on {
                    p.exceptions.push(*lock);
                }
            }),
            RoomEvent::ExceptionsInherited(lifted) => {
                self.change(lifted.participant, |p| p.exceptions.clone_from(&lifted.exceptions));
            }
            RoomEvent::Away { participant, on } => self.change(*participant, |p| p.away = *on),
            RoomEvent::Interpreter { participant, on } => {
                self.change(*participant, |p| p.interpreter = *on);
            }
            RoomEvent::Published { participant, source } => self.change(*participant, |p| {
                if !p.sources.contains(source) {
                    p.sources.push(*source);
                }
            }),
            RoomEvent::Stopped { participant, source, .. } => self.change(*participant, |p| {
                p.sources.retain(|s| s != source);
                if *source == Source::Microphone {
                    p.muted = false;
                }
            }),
            RoomEvent::Muted { participant, .. } => {
                self.change(*participant, |p| p.muted = true);
            }
            RoomEvent::Unmuted { participant } => self.change(*participant, |p| p.muted = false),
            RoomEvent::HandRaised { participant } => {
                self.hands.retain(|id| id != participant);
                self.hands.push(*participant);
            }
            RoomEvent::HandLowered { participant, .. } => {
                self.hands.retain(|id| id != participant);
            }
            RoomEvent::Chat { line } => {
                let lines = if line.to.is_none() { &mut self.chat } else { &mut self.private };
                lines.push_back(line.clone());
                if lines.len() > CHAT_KEPT {
                    lines.pop_front();
                }
            }
            RoomEvent::ChatEdited { message, text } => self.change_line(*message, |line| {
                line.text.clone_from(text);
                line.edited_at = Some(frame.at);
            }),
            RoomEvent::ChatDeleted { message, by } => self.change_line(*message, |line| {
                line.text = None;
                line.deleted_by = Some(*by);
                line.reactions.clear();
            }),
            RoomEvent::ChatReacted { message, by, reaction, on } => {
                self.change_line(*message, |line| set_reaction(line, *by, *reaction, *on));
            }
            RoomEvent::ChatCleared { .. } => self.chat.clear(),
            RoomEvent::Presenter { participant } => self.presenter = *participant,
            RoomEvent::Lock { lock, on, .. } => {
                self.locks.retain(|l| l != lock);
                if *on {
                    self.locks.push(*lock);
                } else {
                    for participant in &mut self.participants {
                        participant.exceptions.retain(|lifted| lifted != lock);
                    }
                }
            }
            RoomEvent::Ended { reason } => self.ended = Some(reason.clone()),
            // What a newer server tells, an older client does not show.
            _ => {}
        }
        true
    }

    /// Takes what the slots carry now; slots not named stay as they are.
    pub fn fill(&mut self, slots: &[Slot]) {
        for slot in slots {
            let known = self.slots.iter().position(|known| known.mid == slot.mid);
            match known {
                Some(at) => self.slots[at].clone_from(slot),
                // A description has at most 128 lines; what goes beyond is not a slot of ours.
                None if self.slots.len() < 128 => self.slots.push(slot.clone()),
                None => {}
            }
        }
    }

    /// A participant by id.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.participants.iter().find(|p| p.id == id)
    }

    /// The slot that carries a source, if one does.
    #[must_use]
    pub fn slot_of(&self, participant: ParticipantId, source: Source) -> Option<&Slot> {
        self.slots
            .iter()
            .find(|slot| slot.participant == Some(participant) && slot.source == Some(source))
    }

    fn change_line(&mut self, id: MessageId, change: impl FnOnce(&mut ChatLine)) {
        let mut lines = self.chat.iter_mut().chain(&mut self.private);
        if let Some(line) = lines.find(|line| line.id == id) {
            change(line);
        }
    }

    fn change(&mut self, id: ParticipantId, change: impl FnOnce(&mut Participant)) {
        if let Some(participant) = self.participants.iter_mut().find(|p| p.id == id) {
            change(participant);
        }
    }
}

fn newest(lines: Vec<ChatLine>) -> VecDeque<ChatLine> {
    let excess = lines.len().saturating_sub(CHAT_KEPT);
    lines.into_iter().skip(excess).collect()
}

fn set_reaction(line: &mut ChatLine, who: ParticipantId, reaction: Reaction, on: bool) {
    let mut known = line.reactions.iter_mut();
    match known.find(|sign| sign.reaction == reaction) {
        Some(sign) => {
            sign.by.retain(|id| *id != who);
            if on {
                sign.by.push(who);
            }
        }
        None if on => line.reactions.push(ChatReaction { reaction, by: vec![who] }),
        None => {}
    }
    line.reactions.retain(|sign| !sign.by.is_empty());
}

// Names and chat never reach a log by accident.
impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room")
            .field("id", &self.id)
            .field("seq", &self.seq)
            .field("participants", &self.participants.len())
            .field("chat", &self.chat.len())
            .field("private", &self.private.len())
            .field("slots", &self.slots)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use conf_proto::{Role, Standing};

    use super::*;

    pub(crate) fn view() -> RoomView {
        RoomView {
            room: RoomId::from_number(1),
            name: "Physics".to_owned(),
            opened_at: 0,
            participants: vec![person(1), person(2)],
            presenter: None,
            asking_to_present: Vec::new(),
            hands: Vec::new(),
            chat: Vec::new(),
            private: Vec::new(),
            older_chat: conf_proto::chat::OlderChat::default(),
            caption_writers: Vec::new(),
            captions: Vec::new(),
            files: Vec::new(),
            file_rules: conf_proto::file::FileRules::default(),
            polls: Vec::new(),
            breakouts: None,
            votes: Vec::new(),
            locks: Vec::new(),
            guests: conf_proto::GuestPolicy::Accept,
            join_muted: false,
            spotlight: None,
            layout: None,
            minute_taker: None,
            minutes: None,
            attendance: false,
            learning: false,
            lobby: Vec::new(),
            timer: None,
            picked: None,
            lobby_message: None,
        }
    }

    fn person(number: u128) -> Participant {
        Participant {
            id: ParticipantId::from_number(number),
            name: Some(format!("P{number}")),
            role: Role::Participant,
            standing: Standing::Member,
            connected: true,
            sources: Vec::new(),
            muted: false,
            away: false,
            interpreter: false,
            exceptions: Vec::new(),
        }
    }

    fn frame(seq: u64, event: RoomEvent) -> EventFrame {
        EventFrame { seq, at: seq, event }
    }

    #[test]
    fn an_event_is_applied_once_and_gaps_are_normal() {
        let mut room = Room::new(view(), 4);
        let bob = ParticipantId::from_number(2);
        assert!(room.apply(&frame(9, RoomEvent::HandRaised { participant: bob })));
        assert!(!room.apply(&frame(9, RoomEvent::HandRaised { participant: bob })));
        assert!(!room.apply(&frame(3, RoomEvent::Left { participant: bob, removed_by: None })));
        assert_eq!(room.hands, [bob]);
        assert_eq!(room.participants.len(), 2);
    }

    #[test]
    fn who_leaves_takes_hand_and_mark_along() {
        let mut room = Room::new(view(), 0);
        let bob = ParticipantId::from_number(2);
        room.apply(&frame(1, RoomEvent::HandRaised { participant: bob }));
        room.apply(&frame(2, RoomEvent::Presenter { participant: Some(bob) }));
        room.apply(&frame(3, RoomEvent::Left { participant: bob, removed_by: None }));
        assert!(room.hands.is_empty());
        assert_eq!(room.presenter, None);
        assert!(room.participant(bob).is_none());
    }

    #[test]
    fn a_lock_that_goes_off_ends_what_was_lifted_of_it() {
        let mut room = Room::new(view(), 0);
        let (ann, bob) = (ParticipantId::from_number(1), ParticipantId::from_number(2));
        let lock = Lock::Screen;
        room.apply(&frame(1, RoomEvent::Lock { lock, on: true, by: ann }));
        let lifted = RoomEvent::Exception { participant: bob, lock, on: true, by: ann };
        room.apply(&frame(2, lifted));
        assert_eq!(room.participant(bob).map(|p| p.exceptions.as_slice()), Some(&[lock][..]));
        room.apply(&frame(3, RoomEvent::Lock { lock, on: false, by: ann }));
        assert!(room.participant(bob).is_some_and(|p| p.exceptions.is_empty()));
    }

    #[test]
    fn a_line_changes_where_it_stands() {
        let mut room = Room::new(view(), 0);
        let (ann, bob) = (ParticipantId::from_number(1), ParticipantId::from_number(2));
        let line = |number: u128, to| ChatLine {
            id: MessageId::from_number(number),
            from: ann,
            name: None,
            text: Some("helo".to_owned()),
            at: 0,
            to,
            to_name: None,
            answers: None,
            edited_at: None,
            deleted_by: None,
            reactions: Vec::new(),
        };
        let [first, second] = [1, 2].map(MessageId::from_number);
        room.apply(&frame(1, RoomEvent::Chat { line: line(1, None) }));
        room.apply(&frame(2, RoomEvent::Chat { line: line(2, Some(bob)) }));
        let text = Some("hello".to_owned());
        room.apply(&frame(3, RoomEvent::ChatEdited { message: second, text: text.clone() }));
        assert_eq!((&room.private[0].text, room.private[0].edited_at), (&text, Some(3)));
        let reaction = Reaction::Heart;
        for (seq, by, on) in [(4, ann, true), (5, bob, true), (6, ann, false)] {
            room.apply(&frame(seq, RoomEvent::ChatReacted { message: first, by, reaction, on }));
        }
        assert_eq!(room.chat[0].reactions, [ChatReaction { reaction, by: vec![bob] }]);
        room.apply(&frame(7, RoomEvent::ChatDeleted { message: first, by: ann }));
        assert!(room.chat[0].text.is_none() && room.chat[0].reactions.is_empty());
        room.apply(&frame(8, RoomEvent::ChatCleared { by: ann }));
        assert_eq!((room.chat.len(), room.private.len()), (0, 1));
    }

    #[test]
    fn slots_not_named_stay_as_they_were() {
        let mut room = Room::new(view(), 0);
        let bob = ParticipantId::from_number(2);
        let slot = |mid: &str, who| Slot {
            mid: mid.to_owned(),
            participant: who,
            source: who.map(|_| Source::Camera),
        };
        room.fill(&[slot("2", Some(bob)), slot("3", None)]);
        room.fill(&[slot("3", Some(ParticipantId::from_number(1)))]);
        assert_eq!(room.slot_of(bob, Source::Camera).map(|s| s.mid.as_str()), Some("2"));
        assert_eq!(room.slots.len(), 2);
    }
}
