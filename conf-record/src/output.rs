//! What a recorder asks of the world.

use conf_media::TrackId;

/// Something the caller must now do, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Output {
    /// Add these bytes at the end of a track's file, whole or not at all.
    Append {
        /// Whose file.
        track: TrackId,
        /// What to add.
        bytes: Vec<u8>,
    },
    /// A track's file is complete.
    TrackFinished {
        /// Whose file.
        track: TrackId,
    },
    /// The recording is complete; nothing follows.
    Finished,
}
