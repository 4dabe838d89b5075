//! Which of the other side's addresses to send to: the controlling half of ICE (RFC 8445) with
//! consent (RFC 7675).
//!
//! Every check nominates: the first address that answers is kept. That is all a lite server needs,
//! and a full agent in the controlled role accepts it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::stun::{self, Class, IntegrityKey, Message, Transaction};

/// From the first unanswered check to the second; doubles up to [`SLOWEST`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const SLOWEST: Duration = Duration::from_millis(800);
/// Between checks of a connection that works (RFC 7675, section 5.1: 5 s).
const CONSENT_PAUSE: Duration = Duration::from_secs(4);
/// Without an answer for this long nothing is sent any more (RFC 7675, section 5.1).
const CONSENT_WITHIN: Duration = Duration::from_secs(30);
/// Checks whose answers are still recognised.
const OPEN_CHECKS: usize = 16;

/// One side's credentials.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) ufrag: String,
    pub(crate) pwd: String,
}

/// The agent of one connection.
pub(crate) struct Ice {
    tie_breaker: u64,
    /// What our checks carry.
    username: String,
    /// What checks of the other side carry.
    expected: String,
    ours: IntegrityKey,
    theirs: IntegrityKey,
    candidates: Vec<SocketAddr>,
    open: Vec<(Transaction, SocketAddr)>,
    selected: Option<SocketAddr>,
    answered: Instant,
    pause: Duration,
    due: Instant,
    draw: u64,
}

/// What came of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing.
    Ignored,
    /// This goes back to where it came from.
    Reply(Vec<u8>),
    /// The first address answered: the handshake may begin.
    Selected,
}

impl Ice {
    /// `draw` is any random number; it makes transaction ids and the tie breaker.
    pub(crate) fn new(
        now: Instant,
        local: &Credentials,
        remote: &Credentials,
        candidates: Vec<SocketAddr>,
        draw: u64,
    ) -> Self {
        Self {
            tie_breaker: draw,
            username: format!("{}:{}", remote.ufrag, local.ufrag),
            expected: format!("{}:{}", local.ufrag, remote.ufrag),
            ours: IntegrityKey::new(&local.pwd),
            theirs: IntegrityKey::new(&remote.pwd),
            candidates,
            open: Vec::with_capacity(OPEN_CHECKS),
            selected: None,
            answered: now,
            pause: FIRST_PAUSE,
            due: now,
            draw,
        }
    }

    /// Where to send; `None` before any address answered.
    pub(crate) fn selected(&self) -> Option<SocketAddr> {
        self.selected
    }

    /// Whether nobody answered for so long that nothing may be sent any more.
    pub(crate) fn is_lost(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.answered) > CONSENT_WITHIN
    }

    /// When [`Ice::tick`] is due.
    pub(crate) fn poll_timeout(&self) -> Instant {
        self.due
    }

    /// Hands over the checks that are due.
    pub(crate) fn tick(&mut self, now: Instant, mut send: impl FnMut(SocketAddr, &[u8])) {
        if now < self.due {
            return;
        }
        match self.selected {
            Some(address) => {
                let check = self.check(address);
                send(address, &check);
                self.due = now + CONSENT_PAUSE;
            }
            None => {
                for at in 0..self.candidates.len() {
                    let Some(address) = self.candidates.get(at).copied() else { break };
                    let check = self.check(address);
                    send(address, &check);
                }
                self.due = now + self.pause;
                self.pause = (self.pause * 2).min(SLOWEST);
            }
        }
    }

    /// Takes a STUN message from `from`.
    pub(crate) fn receive(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) -> Outcome {
        let Some(message) = Message::read(bytes) else { return Outcome::Ignored };
        match message.class {
            Class::Request => {
                let ours = message.username == Some(self.expected.as_bytes());
                if !ours || !message.verify(&self.ours) {
                    return Outcome::Ignored;
                }
                // Where a check comes from may be an address no candidate named.
                if self.selected.is_none()
                    && !self.candidates.contains(&from)
                    && self.candidates.len() < OPEN_CHECKS
                {
                    self.candidates.push(from);
                    self.due = now;
                }
                Outcome::Reply(stun::success(&message.transaction, from, &self.ours))
            }
            Class::Success => {
                let known = self.open.iter().position(|(transaction, address)| {
                    *transaction == message.transaction && *address == from
                });
                let Some(at) = known.filter(|_| message.verify(&self.theirs)) else {
                    return Outcome::Ignored;
                };
                self.open.swap_remove(at);
                self.answered = now;
                if self.selected.is_some() {
                    return Outcome::Ignored;
                }
                self.selected = Some(from);
                self.due = now + CONSENT_PAUSE;
                Outcome::Selected
            }
            Class::Error | Class::Indication => Outcome::Ignored,
        }
    }

    fn check(&mut self, address: SocketAddr) -> Vec<u8> {
        // Ids need to be unlikely to be guessed, and here only to be told apart by an honest
        // server: a counter through a mixing step.
        let mut transaction = [0; 12];
        self.draw = self.draw.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.draw ^ (self.draw >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        transaction[..8].copy_from_slice(&mixed.to_be_bytes());
        transaction[8..].copy_from_slice(&(self.draw as u32).to_be_bytes());
        if self.open.len() >= OPEN_CHECKS {
            self.open.remove(0);
        }
        self.open.push((transaction, address));
        stun::nominating_request(&transaction, &self.username, self.tie_breaker, &self.theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str) -> Credentials {
        Credentials { ufrag: name.to_owned(), pwd: format!("{name} password, long enough") }
    }

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn agent(now: Instant) -> Ice {
        Ice::new(now, &side("us"), &side("them"), vec![address(1), address(2)], 77)
    }

    fn checks(ice: &mut Ice, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut sent = Vec::new();
        ice.tick(now, |to, bytes| sent.push((to, bytes.to_vec())));
        sent
    }

    fn answer(check: &[u8], key: &str) -> Vec<u8> {
        let message = Message::read(check).unwrap();
        assert_eq!(message.username, Some(&b"them:us"[..]));
        stun::success(&message.transaction, address(9), &IntegrityKey::new(key))
    }

    #[test]
    fn the_first_address_that_answers_is_kept() {
        let now = Instant::now();
        let mut ice = agent(now);
        let sent = checks(&mut ice, now);
        assert_eq!(sent.len(), 2);
        let right = answer(&sent[1].1, &side("them").pwd);
        assert_eq!(ice.receive(now, address(1), &right), Outcome::Ignored, "from elsewhere");
        let forged = answer(&sent[1].1, "guess");
        assert_eq!(ice.receive(now, address(2), &forged), Outcome::Ignored);
        assert_eq!(ice.receive(now, address(2), &right), Outcome::Selected);
        assert_eq!(ice.selected(), Some(address(2)));
        assert_eq!(ice.receive(now, address(2), &right), Outcome::Ignored, "answered already");
        assert!(checks(&mut ice, now + Duration::from_secs(1)).is_empty());
        let consent = checks(&mut ice, now + CONSENT_PAUSE);
        assert_eq!(consent.len(), 1);
        assert_eq!(consent[0].0, address(2));
    }

    #[test]
    fn checks_are_repeated_and_silence_ends_the_connection() {
        let now = Instant::now();
        let mut ice = agent(now);
        let mut at = now;
        for _ in 0..10 {
            assert_eq!(checks(&mut ice, at).len(), 2);
            assert!(ice.poll_timeout() > at);
            at = ice.poll_timeout();
        }
        assert!(!ice.is_lost(now + CONSENT_WITHIN));
        assert!(ice.is_lost(now + CONSENT_WITHIN + Duration::from_millis(1)));
        assert!(ice.open.len() <= OPEN_CHECKS);
    }

    #[test]
    fn checks_of_the_other_side_are_answered_only_with_our_password() {
        let now = Instant::now();
        let mut ice = agent(now);
        let check =
            |pwd: &str| stun::nominating_request(&[3; 12], "us:them", 1, &IntegrityKey::new(pwd));
        assert_eq!(ice.receive(now, address(5), &check("guess")), Outcome::Ignored);
        let Outcome::Reply(reply) = ice.receive(now, address(5), &check(&side("us").pwd)) else {
            panic!("no reply");
        };
        let reply = Message::read(&reply).unwrap();
        assert_eq!((reply.class, reply.transaction), (Class::Success, [3; 12]));
        assert!(checks(&mut ice, now).iter().any(|(to, _)| *to == address(5)));
    }
}
