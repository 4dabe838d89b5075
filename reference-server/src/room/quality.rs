//! How well people are connected, told to everyone in batches and only when it changed.

use std::collections::BTreeMap;
use std::time::Duration;

use conf_core::id::ParticipantId;
use conf_proto::{LinkQuality, Quality};
use tokio::time::Instant;

/// How long a change waits for others to be told with it. A bad access point makes many links bad
/// at once; longer tells it later.
const BATCH: Duration = Duration::from_millis(500);

/// What is known of everyone's link. Whoever is not in it is connected well.
#[derive(Default)]
pub(super) struct Links {
    told: BTreeMap<ParticipantId, LinkQuality>,
    /// At most one entry a person.
    waiting: BTreeMap<ParticipantId, LinkQuality>,
    due: Option<Instant>,
}

impl Links {
    /// Notes how well `who` is connected now.
    pub(super) fn note(&mut self, now: Instant, who: ParticipantId, quality: LinkQuality) {
        self.waiting.insert(who, quality);
        if self.told(who) == quality {
            self.waiting.remove(&who);
        }
        self.due = match self.waiting.is_empty() {
            true => None,
            false => Some(self.due.unwrap_or(now + BATCH)),
        };
    }

    /// When changes are to be told.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// The changes since this was asked last.
    pub(super) fn changes(&mut self) -> Vec<Quality> {
        self.due = None;
        let changes = std::mem::take(&mut self.waiting);
        for (who, quality) in &changes {
            match quality {
                LinkQuality::Good => self.told.remove(who),
                worse => self.told.insert(*who, *worse),
            };
        }
        list(changes)
    }

    /// Everyone who is not connected well, as was told: for those who come later.
    pub(super) fn view(&self) -> Vec<Quality> {
        list(self.told.clone())
    }

    /// Forgets someone who left.
    pub(super) fn forget(&mut self, who: ParticipantId) {
        self.told.remove(&who);
        self.waiting.remove(&who);
    }

    fn told(&self, who: ParticipantId) -> LinkQuality {
        self.told.get(&who).copied().unwrap_or(LinkQuality::Good)
    }
}

/// The media plane's word in the meeting's.
pub(super) fn named(quality: conf_media::quality::Quality) -> LinkQuality {
    use conf_media::quality::Quality as Measured;
    match quality {
        Measured::Good => LinkQuality::Good,
        Measured::Fair => LinkQuality::Fair,
        Measured::Poor => LinkQuality::Poor,
        Measured::Lost => LinkQuality::Lost,
    }
}

fn list(people: BTreeMap<ParticipantId, LinkQuality>) -> Vec<Quality> {
    let each = people.into_iter();
    each.map(|(participant, quality)| Quality { participant, quality }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(number: u128) -> ParticipantId {
        ParticipantId::from_number(number)
    }

    #[tokio::test]
    async fn changes_are_told_together_and_only_once() {
        let mut links = Links::default();
        let now = Instant::now();
        links.note(now, who(1), LinkQuality::Poor);
        links.note(now + BATCH / 2, who(2), LinkQuality::Lost);
        assert_eq!(links.deadline(), Some(now + BATCH));
        let told = links.changes();
        assert_eq!(told.len(), 2);
        assert_eq!(links.view(), told);
        assert_eq!(links.deadline(), None);
        links.note(now, who(1), LinkQuality::Poor);
        assert_eq!(links.deadline(), None, "no news");

        links.note(now, who(1), LinkQuality::Good);
        links.changes();
        assert_eq!(links.view().len(), 1, "who is well is not listed");
        links.forget(who(2));
        assert!(links.view().is_empty());
    }

    #[tokio::test]
    async fn what_is_over_before_it_was_told_is_no_news() {
        let mut links = Links::default();
        let now = Instant::now();
        links.note(now, who(1), LinkQuality::Poor);
        links.note(now, who(1), LinkQuality::Good);
        assert_eq!(links.deadline(), None);
        assert!(links.changes().is_empty());
    }
}
