//! A file that was handed on, as clients see it.

use conf_core::FileGroup;
use conf_core::id::{FileId, ParticipantId};
use serde::{Deserialize, Serialize};

/// One file. Its bytes are fetched over HTTP, with a token from `file_token`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SharedFile {
    /// The file's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: FileId,
    /// Who handed it on.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub from: ParticipantId,
    /// Their name as it was known; `null` once erased.
    pub name: Option<String>,
    /// To whom alone; everyone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub to: Option<ParticipantId>,
    /// The name of the one it was handed to; absent once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub to_name: Option<String>,
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// What it is called; `null` once erased.
    pub file_name: Option<String>,
    /// What it is.
    #[cfg_attr(feature = "typescript", ts(type = "FileGroup"))]
    pub group: FileGroup,
    /// How long it is.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
}

/// What is taken of files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FileRules {
    /// Most bytes of one.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// The endings of names that are taken, without the dot; none when no files are.
    pub endings: Vec<String>,
}
