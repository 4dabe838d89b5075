//! Files as they are told on the wire.

use conf_core::event::FileHanded;
use conf_core::id::ParticipantId;
use conf_core::view::FileView;
use conf_core::{FileKind, FileLimits, Timestamp};

use super::text_of;
use crate::file::{FileRules, SharedFile};

/// A file as it is told of when it is handed on.
pub(super) fn handed(
    handed: &FileHanded,
    at: Timestamp,
    name_of: &dyn Fn(ParticipantId) -> Option<String>,
) -> SharedFile {
    SharedFile {
        id: handed.file,
        from: handed.from,
        name: name_of(handed.from),
        to: handed.to,
        to_name: handed.to.and_then(name_of),
        at: at.0,
        file_name: text_of(&handed.name, |n| n.as_str()),
        group: handed.kind.group(),
        bytes: handed.bytes,
    }
}

pub(super) fn shared(file: &FileView) -> SharedFile {
    SharedFile {
        id: file.id,
        from: file.from,
        name: text_of(&file.from_name, |n| n.as_str()),
        to: file.to,
        to_name: file.to_name.as_ref().and_then(|name| text_of(name, |n| n.as_str())),
        at: file.at.0,
        file_name: text_of(&file.name, |n| n.as_str()),
        group: file.kind.group(),
        bytes: file.bytes,
    }
}

pub(super) fn rules(limits: &FileLimits) -> FileRules {
    let endings = FileKind::endings(&limits.groups).map(str::to_owned);
    let taken = limits.count > 0;
    FileRules { bytes: limits.one_bytes, endings: endings.filter(|_| taken).collect() }
}
