//! Files handed on: to everyone, or from one to another.
//!
//! The bytes are the server's matter. Here is what there is, who may see it, and how
//! much of it may be; a file comes to be only once all of it has arrived.

pub(crate) mod kind;
pub(crate) mod limits;
pub(crate) mod upload;

use crate::collab::file::kind::FileKind;
use crate::collab::file::limits::FileLimits;
use crate::collab::file::upload::Upload;
use crate::collab::reader::Reader;
use crate::denied::Denied;
use crate::event::{Entry, Event, FileHanded, FileTaken};
use crate::id::{FileId, ParticipantId};
use crate::output::Audience;
use crate::personal::{Personal, PersonalField};
use crate::text::{DisplayName, FileName};
use crate::time::Timestamp;
use crate::view::FileView;

/// The files that are kept, oldest first: at most as many as the limits say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Files(Vec<File>);

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct File {
    id: FileId,
    from: ParticipantId,
    /// What they were called then; they may have left since.
    from_name: Personal<DisplayName>,
    to: Option<Addressee>,
    at: Timestamp,
    name: Personal<FileName>,
    kind: FileKind,
    bytes: u64,
    /// The number of the journal's entry that holds `name`.
    held_in: u64,
}

/// To whom alone a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Addressee {
    id: ParticipantId,
    /// What they were called then.
    name: Personal<DisplayName>,
}

/// So many files, and so long together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Weight {
    count: u32,
    bytes: u64,
}

/// Whose a file is, as the one who asks may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The asker's own.
    Own,
    /// Another's, to everyone.
    Other,
    /// Another's, to the asker.
    OtherToMe,
}

impl Weight {
    /// With one file more.
    pub(crate) fn and(self, bytes: u64) -> Self {
        Self { count: self.count.saturating_add(1), bytes: self.bytes.saturating_add(bytes) }
    }
}

impl Files {
    /// What a file called `name` and `bytes` long is, if it is one that is taken.
    pub(crate) fn judge(
        name: &FileName,
        bytes: u64,
        limits: &FileLimits,
    ) -> Result<FileKind, Denied> {
        let kind = FileKind::of_name(name.as_str()).ok_or(Denied::FileType)?;
        if !limits.groups.contains(&kind.group()) {
            return Err(Denied::FileType);
        }
        if bytes == 0 {
            return Err(Denied::FileEmpty);
        }
        if bytes > limits.one_bytes {
            return Err(Denied::FileTooLarge { max: limits.one_bytes });
        }
        Ok(kind)
    }

    /// Whether `bytes` more fit, beside what is on its way.
    pub(crate) fn check_room(
        &self,
        way: Weight,
        bytes: u64,
        limits: &FileLimits,
    ) -> Result<(), Denied> {
        let there = self.0.iter().fold(way, |sum, file| sum.and(file.bytes)).and(bytes);
        if there.count > limits.count {
            return Err(Denied::TooManyFiles { max: limits.count });
        }
        if there.bytes > limits.all_bytes {
            return Err(Denied::FilesFull { max: limits.all_bytes });
        }
        Ok(())
    }

    /// Hands on what has arrived.
    pub(crate) fn decide_share(
        &self,
        upload: &Upload,
        limits: &FileLimits,
    ) -> Result<Event, Denied> {
        self.check_room(Weight::default(), upload.bytes, limits)?;
        let Upload { file, from, to, name, kind, bytes } = upload.clone();
        Ok(Event::FileShared(FileHanded { file, from, to, name: name.into(), kind, bytes }))
    }

    /// Takes a file back, or away.
    pub(crate) fn decide_delete(&self, by: Reader, file: FileId) -> Result<Event, Denied> {
        self.seen_by(by, file).map(|file| file.deleted(by.who)).ok_or(Denied::NoSuchFile)
    }

    /// Takes every public file away.
    pub(crate) fn decide_clear(&self, by: ParticipantId) -> impl Iterator<Item = Event> {
        self.0.iter().filter(|file| file.to.is_none()).map(move |file| file.deleted(by))
    }

    /// `name_of` gives the name of someone who is here as the roster has it now.
    pub(crate) fn apply<'a>(
        &mut self,
        entry: &Entry,
        name_of: impl Fn(ParticipantId) -> Option<&'a Personal<DisplayName>>,
    ) {
        match &entry.event {
            Event::FileShared(FileHanded { file, from, to, name, kind, bytes }) => {
                let called = |who| name_of(who).cloned().unwrap_or(Personal::Erased);
                self.0.push(File {
                    id: *file,
                    from: *from,
                    from_name: called(*from),
                    to: to.map(|to| Addressee { id: to, name: called(to) }),
                    at: entry.at,
                    name: name.clone(),
                    kind: *kind,
                    bytes: *bytes,
                    held_in: entry.seq,
                });
            }
            Event::FileDeleted(FileTaken { file, .. }) => self.0.retain(|kept| kept.id != *file),
            Event::Left { participant, .. } => {
                // Once both are gone nobody can be shown what one gave the other.
                let gone = |who: ParticipantId| who == *participant || name_of(who).is_none();
                self.0.retain(|file| match &file.to {
                    Some(to) => !(gone(file.from) && gone(to.id)),
                    None => true,
                });
            }
            _ => {}
        }
    }

    /// What `reader` may see, oldest first.
    pub(crate) fn view(&self, reader: Reader) -> Vec<FileView> {
        self.0.iter().filter(|file| file.is_for(reader)).map(File::view).collect()
    }

    /// One of them, if `reader` may see it.
    pub(crate) fn view_one(&self, reader: Reader, file: FileId) -> Option<FileView> {
        self.seen_by(reader, file).map(File::view)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = FileId> {
        self.0.iter().map(|file| file.id)
    }

    /// Whose `file` is; `None` if `asker` cannot see it, or it is not kept.
    pub(crate) fn whose(&self, file: FileId, asker: Reader) -> Option<Whose> {
        let file = self.seen_by(asker, file)?;
        Some(match (file.from == asker.who, &file.to) {
            (true, _) => Whose::Own,
            (false, None) => Whose::Other,
            (false, Some(_)) => Whose::OtherToMe,
        })
    }

    /// Who may be told that `file` is gone. `came_after` gives who is here and was not when
    /// something was handed to everyone.
    pub(crate) fn audience(
        &self,
        file: FileId,
        came_after: impl Fn(Timestamp) -> Vec<ParticipantId>,
    ) -> Audience {
        let kept = self.0.iter().find(|kept| kept.id == file);
        kept.map_or(Audience::Everyone, |file| {
            let to = file.to.as_ref().map(|to| to.id);
            Audience::of(file.from, to, || came_after(file.at))
        })
    }

    /// Shows every personal field: of each file its names, oldest first.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for file in &mut self.0 {
            visit(file.from, &mut file.from_name);
            if let Some(to) = &mut file.to {
                visit(to.id, &mut to.name);
            }
            visit(file.from, &mut file.name);
        }
    }

    fn seen_by(&self, reader: Reader, file: FileId) -> Option<&File> {
        self.0.iter().find(|kept| kept.id == file && kept.is_for(reader))
    }
}

impl File {
    fn is_for(&self, reader: Reader) -> bool {
        reader.reads(self.at, self.from, self.to.as_ref().map(|to| to.id))
    }

    fn deleted(&self, by: ParticipantId) -> Event {
        Event::FileDeleted(FileTaken { file: self.id, from: self.from, by, held_in: self.held_in })
    }

    fn view(&self) -> FileView {
        FileView {
            id: self.id,
            from: self.from,
            from_name: self.from_name.clone(),
            to: self.to.as_ref().map(|to| to.id),
            to_name: self.to.as_ref().map(|to| to.name.clone()),
            at: self.at,
            name: self.name.clone(),
            kind: self.kind,
            bytes: self.bytes,
        }
    }
}
