//! How much may be handed on in one meeting, and of what.

use std::collections::BTreeSet;

use crate::collab::file::kind::FileGroup;

/// What a meeting takes of files. Built with chained setters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct FileLimits {
    /// Most bytes of one file. Default: 30 MB.
    pub one_bytes: u64,
    /// Most bytes of all files that are kept at a time. Default: 200 MB.
    pub all_bytes: u64,
    /// Most files that are kept at a time; 0 takes none. Default: 100.
    pub count: u32,
    /// Which types are taken. Default: all but archives.
    pub groups: BTreeSet<FileGroup>,
}

impl FileLimits {
    /// Takes no file at all.
    #[must_use]
    pub fn none() -> Self {
        Self { count: 0, ..Self::default() }
    }

    /// Takes files of at most this many bytes.
    #[must_use]
    pub fn one_bytes(mut self, bytes: u64) -> Self {
        self.one_bytes = bytes;
        self
    }

    /// Keeps at most this many bytes.
    #[must_use]
    pub fn all_bytes(mut self, bytes: u64) -> Self {
        self.all_bytes = bytes;
        self
    }

    /// Keeps at most this many files.
    #[must_use]
    pub fn count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Takes these types.
    #[must_use]
    pub fn groups(mut self, groups: BTreeSet<FileGroup>) -> Self {
        self.groups = groups;
        self
    }
}

impl Default for FileLimits {
    fn default() -> Self {
        let groups = FileGroup::ALL.into_iter().filter(|group| *group != FileGroup::Archives);
        Self { one_bytes: 30_000_000, all_bytes: 200_000_000, count: 100, groups: groups.collect() }
    }
}
