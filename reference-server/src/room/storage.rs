//! What a meeting does while it cannot be kept: takes back the turn, says so, and tries again.
//!
//! Stage, bindings and sessions stay, so sound and pictures go on. Only when
//! the store cannot even be read is the meeting given up as a whole.

use std::collections::BTreeSet;
use std::time::Duration;

use conf_core::id::{ParticipantId, SessionId};
use conf_core::meeting::{Meeting, State};
use conf_core::{Denied, Input, Source};
use conf_proto::convert::denied_problem;
use conf_proto::{Problem, ServerMessage};
use tokio::time::Instant;

use super::ask::unavailable;
use super::owner::{Lost, Owner};
use super::recover;
use crate::clock::utc_now;
use crate::identity::OsIds;
use crate::store::StoreError;
use crate::telemetry::metric::name;

/// The first pause before the store is tried again by itself; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest such pause: how long a repaired disk may go unnoticed where
/// nobody asks for anything.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether what happens can be kept, and what waits until it can.
#[derive(Default)]
pub(super) struct Storage {
    failing: Option<Failing>,
    /// Sessions that went away unkept. At most those the meeting still counts as
    /// connected: an unknown session is no news and never waits.
    lost: BTreeSet<SessionId>,
}

/// The last append failed.
struct Failing {
    /// The meeting as it is kept, so that one refused turn more costs a copy in
    /// memory and not another reading of the journal.
    kept: State,
    pause: Duration,
    again: Instant,
}

/// Why a turn came to nothing.
#[derive(Debug)]
pub(super) enum Unmet {
    /// The meeting refuses it.
    Denied(Denied),
    /// It could not be kept, and was taken back.
    NotKept,
}

/// How carrying out a turn failed.
pub(super) enum Failed {
    /// It could not be kept, and was taken back.
    NotKept,
    /// The meeting in memory no longer counts.
    Lost,
}

impl From<Lost> for Failed {
    fn from(_: Lost) -> Self {
        Self::Lost
    }
}

impl Unmet {
    /// What the asker is told.
    pub(super) fn problem(&self) -> Problem {
        match self {
            Self::Denied(denied) => denied_problem(denied),
            Self::NotKept => unavailable(),
        }
    }
}

impl Storage {
    /// Whether the last append failed.
    pub(super) const fn is_failing(&self) -> bool {
        self.failing.is_some()
    }

    /// When there is something to try again.
    pub(super) fn again(&self) -> Option<Instant> {
        match &self.failing {
            Some(failing) => Some(failing.again),
            None => (!self.lost.is_empty()).then(Instant::now),
        }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        if self.is_failing() {
            metrics::gauge!(name::ROOM_UNKEPT_MEETINGS).decrement(1.0);
        }
    }
}

impl Owner {
    /// Takes back the turn that `error` kept out of the journal: the meeting is
    /// again as it is kept, and the gates it had closed ahead open again.
    pub(super) async fn take_back(
        &mut self,
        closed: Vec<(ParticipantId, Source)>,
        error: &StoreError,
    ) -> Result<(), Lost> {
        metrics::counter!(name::ROOM_UNKEPT_TURNS).increment(1);
        let identity = self.meeting.identity().clone();
        // A refusal of the store says that it and we disagree on what is kept.
        let held = self.storage.failing.as_ref().filter(|_| !error.is_refusal());
        let meeting = match held {
            Some(failing) => Meeting::restore(Box::new(OsIds), failing.kept.clone(), []).ok(),
            None => recover::kept(&self.ground.store, &identity).await,
        };
        let failed = std::mem::replace(&mut self.meeting, meeting.ok_or(Lost)?);
        self.meeting.take_over(failed);
        for (participant, source) in closed {
            let commands = self.bind.gate(participant, source, true);
            self.command_media(commands).await?;
        }
        match &mut self.storage.failing {
            Some(failing) => failing.kept = self.meeting.state().clone(),
            none => {
                tracing::error!(
                    meeting = %identity.meeting,
                    error = error as &dyn std::error::Error,
                    "a meeting cannot be kept: it refuses what is asked, its media goes on"
                );
                *none = Some(Failing {
                    kept: self.meeting.state().clone(),
                    pause: FIRST_PAUSE,
                    again: Instant::now() + FIRST_PAUSE,
                });
                metrics::gauge!(name::ROOM_UNKEPT_MEETINGS).increment(1.0);
                self.tell_all(&ServerMessage::Storage { ok: false });
            }
        }
        Ok(())
    }

    /// Something was kept: says so, if it was otherwise.
    pub(super) fn kept_again(&mut self) {
        if self.storage.failing.take().is_none() {
            return;
        }
        metrics::gauge!(name::ROOM_UNKEPT_MEETINGS).decrement(1.0);
        tracing::info!(meeting = %self.meeting.identity().meeting, "a meeting can be kept again");
        self.tell_all(&ServerMessage::Storage { ok: true });
    }

    /// Tries the store, and then what waited for it.
    pub(super) async fn try_again(&mut self) -> Result<(), Lost> {
        if self.storage.is_failing() {
            let meeting = self.meeting.identity().meeting;
            match self.ground.store.probe(meeting, utc_now()).await {
                Ok(()) => self.kept_again(),
                Err(_) => {
                    // The writer logged why.
                    if let Some(failing) = &mut self.storage.failing {
                        failing.pause = (failing.pause * 2).min(LONGEST_PAUSE);
                        failing.again = Instant::now() + failing.pause;
                    }
                    return Ok(());
                }
            }
        }
        while let Some(session) = self.storage.lost.pop_first() {
            self.link_lost(session).await?;
            if self.storage.is_failing() {
                break;
            }
        }
        Ok(())
    }

    /// A session's socket is gone. If that cannot be kept it is said again later.
    pub(super) async fn link_lost(&mut self, session: SessionId) -> Result<(), Lost> {
        // A session the meeting does not know is not news.
        if let Err(Unmet::NotKept) = self.step(Input::LinkLost { session }).await? {
            self.storage.lost.insert(session);
        }
        Ok(())
    }
}
