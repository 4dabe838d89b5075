//! Files on their way: what was granted and is not here yet.
//!
//! Not of the state: nothing of it is journaled, and a restart ends every upload.

use std::collections::BTreeMap;

use crate::collab::file::kind::FileKind;
use crate::collab::file::limits::FileLimits;
use crate::collab::file::{Files, Weight};
use crate::denied::Denied;
use crate::id::{FileId, ParticipantId};
use crate::text::FileName;

/// Most files one person has on their way at a time.
pub(crate) const MOST_OF_ONE: u32 = 3;

/// Most files on their way in a meeting.
const MOST_OF_ALL: u32 = 20;

/// A file somebody may send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What it will be known by.
    pub file: FileId,
    /// Who sends it.
    pub from: ParticipantId,
    /// To whom alone; `None` is everyone.
    pub to: Option<ParticipantId>,
    /// What it is called.
    pub name: FileName,
    /// What it is, as its name says.
    pub kind: FileKind,
    /// How long it is to be.
    pub bytes: u64,
}

/// Everything on its way, at most [`MOST_OF_ALL`].
#[derive(Debug, Default)]
pub(crate) struct Uploads(BTreeMap<FileId, Upload>);

impl Uploads {
    /// Grants `upload`, unless too much is on its way or there would be no room for it.
    pub(crate) fn grant(
        &mut self,
        upload: Upload,
        kept: &Files,
        limits: &FileLimits,
    ) -> Result<(), Denied> {
        let theirs = self.0.values().filter(|known| known.from == upload.from).count();
        for (found, max) in [(theirs, MOST_OF_ONE), (self.0.len(), MOST_OF_ALL)] {
            if u32::try_from(found).unwrap_or(u32::MAX) >= max {
                return Err(Denied::UploadsRunning { max });
            }
        }
        let way = self.0.values().fold(Weight::default(), |sum, known| sum.and(known.bytes));
        kept.check_room(way, upload.bytes, limits)?;
        self.0.insert(upload.file, upload);
        Ok(())
    }

    /// What `from` was granted under this id.
    pub(crate) fn of(&self, from: ParticipantId, file: FileId) -> Result<&Upload, Denied> {
        self.0.get(&file).filter(|upload| upload.from == from).ok_or(Denied::NoSuchFile)
    }

    /// It is here, or will not come.
    pub(crate) fn end(&mut self, file: FileId) {
        self.0.remove(&file);
    }

    /// Who sends them is gone.
    pub(crate) fn left(&mut self, who: ParticipantId) {
        self.0.retain(|_, upload| upload.from != who);
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Upload> {
        self.0.values()
    }
}
