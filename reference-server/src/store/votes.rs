//! The keys of secret votes that are on: kept until the vote is over, and then nowhere.

use std::collections::BTreeMap;

use conf_core::VoteKey;
use conf_core::id::{MeetingId, ParticipantId};

use super::StoreError;
use super::keys::KeyStore;

/// What a blinded message is recognised by. It tells nothing of what was blinded.
pub(crate) type Digest = [u8; 32];

impl KeyStore {
    /// Keeps the secret half of a vote's key. On disk before this returns.
    pub(crate) async fn put_vote_key(
        &self,
        meeting: MeetingId,
        public: &VoteKey,
        secret: &[u8],
    ) -> Result<(), StoreError> {
        let wrapped = self.wrap.seal(&place(meeting, public), secret)?;
        sqlx::query("INSERT INTO vote_key (meeting, public, wrapped) VALUES (?, ?, ?)")
            .bind(meeting.to_string())
            .bind(public.as_str())
            .bind(wrapped)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(StoreError::database("keep the key of a vote"))
    }

    /// The secret half of a vote's key, and whose blinded messages were signed with it.
    pub(crate) async fn vote_key(
        &self,
        meeting: MeetingId,
        public: &VoteKey,
    ) -> Result<Option<(Vec<u8>, BTreeMap<ParticipantId, Digest>)>, StoreError> {
        let failed = || StoreError::database("read the key of a vote");
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT wrapped FROM vote_key WHERE meeting = ? AND public = ?")
                .bind(meeting.to_string())
                .bind(public.as_str())
                .fetch_optional(&self.pool)
                .await
                .map_err(failed())?;
        let secret = row.and_then(|(wrapped,)| self.wrap.open(&place(meeting, public), &wrapped));
        let Some(secret) = secret else { return Ok(None) };
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT participant, digest FROM vote_signed WHERE meeting = ?")
                .bind(meeting.to_string())
                .fetch_all(&self.pool)
                .await
                .map_err(failed())?;
        let signed = rows
            .into_iter()
            .filter_map(|(who, digest)| Some((who.parse().ok()?, digest.try_into().ok()?)));
        Ok(Some((secret, signed.collect())))
    }

    /// Remembers what is about to be signed for someone. On disk before this returns.
    pub(crate) async fn put_vote_signed(
        &self,
        meeting: MeetingId,
        participant: ParticipantId,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO vote_signed (meeting, participant, digest) VALUES (?, ?, ?) \
             ON CONFLICT (meeting, participant) DO UPDATE SET digest = excluded.digest",
        )
        .bind(meeting.to_string())
        .bind(participant.to_string())
        .bind(&digest[..])
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(StoreError::database("remember what is signed"))
    }

    /// Destroys the keys of a meeting's votes, so that nobody signs with them again.
    pub(crate) async fn destroy_vote_keys(&self, meeting: MeetingId) -> Result<(), StoreError> {
        let failed = || StoreError::database("destroy the key of a vote");
        let mut tx = self.pool.begin().await.map_err(failed())?;
        let mut gone = 0;
        for statement in
            ["DELETE FROM vote_key WHERE meeting = ?", "DELETE FROM vote_signed WHERE meeting = ?"]
        {
            let done = sqlx::query(statement).bind(meeting.to_string()).execute(&mut *tx).await;
            gone += done.map_err(failed())?.rows_affected();
        }
        tx.commit().await.map_err(failed())?;
        if gone == 0 { Ok(()) } else { self.wipe_log().await }
    }
}

/// Where a wrapped key belongs.
fn place(meeting: MeetingId, public: &VoteKey) -> Vec<u8> {
    let mut place = b"vote".to_vec();
    place.extend_from_slice(&meeting.number().to_be_bytes());
    place.extend_from_slice(public.as_str().as_bytes());
    place
}
