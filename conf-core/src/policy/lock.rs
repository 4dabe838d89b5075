//! What a moderator can close for everyone who is not a moderator.

/// One thing that can be locked. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Lock {
    /// Publishing and opening microphones.
    Microphone,
    /// Publishing cameras.
    Camera,
    /// Sharing screens, with their sound.
    Screen,
    /// Seeing participants' cameras.
    SeeCameras,
    /// Knowing who else is there.
    SeePeople,
    /// Writing in the public chat.
    Chat,
    /// Writing privately to anyone but a moderator.
    PrivateChat,
    /// Taking the text of the captions along.
    SaveCaptions,
    /// Handing on files, to everyone or to one.
    Files,
    /// Raising hands and showing signs.
    Hands,
    /// Changing one's own name.
    Rename,
    /// Coming in as someone new.
    Entry,
}

impl Lock {
    /// Every lock, in the order they are listed everywhere.
    pub const ALL: [Self; 12] = [
        Self::Microphone,
        Self::Camera,
        Self::Screen,
        Self::SeeCameras,
        Self::SeePeople,
        Self::Chat,
        Self::PrivateChat,
        Self::SaveCaptions,
        Self::Files,
        Self::Hands,
        Self::Rename,
        Self::Entry,
    ];
}

/// The locks that are on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "Vec<Lock>", into = "Vec<Lock>")
)]
pub struct LockSet(u16);

impl LockSet {
    /// Nothing locked.
    pub const NONE: Self = Self(0);

    /// Whether `lock` is on.
    #[must_use]
    pub const fn contains(self, lock: Lock) -> bool {
        self.0 & (1 << lock as u8) != 0
    }

    /// The set with `lock` on or off.
    #[must_use]
    pub const fn set(self, lock: Lock, on: bool) -> Self {
        if on { Self(self.0 | 1 << lock as u8) } else { Self(self.0 & !(1 << lock as u8)) }
    }

    /// What is on in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set with everything off that is on in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The locks that are on, in the order of [`Lock::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Lock> {
        Lock::ALL.into_iter().filter(move |l| self.contains(*l))
    }
}

impl From<Vec<Lock>> for LockSet {
    fn from(locks: Vec<Lock>) -> Self {
        locks.into_iter().fold(Self::NONE, |set, lock| set.set(lock, true))
    }
}

impl From<LockSet> for Vec<Lock> {
    fn from(set: LockSet) -> Self {
        set.iter().collect()
    }
}

impl std::fmt::Debug for LockSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
