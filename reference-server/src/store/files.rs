//! Files people handed on, as they lie on disk: sealed in pieces under the key of whoever sent them.
//!
//! One lies at `files/MEETING/FILE`; what has not all arrived ends in `.part`. Whoever is erased
//! loses the key, and with it their files can be opened no more, wherever a copy of them is.
//! Files never take the last of the disk: journals are written there too, and a meeting goes on
//! without another file, but not without its journal.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use conf_core::id::{FileId, MeetingId, ParticipantId};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::StoreError;
use super::keys::KeyStore;
use super::seal::{SealKey, file_place};

/// Bytes sealed at once: what is held in memory of a file on its way.
const PIECE: usize = 64 * 1024;

/// What sealing adds to a piece: a nonce and a tag.
const SEAL: usize = 12 + 16;

/// Bytes before the pieces: the id of whoever sent the file, whose key it is.
const HEAD: usize = 8;

/// Bytes that files leave free on the disk, for the journals of all meetings.
const LEFT_FREE: u64 = 64 * 1024 * 1024;

/// The files of all meetings. Cheap to clone.
#[derive(Clone)]
pub(crate) struct FileStore {
    folder: Arc<Path>,
    keys: KeyStore,
}

/// Which file, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FilePlace {
    pub(crate) meeting: MeetingId,
    pub(crate) file: FileId,
    pub(crate) from: ParticipantId,
}

/// A file that arrives. Dropped before it is finished, nothing of it is left.
pub(crate) struct Receiving {
    file: File,
    part: PathBuf,
    whole: PathBuf,
    key: SealKey,
    place: FilePlace,
    buffer: Vec<u8>,
    index: u64,
    done: bool,
}

/// A part of a file that is read: only the pieces it lies in are opened.
pub(crate) struct Reading {
    file: File,
    key: SealKey,
    place: FilePlace,
    /// The piece that comes next, and the file's bytes from its start on.
    index: u64,
    left: u64,
    /// Bytes of that piece before the part.
    before: usize,
    /// Bytes of the part that are still to come.
    wanted: u64,
}

impl FileStore {
    pub(crate) fn new(data_dir: &Path, keys: KeyStore) -> Self {
        Self { folder: data_dir.join("files").into(), keys }
    }

    /// Begins to keep a file of `bytes`; `None` if whoever sends it is erased.
    pub(crate) async fn begin(
        &self,
        place: FilePlace,
        bytes: u64,
    ) -> Result<Option<Receiving>, StoreError> {
        let whose = (place.meeting, place.from);
        let mut keys = self.keys.ensure(&BTreeSet::from([whose])).await?;
        let Some(key) = keys.remove(&whose).flatten() else { return Ok(None) };
        let folder = self.of(place.meeting);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .await
            .map_err(failed(&folder))?;
        let whole = folder.join(place.file.to_string());
        let part = whole.with_extension("part");
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&part).await;
        let file = file.map_err(failed(&part))?;
        let buffer = Vec::with_capacity(PIECE);
        let mut receiving =
            Receiving { file, part, whole, key, place, buffer, index: 0, done: false };
        receiving.check_disk(bytes)?;
        let head = (place.from.number() as u64).to_be_bytes();
        receiving.put(&head).await?;
        Ok(Some(receiving))
    }

    /// A `part` of a file of `bytes`, within it; `None` if the file is not there or whoever sent
    /// it is erased.
    pub(crate) async fn open(
        &self,
        place: FilePlace,
        bytes: u64,
        part: Range<u64>,
    ) -> Result<Option<Reading>, StoreError> {
        let mut keys: BTreeMap<_, _> = self.keys.of_meeting(place.meeting).await?;
        let Some(key) = keys.remove(&place.from) else { return Ok(None) };
        let path = self.of(place.meeting).join(place.file.to_string());
        let mut file = match File::open(&path).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path)(error)),
        };
        let piece = PIECE as u64;
        let (index, before) = (part.start / piece, (part.start % piece) as usize);
        let at = HEAD as u64 + index * (piece + SEAL as u64);
        file.seek(io::SeekFrom::Start(at)).await.map_err(failed(&path))?;
        let (left, wanted) = (bytes - index * piece, part.end - part.start);
        Ok(Some(Reading { file, key, place, index, left, before, wanted }))
    }

    /// Takes one file from the disk.
    pub(crate) async fn remove(&self, meeting: MeetingId, file: FileId) -> Result<(), StoreError> {
        gone(fs::remove_file(self.of(meeting).join(file.to_string())).await, &self.folder)
    }

    /// Takes everything of a meeting from the disk but these files.
    pub(crate) async fn keep_only(
        &self,
        meeting: MeetingId,
        kept: &BTreeSet<FileId>,
    ) -> Result<(), StoreError> {
        for path in listed(&self.of(meeting)).await? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.parse().is_ok_and(|file| kept.contains(&file)) {
                gone(fs::remove_file(&path).await, &path)?;
            }
        }
        Ok(())
    }

    /// Takes all files of a meeting from the disk.
    pub(crate) async fn remove_meeting(&self, meeting: MeetingId) -> Result<(), StoreError> {
        let folder = self.of(meeting);
        gone(fs::remove_dir_all(&folder).await, &folder)
    }

    /// Takes the files one person sent in a meeting from the disk.
    pub(crate) async fn remove_of(
        &self,
        meeting: MeetingId,
        from: ParticipantId,
    ) -> Result<(), StoreError> {
        let head = (from.number() as u64).to_be_bytes();
        for path in listed(&self.of(meeting)).await? {
            let mut begins = [0; HEAD];
            let mut file = File::open(&path).await.map_err(failed(&path))?;
            // One too short to say whose it is holds nothing.
            if file.read_exact(&mut begins).await.is_ok() && begins == head {
                gone(fs::remove_file(&path).await, &path)?;
            }
        }
        Ok(())
    }

    /// Takes from the disk what is of no meeting that is on.
    pub(crate) async fn sweep(&self, on: &BTreeSet<MeetingId>) -> Result<(), StoreError> {
        for path in listed(&self.folder).await? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.parse().is_ok_and(|meeting| on.contains(&meeting)) {
                gone(fs::remove_dir_all(&path).await, &path)?;
            }
        }
        Ok(())
    }

    fn of(&self, meeting: MeetingId) -> PathBuf {
        self.folder.join(meeting.to_string())
    }
}

impl Receiving {
    /// Takes in what follows.
    pub(crate) async fn write(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        while !bytes.is_empty() {
            // A full piece waits until it is known whether it is the last.
            if self.buffer.len() == PIECE {
                self.seal(false).await?;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(PIECE - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    /// All of it is here: it is on disk when this returns.
    pub(crate) async fn finish(mut self) -> Result<(), StoreError> {
        self.seal(true).await?;
        self.file.flush().await.map_err(failed(&self.part))?;
        self.file.sync_all().await.map_err(failed(&self.part))?;
        fs::rename(&self.part, &self.whole).await.map_err(failed(&self.whole))?;
        self.done = true;
        if let Some(folder) = self.whole.parent() {
            let synced = async { File::open(folder).await?.sync_all().await };
            synced.await.map_err(failed(folder))?;
        }
        Ok(())
    }

    async fn seal(&mut self, last: bool) -> Result<(), StoreError> {
        let place = file_place(self.place, self.index, last);
        let sealed = self.key.seal(&place, &self.buffer)?;
        // Others write too: what was free at the beginning need not be now.
        self.check_disk(sealed.len() as u64)?;
        self.buffer.clear();
        self.index += 1;
        self.put(&sealed).await
    }

    /// That so many bytes more leave enough of the disk free.
    fn check_disk(&self, bytes: u64) -> Result<(), StoreError> {
        // Asks the system for numbers that it holds in memory.
        let disk = rustix::fs::fstatvfs(&self.file);
        let disk = disk.map_err(|error| failed(&self.part)(error.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < LEFT_FREE.saturating_add(bytes) { Err(StoreError::DiskFull) } else { Ok(()) }
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).await.map_err(failed(&self.part))
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.done {
            // What stays is sealed, and swept at the next start.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

impl Reading {
    /// What follows of the part; `None` at its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.wanted == 0 {
            return Ok(None);
        }
        let plain = usize::try_from(self.left).unwrap_or(usize::MAX).min(PIECE);
        let last = self.left == plain as u64;
        let mut sealed = vec![0; plain + SEAL];
        let corrupt = |found: String| StoreError::Corrupt {
            thing: format!("{} in {}", self.place.file, self.place.meeting),
            expected: "the pieces that were kept",
            found,
        };
        let read = self.file.read_exact(&mut sealed).await;
        read.map_err(|error| corrupt(error.to_string()))?;
        let place = file_place(self.place, self.index, last);
        let opened = self.key.open(&place, &sealed);
        let mut bytes = opened.ok_or_else(|| corrupt("one that does not open".into()))?;
        self.index += 1;
        self.left -= bytes.len() as u64;
        bytes.drain(..std::mem::take(&mut self.before));
        bytes.truncate(usize::try_from(self.wanted).unwrap_or(usize::MAX));
        self.wanted -= bytes.len() as u64;
        Ok(Some(bytes))
    }
}

/// What is in a folder; nothing if it is not there.
async fn listed(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut paths = Vec::new();
    let mut entries = match fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(paths),
        Err(error) => return Err(failed(folder)(error)),
    };
    while let Some(entry) = entries.next_entry().await.map_err(failed(folder))? {
        paths.push(entry.path());
    }
    Ok(paths)
}

/// What is gone already is as good as removed.
fn gone(removed: io::Result<()>, path: &Path) -> Result<(), StoreError> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
        _ => StoreError::File { path, source: Arc::new(source) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::key_file::Secret;

    const PLACE: FilePlace = FilePlace {
        meeting: MeetingId::from_number(1),
        file: FileId::from_number(2),
        from: ParticipantId::from_number(3),
    };

    async fn store(folder: &Path) -> FileStore {
        let keys = KeyStore::open(&folder.join("keys.db"), &Secret::new([7; 32])).await.unwrap();
        FileStore::new(folder, keys)
    }

    async fn keep(store: &FileStore, place: FilePlace, bytes: &[u8]) {
        let mut receiving = store.begin(place, bytes.len() as u64).await.unwrap().unwrap();
        for part in bytes.chunks(10_000) {
            receiving.write(part).await.unwrap();
        }
        receiving.finish().await.unwrap();
    }

    async fn read(store: &FileStore, bytes: usize) -> Option<Vec<u8>> {
        read_part(store, bytes, 0..bytes).await
    }

    async fn read_part(store: &FileStore, bytes: usize, part: Range<usize>) -> Option<Vec<u8>> {
        let part = part.start as u64..part.end as u64;
        let mut reading = store.open(PLACE, bytes as u64, part).await.unwrap()?;
        let mut all = Vec::new();
        while let Some(piece) = reading.next().await.unwrap() {
            all.extend(piece);
        }
        Some(all)
    }

    #[tokio::test]
    async fn what_is_kept_is_read_again_and_is_nowhere_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        for length in [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<u8> = b"canary ".iter().copied().cycle().take(length).collect();
            keep(&store, PLACE, &bytes).await;
            assert_eq!(read(&store, length).await, Some(bytes), "{length}");
            let path = store.of(PLACE.meeting).join(PLACE.file.to_string());
            let stored = std::fs::read(path).unwrap();
            assert!(!stored.windows(6).any(|window| window == b"canary"));
            store.remove(PLACE.meeting, PLACE.file).await.unwrap();
            assert_eq!(read(&store, length).await, None);
        }
    }

    #[tokio::test]
    async fn of_a_part_only_the_pieces_it_lies_in_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let length = 3 * PIECE + 5;
        let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        keep(&store, PLACE, &bytes).await;
        for part in [
            0..1,
            0..PIECE,
            PIECE - 1..PIECE + 1,
            PIECE..2 * PIECE,
            PIECE + 7..3 * PIECE + 1,
            length - 1..length,
            0..length,
        ] {
            let expected = bytes[part.clone()].to_vec();
            assert_eq!(read_part(&store, length, part.clone()).await, Some(expected), "{part:?}");
        }
        // The first piece is broken, which nobody notices who does not ask for it.
        let path = store.of(PLACE.meeting).join(PLACE.file.to_string());
        let mut stored = std::fs::read(&path).unwrap();
        stored[HEAD + 100] ^= 1;
        std::fs::write(&path, stored).unwrap();
        let rest = read_part(&store, length, PIECE..length).await;
        assert_eq!(rest.as_deref(), Some(&bytes[PIECE..]));
        let mut broken = store.open(PLACE, length as u64, 5..6).await.unwrap().unwrap();
        assert!(broken.next().await.is_err());
    }

    #[tokio::test]
    async fn half_a_file_is_none_and_a_piece_elsewhere_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let mut receiving = store.begin(PLACE, 3 * PIECE as u64).await.unwrap().unwrap();
        receiving.write(&vec![1; 3 * PIECE]).await.unwrap();
        drop(receiving);
        assert_eq!(std::fs::read_dir(store.of(PLACE.meeting)).unwrap().count(), 0);

        keep(&store, PLACE, &vec![1; 2 * PIECE]).await;
        let mut short = store.open(PLACE, PIECE as u64, 0..PIECE as u64).await.unwrap().unwrap();
        assert!(short.next().await.is_err(), "cut short at a piece's end");
        let there = FilePlace { file: FileId::from_number(9), ..PLACE };
        let path = |place: FilePlace| store.of(place.meeting).join(place.file.to_string());
        std::fs::rename(path(PLACE), path(there)).unwrap();
        let mut moved = store.open(there, 2 * PIECE as u64, 0..1).await.unwrap().unwrap();
        assert!(moved.next().await.is_err(), "of another file");
    }

    #[tokio::test]
    async fn what_is_of_nobody_and_of_no_meeting_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let other = FilePlace {
            file: FileId::from_number(4),
            from: ParticipantId::from_number(5),
            ..PLACE
        };
        let elsewhere = FilePlace { meeting: MeetingId::from_number(6), ..PLACE };
        for place in [PLACE, other, elsewhere] {
            keep(&store, place, b"x").await;
        }
        store.sweep(&BTreeSet::from([PLACE.meeting])).await.unwrap();
        assert!(!store.of(elsewhere.meeting).exists());
        store.remove_of(PLACE.meeting, other.from).await.unwrap();
        let left = listed(&store.of(PLACE.meeting)).await.unwrap();
        assert_eq!(left, [store.of(PLACE.meeting).join(PLACE.file.to_string())]);
        store.keep_only(PLACE.meeting, &BTreeSet::new()).await.unwrap();
        assert!(listed(&store.of(PLACE.meeting)).await.unwrap().is_empty());
        store.remove_meeting(PLACE.meeting).await.unwrap();
        assert!(!store.of(PLACE.meeting).exists());
    }
}
