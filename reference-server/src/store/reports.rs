//! Reports people made to the operator, read out of the journals that are kept.
//!
//! They are kept as long as the journals they are in. Whoever is erased is nameless here, and
//! so are their words.

use std::collections::BTreeMap;

use conf_core::event::Newcomer;
use conf_core::id::{MeetingId, ParticipantId, RoomId};
use conf_core::text::{DisplayName, ReportText};
use conf_core::{Entry, Event, Personal, Timestamp};
use sqlx::sqlite::SqlitePool;

use super::keys::KeyStore;
use super::{StoreError, journal, room};

/// Most meetings whose reports are listed at once, the latest first: each journal is read whole.
const MOST_MEETINGS: u32 = 200;

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose room.
    pub tenant: String,
    /// In which room.
    pub room: RoomId,
    /// In which meeting.
    pub meeting: MeetingId,
    /// Its number in that meeting's journal.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who made it.
    pub by: ParticipantId,
    /// What they were called then.
    pub by_name: Personal<DisplayName>,
    /// About whom.
    pub about: ParticipantId,
    /// What they were called then.
    pub about_name: Personal<DisplayName>,
    /// Why.
    pub text: Personal<ReportText>,
}

/// Which reports are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Those of one meeting; of all when `None`.
    pub meeting: Option<MeetingId>,
    /// The one of this number in its meeting's journal.
    pub number: Option<u64>,
}

/// Reports of the latest meetings that have any, the latest meeting first.
pub(crate) async fn list(
    readers: &SqlitePool,
    keys: &KeyStore,
    wanted: Wanted,
) -> Result<Vec<Report>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT id, room, tenant FROM meeting WHERE id IN \
         (SELECT meeting FROM journal WHERE json_extract(event, '$.type') = 'reported') \
         AND id = coalesce(?1, id) ORDER BY begun_at_ms DESC, id LIMIT ?2",
    )
    .bind(wanted.meeting.map(|one| one.to_string()))
    .bind(MOST_MEETINGS)
    .fetch_all(readers)
    .await
    .map_err(StoreError::database("look for reports"))?;
    let mut reports = Vec::new();
    for (meeting, place, tenant) in rows {
        let (meeting, place): (MeetingId, RoomId) = (room::id(&meeting)?, room::id(&place)?);
        match journal::read(readers, keys, meeting).await {
            Ok(entries) => {
                let theirs = of(entries, meeting, place, &tenant).into_iter();
                let asked = |report: &Report| wanted.number.is_none_or(|one| one == report.number);
                reports.extend(theirs.filter(asked));
            }
            // Deleted between the two readings.
            Err(StoreError::NoSuchMeeting { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(reports)
}

/// The reports of one journal, under the names people had.
fn of(entries: Vec<Entry>, meeting: MeetingId, room: RoomId, tenant: &str) -> Vec<Report> {
    let mut names = BTreeMap::new();
    let mut reports = Vec::new();
    for Entry { seq, at, event, .. } in entries {
        match event {
            Event::Joined(Newcomer { participant, name, .. })
            | Event::Renamed { participant, name, .. } => {
                names.insert(participant, name);
            }
            Event::Reported { participant, by, text } => {
                let called = |who| names.get(&who).cloned().unwrap_or(Personal::Erased);
                reports.push(Report {
                    tenant: tenant.to_owned(),
                    room,
                    meeting,
                    number: seq,
                    at,
                    by,
                    by_name: called(by),
                    about: participant,
                    about_name: called(participant),
                    text,
                });
            }
            _ => {}
        }
    }
    reports
}
