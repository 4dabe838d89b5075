//! What happens to files.

use crate::collab::file::kind::FileKind;
use crate::id::{FileId, ParticipantId};
use crate::personal::Personal;
use crate::text::FileName;

/// A file that was handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FileHanded {
    /// The file's id.
    pub file: FileId,
    /// Who did.
    pub from: ParticipantId,
    /// To whom alone; `None` is everyone.
    pub to: Option<ParticipantId>,
    /// What it is called.
    pub name: Personal<FileName>,
    /// What it is.
    pub kind: FileKind,
    /// How long it is.
    pub bytes: u64,
}

/// A file that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FileTaken {
    /// Which.
    pub file: FileId,
    /// Who handed it on.
    pub from: ParticipantId,
    /// Who did.
    pub by: ParticipantId,
    /// The entry that held its name, which is to be forgotten.
    pub held_in: u64,
}
