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
        self.roll.tell_each(|viewer| {
            let concerned = before.limits(viewer) || known.limits(viewer);
            let all = concerned.then(|| self.bind.all_slots(viewer)).filter(|all| !all.is_empty());
            all.map(|all| encode(&ServerMessage::Slots { slots: slots(known, viewer, all) }))
        });
        self.roll.tell_each(|viewer| {
            let concerned = before.limits(viewer) || known.limits(viewer);
            let participants = concerned.then(|| people(known, viewer, &self.speaking))?;
            Some(encode(&ServerMessage::Speaking { participants }))
        });
        self.roll.tell_each(|viewer| {
            let concerned = before.limits(viewer) || known.limits(viewer);
            let people = concerned.then(|| quality(known, viewer, self.links.view()))?;
            (!people.is_empty()).then(|| encode(&ServerMessage::Quality { people }))
        });
    }
}

#[cfg(test)]
mod tests {
    use conf_core::policy::lock::{Lock, LockSet};
    use conf_core::{Role, Source};
    use conf_proto::{LinkQuality, Withheld};

    use super::*;
    use crate::room::meeting_of::meeting_of;

    const ANN: ParticipantId = ParticipantId::from_number(1);
    const BOB: ParticipantId = ParticipantId::from_number(2);
    const CLEO: ParticipantId = ParticipantId::from_number(3);

    /// Ann moderates; Bob and Cleo do not know of each other.
    fn known() -> Acquaintance {
        let people = [(ANN, Role::Moderator), (BOB, Role::Participant), (CLEO, Role::Participant)];
        meeting_of(LockSet::NONE.set(Lock::SeePeople, true), &people).acquaintance()
    }

    #[test]
    fn nothing_the_media_plane_says_names_somebody_hidden() {
        let known = known();
        for (viewer, cleo) in [(ANN, true), (BOB, false), (CLEO, true)] {
            assert_eq!(people(&known, viewer, &[CLEO]).len(), usize::from(cleo));
            let poor = Quality { participant: CLEO, quality: LinkQuality::Poor };
            assert_eq!(quality(&known, viewer, vec![poor]).len(), usize::from(cleo));
            let (participant, source) = (CLEO, Source::Camera);
            let picture = WithheldPicture { participant, source, what: Withheld::Off };
            assert_eq!(pictures(&known, viewer, vec![picture]).len(), usize::from(cleo));
            let (mid, source) = ("1".to_owned(), Some(Source::Microphone));
            let told = slots(&known, viewer, vec![Slot { mid, participant: Some(CLEO), source }]);
            assert_eq!((told[0].participant.is_some(), told[0].source.is_some()), (cleo, cleo));
        }
        assert_eq!(people(&known, BOB, &[ANN, BOB]), [ANN, BOB]);
    }
}
