//! Arbitrary files: offered, arrived, taken away; and who is told and shown what.

use std::ops::RangeInclusive;

use super::Watched;
use crate::event::{Entry, Event, FileHanded, FileTaken};
use crate::id::{FileId, ParticipantId};
use crate::input::Command;
use crate::output::Audience;
use crate::text::FileName;

/// The numbers of steps that are about files.
pub(super) const STEPS: RangeInclusive<u8> = 89..=92;

/// Names of which the last are of no type that is taken.
const NAMES: [&str; 6] = ["a.pdf", "b.png", "c.txt", "d.mp4", "e.exe", "f.zip"];

impl Watched {
    pub(super) fn file_command(&self, [what, whom, more]: [u8; 3]) -> Command {
        let none = FileId::from_number(0);
        match what - STEPS.start() {
            0 => {
                let name = NAMES[usize::from(more) % NAMES.len()];
                let name = FileName::new(name).expect("a fixed, valid name");
                let to = (whom % 3 == 0).then(|| self.someone(whom / 3));
                Command::OfferFile { name, bytes: u64::from(more), to }
            }
            1..=2 => Command::ShareFile { file: self.some_way(whom).map_or(none, |(it, _)| it) },
            _ => Command::DeleteFile { file: self.some_kept(whom).map_or(none, |(it, _)| it) },
        }
    }

    /// Whose file a step is about, mostly: arbitrary people seldom may.
    pub(super) fn some_sender(&self, [what, whom, more]: [u8; 3]) -> Option<ParticipantId> {
        let step = STEPS.contains(&what).then(|| what - STEPS.start())?;
        let about = match step {
            0 => None,
            1..=2 => self.some_way(whom),
            _ => self.some_kept(whom),
        };
        about.filter(|_| more % 4 > 0).map(|(_, from)| from)
    }

    /// A file on its way and who sends it, or now and then none.
    fn some_way(&self, byte: u8) -> Option<(FileId, ParticipantId)> {
        let ways = self.meeting.uploads().count();
        let way = self.meeting.uploads().nth(usize::from(byte) % (ways + 1));
        way.map(|upload| (upload.file, upload.from))
    }

    /// A file that was handed on and who did, or now and then none.
    fn some_kept(&self, byte: u8) -> Option<(FileId, ParticipantId)> {
        let nth = usize::from(byte) % (self.meeting.files().count() + 1);
        let file = self.meeting.files().nth(nth)?;
        self.journal.iter().find_map(|kept| match kept.event {
            Event::FileShared(FileHanded { file: one, from, .. }) if one == file => {
                Some((file, from))
            }
            _ => None,
        })
    }

    /// A file is told of to those it is for.
    pub(super) fn check_file_told(&self, to: &Audience, entry: &Entry) {
        let (Event::FileShared(FileHanded { file, .. })
        | Event::FileDeleted(FileTaken { file, .. })) = entry.event
        else {
            return;
        };
        let shared = self.journal.iter().find_map(|kept| match kept.event {
            Event::FileShared(FileHanded { file: one, from, to, .. }) if one == file => {
                Some((kept.at, from, to))
            }
            _ => None,
        });
        let (at, from, other) = shared.expect("what is told of was handed on");
        assert_eq!(to, &self.theirs(at, from, other), "a file is told of to those it is for");
    }

    /// What holds of files between any two inputs.
    pub(super) fn check_files(&self) {
        let state = self.meeting.state();
        let limits = &state.config.files;
        assert!(self.meeting.files().count() <= limits.count as usize);
        for member in state.roster.members() {
            let files = state.view(member.id).expect("a member sees the meeting").files;
            let since = self.reads_since(member);
            for file in &files {
                let theirs = file.from == member.id || file.to == Some(member.id);
                assert!(file.to.is_some() || file.at >= since, "late is late");
                assert!(theirs || file.to.is_none(), "nobody sees what others hand each other");
                assert!(limits.groups.contains(&file.kind.group()));
            }
            let bytes: u64 = files.iter().map(|file| file.bytes).sum();
            assert!(bytes <= limits.all_bytes);
        }
    }
}
