//! The ballots that wait to be counted: in memory only, so that the journal tells no order.

use std::collections::BTreeMap;

use crate::collab::vote::opaque::Serial;
use crate::collab::vote::{Ballot, Cast};

/// How many wait until some are counted. More hides better who cast when; fewer are lost
/// with the process, until their voters send them again.
const FULL: usize = 10;

/// How many are counted at a time: as many as stay, so that the last to come are among few
/// or many with the same chance.
const COUNTED: usize = 5;

/// Not of the state: what waits here is not journaled yet.
#[derive(Default)]
pub(crate) struct Urn(BTreeMap<Serial, Cast>);

impl Urn {
    pub(super) fn get(&self, serial: &Serial) -> Option<&Cast> {
        self.0.get(serial)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn put(&mut self, ballot: Ballot) {
        self.0.insert(ballot.serial, ballot.cast);
    }

    /// Some of them in the order of their serials, once enough wait. Serials are random, so the
    /// lowest are an arbitrary choice.
    pub(crate) fn take_some(&mut self) -> Vec<Ballot> {
        let some = if self.0.len() >= FULL { COUNTED } else { 0 };
        self.take(some)
    }

    /// All of them in the order of their serials.
    pub(crate) fn take_all(&mut self) -> Vec<Ballot> {
        self.take(self.0.len())
    }

    fn take(&mut self, most: usize) -> Vec<Ballot> {
        let taken = std::iter::from_fn(|| self.0.pop_first()).take(most);
        taken.map(|(serial, cast)| Ballot { serial, cast }).collect()
    }
}
