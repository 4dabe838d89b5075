//! A meeting for tests of what a room says to the media plane, and of it: who is there, and what is locked.

use conf_core::event::{EVENT_VERSION, Newcomer};
use conf_core::id::{ClaimId, MeetingId, ParticipantId, RoomId, SessionId};
use conf_core::policy::lock::LockSet;
use conf_core::{
    Entry, Event, Meeting, MeetingConfig, Personal, Role, SourceSet, Standing, Timestamp,
};

use crate::identity::OsIds;

/// `people` came in this order.
pub(super) fn meeting_of(locks: LockSet, people: &[(ParticipantId, Role)]) -> Meeting {
    let opened = Event::Opened {
        meeting: MeetingId::from_number(1),
        room: RoomId::from_number(1),
        tenant: "default".to_owned(),
        config: MeetingConfig::default().locks(locks),
    };
    let joined = people.iter().map(|(who, role)| {
        Event::Joined(Newcomer {
            participant: *who,
            session: SessionId::from_number(who.number()),
            claim: ClaimId::from_number(who.number()),
            issuer: "conf".to_owned(),
            subject: Personal::Erased,
            name: Personal::Erased,
            role: *role,
            standing: Standing::Member,
            sources: SourceSet::ALL,
        })
    });
    let events = std::iter::once(opened).chain(joined);
    let entries = (1..).zip(events).map(|(seq, event)| Entry {
        seq,
        at: Timestamp(0),
        version: EVENT_VERSION,
        event,
    });
    Meeting::replay(Box::new(OsIds), entries).expect("a journal")
}
