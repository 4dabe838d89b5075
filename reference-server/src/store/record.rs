//! What goes into the store and comes out of it, besides journal entries.

use std::fmt;
use std::path::PathBuf;

use conf_core::id::{MeetingId, ParticipantId, RoomId};
use conf_core::text::Subject;
use conf_core::{MeetingConfig, Role, Standing, Timestamp};

/// Where the store lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Rooms, journals and audit. Made if missing.
    pub data_dir: PathBuf,
    /// Master key and wrapped keys; outside `data_dir` and its backup. Made if missing.
    pub key_dir: PathBuf,
}

impl StoreConfig {
    /// A store under `data_dir`, its keys in the sibling `<data_dir>.keys`.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        let key_dir = beside(&data_dir);
        Self { data_dir, key_dir }
    }
}

/// The default key folder of a data folder: its sibling `<data_dir>.keys`.
#[must_use]
pub fn beside(data_dir: &std::path::Path) -> PathBuf {
    let mut name = data_dir.as_os_str().to_owned();
    // `data/` and `data` are one folder; its keys must not land inside it.
    while name.to_str().is_some_and(|n| n.len() > 1 && n.ends_with('/')) {
        name = name.to_str().unwrap_or_default().trim_end_matches('/').into();
    }
    name.push(".keys");
    name.into()
}

/// A room to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Its id: 128 bits nobody can guess.
    pub room: RoomId,
    /// Whose.
    pub tenant: String,
    /// How its meetings are set. The room's name is kept in clear.
    pub config: MeetingConfig,
    /// The ways in.
    pub links: Vec<Link>,
    /// When it is made.
    pub at: Timestamp,
}

/// A link into a room: what its key gives. The key itself is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// SHA-256 of the key.
    pub key_hash: [u8; 32],
    /// The role it gives.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// How many links of its kind came before it.
    pub number: u32,
}

/// The guest link that takes the place of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextGuestLink {
    /// SHA-256 of the new key.
    pub key_hash: [u8; 32],
    /// How many guest links came before it.
    pub number: u32,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:?}, {:?})", self.role, self.standing)
    }
}

/// A room as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecord {
    /// Its id.
    pub room: RoomId,
    /// Whose.
    pub tenant: String,
    /// How its meetings are set.
    pub config: MeetingConfig,
    /// The ways in, in the order they were made.
    pub links: Vec<Link>,
}

impl RoomRecord {
    /// The number of the guest link that counts.
    #[must_use]
    pub fn guest_link(&self) -> u32 {
        let guests = self.links.iter().filter(|link| link.standing == Standing::Guest);
        guests.map(|link| link.number).max().unwrap_or(0)
    }
}

/// One thing to be audited: ids and fixed words only, so that no content can get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// What happened or was refused, such as `muted` or `refused`.
    pub kind: &'static str,
    /// In which room.
    pub room: Option<RoomId>,
    /// In which meeting.
    pub meeting: Option<MeetingId>,
    /// Who did or asked.
    pub actor: Option<ParticipantId>,
    /// To whom.
    pub target: Option<ParticipantId>,
    /// A stable code, such as that of a refusal.
    pub code: Option<&'static str>,
    /// Who the person is to the issuer. Only a keyed hash of it is kept.
    pub subject: Option<Subject>,
}

impl AuditRecord {
    /// A record of `kind` with nobody and nowhere in it yet.
    #[must_use]
    pub const fn new(at: Timestamp, kind: &'static str) -> Self {
        Self {
            at,
            kind,
            room: None,
            meeting: None,
            actor: None,
            target: None,
            code: None,
            subject: None,
        }
    }
}

/// One line of a tenant's audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Counts from 1 without gaps within a tenant.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened or was refused.
    pub kind: String,
    /// In which room.
    pub room: Option<RoomId>,
    /// In which meeting.
    pub meeting: Option<MeetingId>,
    /// Who did or asked.
    pub actor: Option<ParticipantId>,
    /// To whom.
    pub target: Option<ParticipantId>,
    /// A stable code.
    pub code: Option<String>,
    /// HMAC-SHA256 of the subject, the same for the same person of a tenant.
    pub subject_hash: Option<[u8; 32]>,
    /// HMAC-SHA256 over this line and the hash of the one before.
    pub hash: [u8; 32],
}

/// What a walk along a tenant's audit chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Lines that hold, from the first.
    pub intact: u64,
    /// The last intact line's hash. Kept elsewhere, it shows a chain cut short.
    pub head: [u8; 32],
    /// The first line that does not follow from those before it.
    pub broken_at: Option<u64>,
}

impl AuditReport {
    /// Whether every line holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.broken_at.is_none()
    }
}
