//! What a participant can publish: microphone, camera, screen, screen audio.

/// A source, in the words of the W3C capture APIs. At most one of each per participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Source {
    /// Speech.
    Microphone,
    /// The person's picture.
    Camera,
    /// A screen, window or tab.
    Screen,
    /// The sound that goes with the screen.
    ScreenAudio,
}

impl Source {
    /// Every source, in the order they are listed everywhere.
    pub const ALL: [Self; 4] = [Self::Microphone, Self::Camera, Self::Screen, Self::ScreenAudio];
}

/// A set of sources.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "Vec<Source>", into = "Vec<Source>")
)]
pub struct SourceSet(u8);

impl SourceSet {
    /// No source.
    pub const NONE: Self = Self(0);
    /// Every source.
    pub const ALL: Self = Self(0b1111);

    /// Whether `source` is in the set.
    #[must_use]
    pub const fn contains(self, source: Source) -> bool {
        self.0 & (1 << source as u8) != 0
    }

    /// The set with `source` in it.
    #[must_use]
    pub const fn with(self, source: Source) -> Self {
        Self(self.0 | 1 << source as u8)
    }

    /// The set without `source`.
    #[must_use]
    pub const fn without(self, source: Source) -> Self {
        Self(self.0 & !(1 << source as u8))
    }

    /// The members, in the order of [`Source::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Source> {
        Source::ALL.into_iter().filter(move |s| self.contains(*s))
    }
}

impl FromIterator<Source> for SourceSet {
    fn from_iter<I: IntoIterator<Item = Source>>(sources: I) -> Self {
        sources.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Vec<Source>> for SourceSet {
    fn from(sources: Vec<Source>) -> Self {
        sources.into_iter().collect()
    }
}

impl From<SourceSet> for Vec<Source> {
    fn from(set: SourceSet) -> Self {
        set.iter().collect()
    }
}

impl std::fmt::Debug for SourceSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
