//! Files of a meeting: who may send one just now, who may read, and what lies on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use conf_core::id::{FileId, IdSource, MeetingId, SessionId};
use conf_core::view::FileView;
use conf_core::{Command, Denied, Input, Upload};
use conf_proto::convert::denied_problem;
use conf_proto::{Problem, ServerMessage};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::ask::unavailable;
use super::owner::{Lost, Owner};
use crate::identity::OsIds;
use crate::signal::link::Link;

/// How soon what was granted must begin to arrive.
const BEGIN_WITHIN: Duration = Duration::from_secs(60);

/// How long a token for reading opens files.
const READ_FOR: Duration = Duration::from_secs(300);

/// What is asked of a meeting about its files, over HTTP.
pub(crate) enum FileAsk {
    /// Somebody begins to send what they were granted.
    Begin { file: FileId, token: FileToken, verdict: oneshot::Sender<Result<Incoming, Problem>> },
    /// It is on disk.
    Arrived { file: FileId, verdict: oneshot::Sender<Result<(), Problem>> },
    /// It will not come.
    Ended { file: FileId },
    /// Somebody wants to read one.
    Read { file: FileId, token: FileToken, verdict: oneshot::Sender<Result<Outgoing, Problem>> },
}

/// A file that may arrive now.
pub(crate) struct Incoming {
    pub(crate) meeting: MeetingId,
    pub(crate) upload: Upload,
}

/// A file that may be read.
pub(crate) struct Outgoing {
    pub(crate) meeting: MeetingId,
    pub(crate) file: FileView,
}

/// 128 random bits that open something for a while.
#[derive(Clone, Copy)]
pub(crate) struct FileToken(u128);

impl FileToken {
    fn random() -> Self {
        Self(OsIds.draw())
    }

    /// The token in a header.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        u128::from_str_radix(text, 16).ok().filter(|_| hex).map(Self)
    }

    /// Whether it is the same one, found out in constant time.
    fn is(self, other: Self) -> bool {
        verify_slices_are_equal(&self.0.to_be_bytes(), &other.0.to_be_bytes()).is_ok()
    }

    /// Its text. Whoever asks for it answers for where it goes.
    fn expose(self) -> String {
        format!("{:032x}", self.0)
    }
}

/// What was granted to a session.
struct Grant {
    session: SessionId,
    token: FileToken,
    upload: Upload,
    /// Until when it must begin; `None` once it has.
    begin_by: Option<Instant>,
}

/// The files of one meeting, as far as the meeting itself does not know them.
#[derive(Default)]
pub(super) struct Transfers {
    /// What the last turn granted, until its asker is told.
    pub(super) granted: Option<Upload>,
    /// As many as the meeting grants at a time.
    grants: BTreeMap<FileId, Grant>,
    /// At most one a session, and until when it opens files.
    readers: BTreeMap<SessionId, (FileToken, Instant)>,
    /// What lies on disk.
    pub(super) kept: BTreeSet<FileId>,
}

impl Transfers {
    /// When what was granted and has not begun is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.grants.values().filter_map(|grant| grant.begin_by).min()
    }

    /// Notes what was granted to a session, and says how to send it.
    pub(super) fn grant(&mut self, session: SessionId, re: u32, upload: Upload) -> ServerMessage {
        let (file, token) = (upload.file, FileToken::random());
        let begin_by = Some(Instant::now() + BEGIN_WITHIN);
        self.grants.insert(file, Grant { session, token, upload, begin_by });
        ServerMessage::Upload { re, file, token: token.expose() }
    }
}

impl Owner {
    /// Gives a session a token to read files with.
    pub(super) fn file_token(&mut self, session: SessionId, re: u32) {
        let Some((_, link)) = self.asker(session) else {
            self.refuse_waiting(session, re);
            return;
        };
        let now = Instant::now();
        let roll = &self.roll;
        self.transfers
            .readers
            .retain(|theirs, (_, until)| *until > now && roll.welcomed(*theirs).is_some());
        let token = FileToken::random();
        self.transfers.readers.insert(session, (token, now + READ_FOR));
        let seconds = u32::try_from(READ_FOR.as_secs()).unwrap_or(u32::MAX);
        tell(&link, &ServerMessage::FileToken { re, token: token.expose(), seconds });
    }

    pub(super) async fn answer_file(&mut self, ask: FileAsk) -> Result<(), Lost> {
        // Whoever went away no longer wants its answer.
        match ask {
            FileAsk::Begin { file, token, verdict } => {
                let _ = verdict.send(self.begin_upload(file, token));
            }
            FileAsk::Read { file, token, verdict } => {
                let _ = verdict.send(self.read_file(file, token));
            }
            FileAsk::Arrived { file, verdict } => {
                let arrived = self.arrived(file).await?;
                let _ = verdict.send(arrived);
            }
            FileAsk::Ended { file } => self.end_upload(file).await?,
        }
        Ok(())
    }

    /// Gives up what was granted and did not begin in time.
    pub(super) async fn end_unbegun(&mut self) -> Result<(), Lost> {
        let now = Instant::now();
        let late = |grant: &&Grant| grant.begin_by.is_some_and(|by| by <= now);
        let overdue: Vec<_> = self.transfers.grants.values().filter(late).collect();
        let overdue: Vec<_> = overdue.into_iter().map(|grant| grant.upload.file).collect();
        for file in overdue {
            self.end_upload(file).await?;
        }
        Ok(())
    }

    /// Takes from the disk what is no longer of the meeting.
    pub(super) async fn sweep_files(&mut self) {
        if self.transfers.kept.is_empty() {
            return;
        }
        let meeting = self.meeting.identity().meeting;
        let there: BTreeSet<_> = self.meeting.files().collect();
        let gone: Vec<_> = self.transfers.kept.difference(&there).copied().collect();
        for file in gone {
            self.transfers.kept.remove(&file);
            if let Err(error) = self.ground.store.files().remove(meeting, file).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(%meeting, %file, error, "a file could not be deleted");
            }
        }
    }

    /// Makes disk and meeting agree as it comes to life: nothing was on its way.
    pub(super) async fn agree_on_files(&mut self) {
        let meeting = self.meeting.identity().meeting;
        self.transfers.kept = self.meeting.files().collect();
        if let Err(error) = self.ground.store.files().keep_only(meeting, &self.transfers.kept).await
        {
            let error = &error as &dyn std::error::Error;
            tracing::error!(%meeting, error, "files of before could not be looked through");
        }
    }

    /// The meeting is over, and so are its files.
    pub(super) async fn delete_files(&mut self) {
        let meeting = self.meeting.identity().meeting;
        if let Err(error) = self.ground.store.files().remove_meeting(meeting).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(%meeting, error, "the files of a meeting could not be deleted");
        }
        self.transfers = Transfers::default();
    }

    fn begin_upload(&mut self, file: FileId, token: FileToken) -> Result<Incoming, Problem> {
        let meeting = self.meeting.identity().meeting;
        let grant = self.transfers.grants.get_mut(&file);
        // Once: it has not begun before.
        let open = |grant: &&mut Grant| grant.token.is(token) && grant.begin_by.is_some();
        let grant = grant.filter(open).ok_or_else(|| denied_problem(&Denied::NoSuchFile))?;
        grant.begin_by = None;
        Ok(Incoming { meeting, upload: grant.upload.clone() })
    }

    async fn arrived(&mut self, file: FileId) -> Result<Result<(), Problem>, Lost> {
        let no_such = || denied_problem(&Denied::NoSuchFile);
        let Some(grant) = self.transfers.grants.get(&file) else { return Ok(Err(no_such())) };
        let from = grant.upload.from;
        // The session it was granted to speaks for it to the end.
        let shared = if self.asker(grant.session).is_some_and(|(who, _)| who == from) {
            let command = Command::ShareFile { file };
            self.step(Input::Command { from, command }).await?.map_err(|unmet| unmet.problem())
        } else {
            Err(no_such())
        };
        if shared.is_ok() {
            self.transfers.grants.remove(&file);
            self.transfers.kept.insert(file);
        } else {
            self.end_upload(file).await?;
        }
        Ok(shared)
    }

    async fn end_upload(&mut self, file: FileId) -> Result<(), Lost> {
        if self.transfers.grants.remove(&file).is_some() {
            // Always taken: it changes nothing that is kept.
            let _ = self.step(Input::UploadEnded { file }).await?;
        }
        Ok(())
    }

    fn read_file(&self, file: FileId, token: FileToken) -> Result<Outgoing, Problem> {
        let now = Instant::now();
        let open = |theirs: FileToken, until: Instant| theirs.is(token) && until > now;
        let mut readers = self.transfers.readers.iter();
        let reader = readers.find(|(_, (theirs, until))| open(*theirs, *until));
        let reader = reader.and_then(|(session, _)| self.asker(*session));
        let Some((who, _)) = reader else {
            return Err(Problem::new(TOKEN_OVER, "no such token, or not any more"));
        };
        let seen = self.meeting.file(who, file);
        let seen = seen.ok_or_else(|| denied_problem(&Denied::NoSuchFile))?;
        Ok(Outgoing { meeting: self.meeting.identity().meeting, file: seen })
    }
}

/// The code of a token for reading that opens nothing any more.
pub(crate) const TOKEN_OVER: &str = "file_token_over";

/// Answers a file's asker when there is no meeting to ask.
pub(super) fn refuse(ask: FileAsk) {
    match ask {
        FileAsk::Begin { verdict, .. } => drop(verdict.send(Err(unavailable()))),
        FileAsk::Read { verdict, .. } => drop(verdict.send(Err(unavailable()))),
        // Whether it is handed on the journal says; what is not is swept.
        FileAsk::Arrived { .. } | FileAsk::Ended { .. } => {}
    }
}

fn tell(link: &Link, message: &ServerMessage) {
    // A broken link is reported by its own session.
    let _ = link.say(message);
}
