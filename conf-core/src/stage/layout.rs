//! The layout: how pictures are arranged, where somebody arranges them for all.
//!
//! Everyone arranges them for themself and may leave what is shared; that is no matter of
//! the meeting's.

use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::time::{Span, Timestamp};
use crate::view::SharedLayout;

/// How soon the same layout may be shared again, to bring back those who left it: what each
/// time adds to the journal is not to be had for holding a button.
const AGAIN: Span = Span::from_secs(5);

/// An arrangement of pictures. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Layout {
    /// All alike, a screen large.
    Grid,
    /// Who speaks large, a screen before them.
    Speaker,
    /// What is presented as large as it can be, cameras beside it.
    Presentation,
    /// Cameras alone.
    Cameras,
    /// What is presented alone.
    Screen,
}

impl Layout {
    /// Every layout, in the order they are listed everywhere.
    pub const ALL: [Self; 5] =
        [Self::Grid, Self::Speaker, Self::Presentation, Self::Cameras, Self::Screen];
}

/// What is shared, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Layouts {
    shared: Option<(Layout, Timestamp)>,
}

impl Layouts {
    /// Arranges everyone's pictures, or lets everyone arrange their own.
    pub(crate) fn decide(
        &self,
        now: Timestamp,
        by: ParticipantId,
        layout: Option<Layout>,
    ) -> Option<Event> {
        let just_now = match (self.shared, layout) {
            (Some((shared, since)), Some(layout)) => shared == layout && since + AGAIN > now,
            (None, None) => true,
            _ => false,
        };
        (!just_now).then_some(Event::LayoutShared { layout, by })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        if let Event::LayoutShared { layout, .. } = entry.event {
            self.shared = layout.map(|layout| (layout, entry.at));
        }
    }

    pub(crate) fn shared(&self) -> Option<SharedLayout> {
        self.shared.map(|(layout, since)| SharedLayout { layout, since })
    }
}
