//! How a journal entry is kept: the event without its personal fields, and those sealed beside it.

use std::collections::{BTreeMap, BTreeSet};

use conf_core::id::{MeetingId, ParticipantId};
use conf_core::{Entry, Event, Timestamp};
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::StoreError;
use super::audit::stored_ms;
use super::keys::{KeyStore, Whose};
use super::seal::{SealKey, field_place};

/// An event split into what may be read by anyone and what is a person's.
pub(crate) struct Split {
    entry: Entry,
    /// In the order of [`Event::visit_personal`]; `None` where it was erased already.
    texts: Vec<(ParticipantId, Option<String>)>,
}

impl Split {
    pub(crate) fn new(mut entry: Entry) -> Self {
        let mut texts = Vec::new();
        entry.event.visit_personal(&mut |whose, field| texts.push((whose, field.take())));
        Self { entry, texts }
    }

    pub(crate) const fn seq(&self) -> u64 {
        self.entry.seq
    }

    /// When the meeting ended, if this is its last entry.
    pub(crate) fn ended(&self) -> Option<Timestamp> {
        matches!(self.entry.event, Event::Ended { .. }).then_some(self.entry.at)
    }

    /// Whose keys are needed to seal it.
    pub(crate) fn wants(&self, meeting: MeetingId, wanted: &mut BTreeSet<Whose>) {
        let present = self.texts.iter().filter(|(_, text)| text.is_some());
        wanted.extend(present.map(|(whose, _)| (meeting, *whose)));
    }

    /// Writes it, in the caller's transaction, and forgets what it takes away. A field
    /// whose owner has no key (it was destroyed) is not kept.
    pub(crate) async fn insert<'k>(
        &self,
        connection: &mut SqliteConnection,
        meeting: MeetingId,
        key: impl Fn(Whose) -> Option<&'k SealKey>,
    ) -> Result<(), StoreError> {
        let failed = || StoreError::database("append to the journal");
        let event =
            serde_json::to_string(&self.entry.event).map_err(|error| StoreError::Corrupt {
                thing: format!("entry {} of {meeting}", self.entry.seq),
                expected: "an event that can be written as JSON",
                found: error.to_string(),
            })?;
        sqlx::query(
            "INSERT INTO journal (meeting, seq, at_ms, version, event) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(meeting.to_string())
        .bind(stored_seq(self.entry.seq))
        .bind(stored_ms(self.entry.at))
        .bind(self.entry.version)
        .bind(event)
        .execute(&mut *connection)
        .await
        .map_err(failed())?;
        for gone in self.entry.event.forgets() {
            // Overwritten where it lay: the database wipes what it deletes.
            sqlx::query("DELETE FROM personal WHERE meeting = ? AND seq = ?")
                .bind(meeting.to_string())
                .bind(stored_seq(*gone))
                .execute(&mut *connection)
                .await
                .map_err(failed())?;
        }
        for (field, (whose, text)) in (0_u32..).zip(&self.texts) {
            let (Some(text), Some(key)) = (text, key((meeting, *whose))) else { continue };
            let place = field_place(meeting, self.entry.seq, field);
            sqlx::query("INSERT INTO personal (meeting, seq, field, sealed) VALUES (?, ?, ?, ?)")
                .bind(meeting.to_string())
                .bind(stored_seq(self.entry.seq))
                .bind(field)
                .bind(key.seal(&place, text.as_bytes())?)
                .execute(&mut *connection)
                .await
                .map_err(failed())?;
        }
        Ok(())
    }
}

/// Takes out of a journal what is not kept beyond the end of its meeting, in the caller's
/// transaction.
pub(crate) async fn forget_at_end(
    connection: &mut SqliteConnection,
    meeting: MeetingId,
) -> Result<(), StoreError> {
    for left in Event::after_end() {
        let text = serde_json::to_string(&left).map_err(|error| StoreError::Corrupt {
            thing: format!("what is left of {} in {meeting}", left.kind()),
            expected: "an event that can be written as JSON",
            found: error.to_string(),
        })?;
        for statement in [
            "DELETE FROM personal WHERE meeting = ?1 AND seq IN (SELECT seq FROM journal \
             WHERE meeting = ?1 AND json_extract(event, '$.type') = ?2 AND event <> ?3)",
            "UPDATE journal SET event = ?3 \
             WHERE meeting = ?1 AND json_extract(event, '$.type') = ?2 AND event <> ?3",
        ] {
            sqlx::query(statement)
                .bind(meeting.to_string())
                .bind(left.kind())
                .bind(&text)
                .execute(&mut *connection)
                .await
                .map_err(StoreError::database("forget at a meeting's end"))?;
        }
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at_ms: i64,
    version: i64,
    event: String,
}

/// The whole journal, personal fields opened where their key still exists.
pub(crate) async fn read(
    readers: &SqlitePool,
    keys: &KeyStore,
    meeting: MeetingId,
) -> Result<Vec<Entry>, StoreError> {
    let failed = || StoreError::database("read the journal");
    // One transaction, so that an entry and its fields are of the same moment.
    let mut tx = readers.begin().await.map_err(failed())?;
    let known: Option<(i64,)> = sqlx::query_as("SELECT last_seq FROM meeting WHERE id = ?")
        .bind(meeting.to_string())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed())?;
    let (last_seq,) = known.ok_or(StoreError::NoSuchMeeting { meeting })?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, at_ms, version, event FROM journal WHERE meeting = ? ORDER BY seq",
    )
    .bind(meeting.to_string())
    .fetch_all(&mut *tx)
    .await
    .map_err(failed())?;
    let sealed: Vec<(i64, i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, field, sealed FROM personal WHERE meeting = ?")
            .bind(meeting.to_string())
            .fetch_all(&mut *tx)
            .await
            .map_err(failed())?;
    tx.commit().await.map_err(failed())?;

    let keys = keys.of_meeting(meeting).await?;
    let sealed: BTreeMap<_, _> = sealed.into_iter().map(|(s, f, text)| ((s, f), text)).collect();
    if i64::try_from(rows.len()) != Ok(last_seq) {
        return Err(corrupt(meeting, "as many entries as were kept", rows.len().to_string()));
    }
    (1..).zip(rows).map(|(seq, row)| row.into_entry(meeting, seq, &sealed, &keys)).collect()
}

impl Row {
    fn into_entry(
        self,
        meeting: MeetingId,
        seq: u64,
        sealed: &BTreeMap<(i64, i64), Vec<u8>>,
        keys: &BTreeMap<ParticipantId, SealKey>,
    ) -> Result<Entry, StoreError> {
        if stored_seq(seq) != self.seq {
            return Err(corrupt(meeting, "entries without gaps", format!("entry {}", self.seq)));
        }
        let (Ok(at), Ok(version)) = (u64::try_from(self.at_ms), u16::try_from(self.version)) else {
            return Err(corrupt(meeting, "a moment and a version", format!("entry {seq}")));
        };
        // The parser's words may quote the row, which holds no personal text.
        let mut event: Event = serde_json::from_str(&self.event)
            .map_err(|error| corrupt(meeting, "events this version knows", error.to_string()))?;
        let mut field = 0;
        event.visit_personal(&mut |whose, slot| {
            let text = sealed.get(&(self.seq, i64::from(field))).and_then(|text| {
                let plain = keys.get(&whose)?.open(&field_place(meeting, seq, field), text)?;
                String::from_utf8(plain).ok()
            });
            if let Some(text) = text {
                slot.restore(text);
            }
            field += 1;
        });
        Ok(Entry { seq, at: Timestamp(at), version, event })
    }
}

/// A journal number as the database keeps it.
pub(crate) fn stored_seq(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn corrupt(meeting: MeetingId, expected: &'static str, found: String) -> StoreError {
    StoreError::Corrupt { thing: format!("the journal of {meeting}"), expected, found }
}
