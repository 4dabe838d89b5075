//! What ties a breakout's meeting to the one it belongs to, within this process.
//!
//! Both sides tell how things stand, whole, and only the last word counts: neither ever waits
//! for the other, nothing piles up, and what was missed over a restart is said again.

use std::collections::BTreeMap;

use conf_core::id::{MeetingId, RoomId};
use conf_core::rule::{Parent, Pass, Rule};
use conf_core::{Event, Input, Report};
use conf_proto::{Problem, ServerMessage};
use tokio::sync::watch;

use super::ask::{OwnerHandle, unavailable};
use super::directory::{Directory, Ground};
use super::owner::{Lost, Owner};
use crate::clock::utc_now;
use crate::flag::raised;
use crate::store::{NewRoom, StoreError};

/// What one meeting says to its breakouts, and they to it.
pub(crate) struct Ties {
    /// `None` until the meeting is up.
    rules: watch::Sender<Option<Rules>>,
    reports: watch::Sender<BTreeMap<RoomId, Report>>,
}

/// What the breakouts of a meeting are held to. Those not named are over.
#[derive(PartialEq)]
struct Rules {
    meeting: MeetingId,
    rules: BTreeMap<RoomId, Rule>,
}

/// The meeting that one belongs to.
pub(super) struct Above {
    owner: OwnerHandle,
    rules: watch::Receiver<Option<Rules>>,
}

impl Default for Ties {
    fn default() -> Self {
        Self { rules: watch::Sender::new(None), reports: watch::Sender::new(BTreeMap::new()) }
    }
}

impl Ties {
    /// Follows what the breakouts report.
    pub(super) fn reports(&self) -> watch::Receiver<BTreeMap<RoomId, Report>> {
        self.reports.subscribe()
    }
}

impl Above {
    /// The meeting that is on where `parent` is, if one is. Of those that go on over a restart
    /// that one is started first: it is the older.
    pub(super) fn of(directory: &Directory, parent: Parent) -> Option<Self> {
        let owner = directory.live(parent.room)?;
        let rules = owner.ties.rules.subscribe();
        Some(Self { owner, rules })
    }

    /// Whether it has not said yet what its breakouts are held to, and still may.
    fn is_silent(&self) -> bool {
        self.rules.borrow().is_none() && !self.owner.inbox.is_closed()
    }

    /// What it holds `room` to; nothing, where that is no breakout of its any more.
    fn rule_for(&mut self, parent: Parent, room: RoomId) -> Option<Rule> {
        let said = self.rules.borrow_and_update();
        let said = said.as_ref().filter(|said| said.meeting == parent.meeting)?;
        said.rules.get(&room).cloned()
    }
}

/// Waits for another word from the meeting this one belongs to, or for its end; for ever
/// where it belongs to none.
pub(super) async fn next_rule(above: &mut Option<Above>) {
    let Some(Above { owner, rules }) = above else { return std::future::pending().await };
    if owner.inbox.is_closed() {
        // It was heard to its end, and this one ends too.
        return std::future::pending().await;
    }
    tokio::select! {
        // The sender is in the handle held here.
        _ = rules.changed() => {}
        () = owner.inbox.closed() => {}
    }
}

/// Whether `room` is a breakout of which nothing goes on, so that no meeting begins in it.
pub(super) async fn is_over(directory: &Directory, room: RoomId) -> bool {
    let store = &directory.ground.store;
    // What cannot be read is said where the meeting is opened.
    let Ok(Some(record)) = store.room(room).await else { return false };
    let Some(parent) = record.config.breakout_of else { return false };
    if !matches!(store.meeting_of(room).await, Ok(None)) {
        return false;
    }
    let mut draining = directory.ground.draining.clone();
    let mut above = Above::of(directory, parent);
    while above.as_ref().is_some_and(Above::is_silent) {
        tokio::select! {
            () = raised(&mut draining) => return true,
            () = next_rule(&mut above) => {}
        }
    }
    above.and_then(|mut above| above.rule_for(parent, room)).is_none()
}

impl Owner {
    /// In a breakout: waits until it is known what it is held to. False when the server goes
    /// down before.
    pub(super) async fn hear_first_rule(&mut self) -> Result<bool, Lost> {
        let mut draining = self.ground.draining.clone();
        while self.above.as_ref().is_some_and(Above::is_silent) {
            tokio::select! {
                () = raised(&mut draining) => return Ok(false),
                () = next_rule(&mut self.above) => {}
            }
        }
        self.obey().await?;
        Ok(true)
    }

    /// In a breakout: makes it as the meeting it belongs to has it now.
    pub(super) async fn obey(&mut self) -> Result<(), Lost> {
        let Some(parent) = self.meeting.config().breakout_of else { return Ok(()) };
        // The end of the other owner is the end of this meeting, unless the whole server ends.
        if *self.ground.draining.borrow() {
            return Ok(());
        }
        let room = self.meeting.identity().room;
        let rule = self.above.as_mut().and_then(|above| above.rule_for(parent, room));
        // What could not be kept is taken back with the rule, which is then heard again.
        let _ = self.step(Input::Rule(rule)).await?;
        Ok(())
    }

    /// Whether this is a breakout that does not know what it is held to, as after a turn that
    /// was taken back.
    pub(super) fn lacks_rule(&self) -> bool {
        let breakout = self.meeting.config().breakout_of.is_some();
        breakout && !self.meeting.has_rule() && !self.storage.is_failing()
    }

    /// Takes in how things stand in the breakouts.
    pub(super) async fn hear_reports(&mut self) -> Result<(), Lost> {
        let reports = self.reports.borrow_and_update().clone();
        for (room, report) in reports {
            if self.step(Input::Report { room, report }).await?.is_err() {
                // Not kept: again once something can be.
                self.reports.mark_changed();
                return Ok(());
            }
        }
        Ok(())
    }

    /// Says how things stand: down to the breakouts, and up from one.
    pub(super) fn tell_ties(&self) {
        let rules = Rules { meeting: self.meeting.identity().meeting, rules: self.meeting.rules() };
        self.ties.rules.send_if_modified(|said| {
            let news = said.as_ref() != Some(&rules);
            if news {
                *said = Some(rules);
            }
            news
        });
        let Some(above) = &self.above else { return };
        let report =
            if self.meeting.is_ended() { Report::default() } else { self.meeting.report() };
        let room = self.meeting.identity().room;
        above.owner.ties.reports.send_if_modified(|said| {
            let news = said.get(&room) != Some(&report);
            if news {
                said.insert(room, report);
            }
            news
        });
    }

    /// Notes what lets somebody into a breakout, once that is kept.
    pub(super) fn note_pass(&mut self, event: &Event) {
        self.passing = self.meeting.pass(event, utc_now() + self.ground.token_lifetime);
    }
}

/// The answer to whoever may go into a breakout. Its room is made by whoever comes first,
/// also after a restart.
pub(super) async fn hand_out(
    ground: &Ground,
    re: u32,
    pass: Pass,
) -> Result<ServerMessage, Problem> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        tracing::error!(error, "somebody cannot be let into a breakout");
        unavailable()
    };
    let Pass { claim, config } = pass;
    let (room, tenant) = (claim.room, claim.tenant.clone());
    // Nobody has a link to it.
    let new = NewRoom { room, tenant, config, links: Vec::new(), at: utc_now() };
    match ground.store.create_room(&new).await {
        Ok(()) | Err(StoreError::RoomExists { .. }) => {}
        Err(error) => return Err(failed(&error)),
    }
    let token = ground.tokens.mint(&claim).map_err(|error| failed(&error))?;
    Ok(ServerMessage::BreakoutPass { re, token })
}
