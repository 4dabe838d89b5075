//! A store in a folder of its own, a room, and a meeting with people in it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::path::{Path, PathBuf};

use conf_core::event::{EVENT_VERSION, Newcomer};
use conf_core::id::{ClaimId, MeetingId, MessageId, ParticipantId, RoomId, SessionId};
use conf_core::text::{ChatText, DisplayName, RoomName, Subject};
use conf_core::{Entry, Event, Identity, MeetingConfig, Role, SourceSet, Standing, Timestamp};
use reference_server::store::{Link, NewRoom, Store, StoreConfig};
use tempfile::TempDir;

/// A folder that goes away with the test, and what a store needs in it.
pub struct Place {
    dir: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn config(&self) -> StoreConfig {
        StoreConfig::new(self.dir.path().join("data"))
    }

    pub fn database(&self) -> PathBuf {
        self.config().data_dir.join("conf.db")
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.config()).await.unwrap()
    }

    /// A store with a room and a meeting that is on in it.
    pub async fn with_meeting(&self) -> Store {
        let store = self.open().await;
        store.create_room(&new_room(room(1))).await.unwrap();
        store.begin_meeting(&identity(1), Timestamp(10)).await.unwrap();
        store
    }
}

pub fn room(number: u128) -> RoomId {
    RoomId::from_number(number)
}

pub fn meeting(number: u128) -> MeetingId {
    MeetingId::from_number(number)
}

pub fn person(number: u128) -> ParticipantId {
    ParticipantId::from_number(number)
}

/// Meeting `number`, in the room of the same number.
pub fn identity(number: u128) -> Identity {
    Identity { meeting: meeting(number), room: room(number), tenant: "default".into() }
}

pub fn new_room(room: RoomId) -> NewRoom {
    NewRoom {
        room,
        tenant: "default".into(),
        config: MeetingConfig::new(RoomName::new("Physics 101").unwrap()),
        links: vec![
            link(1, Role::Moderator, Standing::Member),
            link(2, Role::Participant, Standing::Guest),
        ],
        at: Timestamp(5),
    }
}

fn link(byte: u8, role: Role, standing: Standing) -> Link {
    Link { key_hash: [byte; 32], role, standing, number: 0 }
}

pub fn entry(seq: u64, event: Event) -> Entry {
    Entry { seq, at: Timestamp(1_000 + seq), version: EVENT_VERSION, event }
}

pub fn opened(number: u128) -> Event {
    let Identity { meeting, room, tenant } = identity(number);
    Event::Opened { meeting, room, tenant, config: new_room(room).config }
}

pub fn joined(who: u128, subject: &str, name: &str) -> Event {
    Event::Joined(Newcomer {
        participant: person(who),
        session: SessionId::from_number(who),
        claim: ClaimId::from_number(who),
        issuer: "conf".into(),
        subject: Subject::new(subject).unwrap().into(),
        name: DisplayName::new(name).unwrap().into(),
        role: Role::Participant,
        standing: Standing::Guest,
        sources: SourceSet::ALL,
    })
}

pub fn said(who: u128, text: &str) -> Event {
    Event::ChatSent {
        message: MessageId::from_number(who),
        from: person(who),
        text: ChatText::new(text).unwrap().into(),
        to: None,
        answers: None,
    }
}

/// Every personal text of a journal that is still there.
pub fn texts(entries: &[Entry]) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in entries {
        entry.event.clone().visit_personal(&mut |_, field| texts.extend(field.take()));
    }
    texts
}

/// Whether any file under `dir` holds `needle`, and which.
pub fn files_with(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|w| w == needle) {
                found.push(path);
            }
        }
    }
    found
}
