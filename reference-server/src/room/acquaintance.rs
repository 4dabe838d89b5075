//! What the media plane says of people, told to each as far as they know of them.

use conf_core::id::ParticipantId;
use conf_core::output::Audience;
use conf_core::policy::acquaintance::Acquaintance;
use conf_proto::{Quality, ServerMessage, Slot, WithheldPicture};

use super::owner::Owner;
use crate::signal::link::encode;

/// Slots without what `viewer` does not know of: those are empty.
pub(super) fn slots(known: &Acquaintance, viewer: ParticipantId, slots: Vec<Slot>) -> Vec<Slot> {
    let shown = |slot: Slot| match slot.participant {
        Some(who) if !known.knows(viewer, who) => Slot { participant: None, source: None, ..slot },
        _ => slot,
    };
    slots.into_iter().map(shown).collect()
}

/// Pictures of whom `viewer` knows.
pub(super) fn pictures(
    known: &Acquaintance,
    viewer: ParticipantId,
    mut pictures: Vec<WithheldPicture>,
) -> Vec<WithheldPicture> {
    pictures.retain(|picture| known.knows(viewer, picture.participant));
    pictures
}

/// How well those are connected of whom `viewer` knows.
pub(super) fn quality(
    known: &Acquaintance,
    viewer: ParticipantId,
    mut people: Vec<Quality>,
) -> Vec<Quality> {
    people.retain(|one| known.knows(viewer, one.participant));
    people
}

/// Those of `people` of whom `viewer` knows.
pub(super) fn people(
    known: &Acquaintance,
    viewer: ParticipantId,
    people: &[ParticipantId],
) -> Vec<ParticipantId> {
    people.iter().copied().filter(|who| known.knows(viewer, *who)).collect()
}

impl Owner {
    /// Tells everyone who speaks.
    pub(super) fn tell_speaking(&self) {
        let known = self.meeting.acquaintance();
        if known.is_full() {
            let participants = self.speaking.clone();
            self.roll.tell(&Audience::Everyone, &encode(&ServerMessage::Speaking { participants }));
            return;
        }
        self.roll.tell_each(|viewer| {
            let participants = people(&known, viewer, &self.speaking);
            Some(encode(&ServerMessage::Speaking { participants }))
        });
    }

    /// Tells everyone how well people are connected.
    pub(super) fn tell_links(&self, changes: &[Quality]) {
        let known = self.meeting.acquaintance();
        if known.is_full() {
            let people = changes.to_vec();
            self.roll.tell(&Audience::Everyone, &encode(&ServerMessage::Quality { people }));
            return;
        }
        self.roll.tell_each(|viewer| {
            let people = quality(&known, viewer, changes.to_vec());
            (!people.is_empty()).then(|| encode(&ServerMessage::Quality { people }))
        });
    }

    /// Tells those anew what the media plane said who know of others than before.
    pub(super) fn acquaint(&mut self) {
        let known = self.meeting.acquaintance();
        if known == self.known {
            return;
        }
        let before = std::mem::replace(&mut self.known, known);
        let known = &self.known;
        let concerned = |viewer| before.limits(viewer) || known.limits(viewer);
        self.roll.tell_each(|viewer| {
            let slots = slots(known, viewer, self.bind.all_slots(viewer));
            (concerned(viewer) && !slots.is_empty())
                .then(|| encode(&ServerMessage::Slots { slots }))
        });
        self.roll.tell_each(|viewer| {
            let participants = people(known, viewer, &self.speaking);
            concerned(viewer).then(|| encode(&ServerMessage::Speaking { participants }))
        });
        self.roll.tell_each(|viewer| {
            let people = quality(known, viewer, self.links.view());
            (concerned(viewer) && !people.is_empty())
                .then(|| encode(&ServerMessage::Quality { people }))
        });
    }
}
