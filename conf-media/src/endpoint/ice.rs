//! The ICE-lite agent of one endpoint: answers checks, learns the route to send on, keeps consent
//! (RFC 8445 sections 2.5, 7.3 and 9, RFC 7675).

use std::time::{Duration, Instant};

use super::stun::{
    Binding, Class, IntegrityKey, MAX_REPLY, SenderRole, StunError, write_error, write_success,
};
use super::transactions::Transactions;
use crate::shard::Route;

/// Without an authenticated check for this long a route may not be sent on (RFC 7675, section 5.1
/// allows 30 s at most; less notices a lost peer sooner).
pub const CONSENT: Duration = Duration::from_secs(10);

/// What came of a STUN message.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub struct Check {
    /// The first so many bytes of the reply buffer go back to where the message came from.
    pub reply: Option<usize>,
    /// The peer has shown that it is at the end of the message's route.
    pub proven: bool,
    /// The same check came before: a repeat of a lost answer, or somebody's copy. The answer is
    /// for the peer alone, by a route it has proven otherwise.
    pub repeated: bool,
    /// The route that is to be sent on now, when this message changed it.
    pub moved: Option<Route>,
    /// The local user name fragment that this message put out of use (ICE restart).
    pub retired: Option<String>,
}

impl Check {
    fn reply(len: Option<usize>) -> Self {
        Self { reply: len, proven: false, repeated: false, moved: None, retired: None }
    }
}

/// One endpoint's agent. It is always the controlled side and asks nothing.
pub struct IceLite {
    session: Session,
    /// The one before a restart, valid until the peer uses the new one.
    former: Option<Session>,
    /// Where to send, and when it was last checked.
    route: Option<(Route, Instant)>,
    last_check: Option<Instant>,
    transactions: Transactions,
}

/// The credentials of one ICE session.
struct Session {
    local_ufrag: String,
    /// `local:remote`, what every check must carry.
    username: String,
    key: IntegrityKey,
}

impl Session {
    fn new(local_ufrag: &str, local_pwd: &str, remote_ufrag: &str) -> Self {
        Self {
            local_ufrag: local_ufrag.to_owned(),
            username: format!("{local_ufrag}:{remote_ufrag}"),
            key: IntegrityKey::new(local_pwd),
        }
    }
}

impl IceLite {
    /// An agent that answers checks carrying `local_ufrag:remote_ufrag`, keyed with `local_pwd`.
    pub fn new(local_ufrag: &str, local_pwd: &str, remote_ufrag: &str) -> Self {
        Self {
            session: Session::new(local_ufrag, local_pwd, remote_ufrag),
            former: None,
            route: None,
            last_check: None,
            transactions: Transactions::default(),
        }
    }

    /// Takes new credentials (RFC 8445, section 9). Those in use stay valid, and the route is
    /// kept, until the first check with the new ones. Gives the local user name fragment of a
    /// restart that the peer never made use of.
    pub fn restart(
        &mut self,
        local_ufrag: &str,
        local_pwd: &str,
        remote_ufrag: &str,
    ) -> Option<String> {
        let new = Session::new(local_ufrag, local_pwd, remote_ufrag);
        let before = std::mem::replace(&mut self.session, new);
        if self.former.is_some() {
            return Some(before.local_ufrag);
        }
        self.former = Some(before);
        None
    }

    /// Takes a STUN message that came by `route`; `reply` is filled when an answer is due.
    ///
    /// A message that is not from this endpoint's peer changes nothing and gets no answer. A
    /// check that came before changes nothing either, wherever it comes from: whoever saw it on
    /// its way could send it again.
    pub fn receive(
        &mut self,
        now: Instant,
        route: Route,
        packet: &[u8],
        reply: &mut [u8; MAX_REPLY],
    ) -> Result<Check, StunError> {
        let binding = Binding::parse(packet)?;
        if binding.class == Class::Indication {
            return Ok(Check::reply(None));
        }
        let username = binding.username.ok_or(StunError::Username)?;
        let current = username == self.session.username;
        let session = if current { Some(&self.session) } else { self.former.as_ref() };
        let session =
            session.filter(|session| session.username == username).ok_or(StunError::Username)?;
        binding.verify(&session.key)?;
        let refuse = |code, unknown: &[u16], reply: &mut [u8; MAX_REPLY]| {
            let key = Some(&session.key);
            Ok(Check::reply(Some(write_error(&binding.transaction, code, unknown, key, reply))))
        };
        if !binding.unknown_attributes().is_empty() {
            return refuse(420, binding.unknown_attributes(), reply);
        }
        if binding.role == Some(SenderRole::Controlled) {
            // A lite agent never controls, so the other must (RFC 8445, section 6.1.1).
            return refuse(487, &[], reply);
        }
        let length = write_success(&binding.transaction, route.remote, &session.key, reply);
        if !self.transactions.note(&binding.transaction) {
            return Ok(Check { repeated: true, ..Check::reply(Some(length)) });
        }
        let retired =
            if current { self.former.take().map(|former| former.local_ufrag) } else { None };
        self.last_check = Some(now);
        let moved = self.follow(now, route, binding.use_candidate);
        Ok(Check { reply: Some(length), proven: true, repeated: false, moved, retired })
    }

    /// Decides what an authentic check means for where to send.
    fn follow(&mut self, now: Instant, route: Route, nominates: bool) -> Option<Route> {
        match &mut self.route {
            Some((known, checked)) if *known == route => {
                *checked = now;
                None
            }
            // A peer whose address was changed on its way does not know and nominates nothing;
            // once the old route has been silent long enough, any check shows a better one.
            Some((_, checked)) if !nominates && now < *checked + CONSENT => None,
            None if !nominates => None,
            _ => {
                self.route = Some((route, now));
                Some(route)
            }
        }
    }

    /// Where to send: the route that was nominated last. None until one was.
    pub fn route(&self) -> Option<Route> {
        self.route.map(|(route, _)| route)
    }

    /// When the peer last consented to be sent to (RFC 7675): the latest authenticated check on
    /// the route in use, before there is one the latest on any.
    pub fn consented(&self) -> Option<Instant> {
        self.route.map(|(_, checked)| checked).or(self.last_check)
    }

    /// The local user name fragments under which checks are answered.
    pub fn local_ufrags(&self) -> impl Iterator<Item = &str> {
        [Some(&self.session), self.former.as_ref()]
            .into_iter()
            .flatten()
            .map(|session| session.local_ufrag.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::endpoint::stun::write_request;

    const USE_CANDIDATE: (u16, &[u8]) = (0x0025, &[]);
    const CONTROLLING: (u16, &[u8]) = (0x802a, &[0; 8]);
    const CONTROLLED: (u16, &[u8]) = (0x8029, &[0; 8]);
    const PRIORITY: (u16, &[u8]) = (0x0024, &[0x6e, 0, 1, 0xff]);

    fn agent() -> IceLite {
        IceLite::new("lite", "a password of twenty-two", "full")
    }

    /// What a check is made from; every one that is sent has a transaction of its own.
    struct Ask<'a> {
        username: &'a str,
        password: &'a str,
        attributes: &'a [(u16, &'a [u8])],
    }

    impl Ask<'_> {
        fn write(&self) -> Vec<u8> {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let mut transaction = [3; 12];
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            transaction[8..].copy_from_slice(&number.to_be_bytes());
            let key = IntegrityKey::new(self.password);
            write_request(&transaction, self.username, self.attributes, &key)
        }
    }

    fn check<'a>(
        username: &'a str,
        password: &'a str,
        attributes: &'a [(u16, &'a [u8])],
    ) -> Ask<'a> {
        Ask { username, password, attributes }
    }

    fn route(port: u16) -> Route {
        Route::udp(([127, 0, 0, 1], port).into())
    }

    fn receive(
        agent: &mut IceLite,
        now: Instant,
        port: u16,
        ask: &Ask<'_>,
    ) -> Result<Check, StunError> {
        agent.receive(now, route(port), &ask.write(), &mut [0; MAX_REPLY])
    }

    #[test]
    fn the_latest_nomination_is_where_we_send() {
        let (mut agent, now) = (agent(), Instant::now());
        let plain = check("lite:full", "a password of twenty-two", &[PRIORITY, CONTROLLING]);
        let nominating =
            check("lite:full", "a password of twenty-two", &[PRIORITY, CONTROLLING, USE_CANDIDATE]);

        let seen = receive(&mut agent, now, 1, &plain).unwrap();
        assert!(seen.reply.is_some());
        assert_eq!((seen.moved, agent.route()), (None, None));

        assert_eq!(receive(&mut agent, now, 1, &nominating).unwrap().moved, Some(route(1)));
        assert_eq!(receive(&mut agent, now, 1, &nominating).unwrap().moved, None);
        assert_eq!(receive(&mut agent, now, 2, &plain).unwrap().moved, None);
        assert_eq!(agent.route(), Some(route(1)));
        assert_eq!(receive(&mut agent, now, 2, &nominating).unwrap().moved, Some(route(2)));
        assert_eq!(agent.route(), Some(route(2)));
    }

    #[test]
    fn consent_comes_from_authenticated_checks_only() {
        let (mut agent, now) = (agent(), Instant::now());
        let later = now + Duration::from_secs(5);
        let good = check("lite:full", "a password of twenty-two", &[CONTROLLING]);
        let forged = check("lite:full", "another password", &[CONTROLLING, USE_CANDIDATE]);
        let other = check("lite:else", "a password of twenty-two", &[CONTROLLING, USE_CANDIDATE]);
        assert!(receive(&mut agent, now, 1, &good).is_ok());
        assert_eq!(receive(&mut agent, later, 9, &forged), Err(StunError::Integrity));
        assert_eq!(receive(&mut agent, later, 9, &other), Err(StunError::Username));
        assert_eq!(agent.consented(), Some(now));
        assert_eq!(agent.route(), None);
    }

    #[test]
    fn a_peer_that_wants_to_be_controlled_is_told_of_the_conflict() {
        let (mut agent, now) = (agent(), Instant::now());
        let packet = check("lite:full", "a password of twenty-two", &[CONTROLLED, USE_CANDIDATE]);
        let mut reply = [0; MAX_REPLY];
        let seen = agent.receive(now, route(1), &packet.write(), &mut reply).unwrap();
        assert!(seen.reply.is_some());
        assert_eq!(reply[..2], [0x01, 0x11]);
        assert_eq!(reply[24..28], [0, 0, 4, 87]);
        assert_eq!((agent.route(), agent.consented()), (None, None));
    }

    #[test]
    fn consent_is_for_the_route_in_use() {
        let (mut agent, now) = (agent(), Instant::now());
        let plain = check("lite:full", "a password of twenty-two", &[CONTROLLING]);
        let nominating =
            check("lite:full", "a password of twenty-two", &[CONTROLLING, USE_CANDIDATE]);
        assert!(receive(&mut agent, now, 1, &nominating).is_ok());
        let later = now + CONSENT / 2;
        assert!(receive(&mut agent, later, 2, &plain).is_ok());
        assert_eq!(agent.consented(), Some(now), "a check by another route says nothing of this");
    }

    #[test]
    fn a_silent_route_gives_way_to_any_that_is_checked() {
        let (mut agent, now) = (agent(), Instant::now());
        let plain = check("lite:full", "a password of twenty-two", &[CONTROLLING]);
        let nominating =
            check("lite:full", "a password of twenty-two", &[CONTROLLING, USE_CANDIDATE]);
        assert!(receive(&mut agent, now, 1, &nominating).is_ok());
        let almost = now + CONSENT - Duration::from_millis(1);
        assert_eq!(receive(&mut agent, almost, 2, &plain).unwrap().moved, None);
        let silent = now + CONSENT;
        assert_eq!(receive(&mut agent, silent, 2, &plain).unwrap().moved, Some(route(2)));
        assert_eq!(agent.consented(), Some(silent));
    }

    #[test]
    fn after_a_restart_the_old_credentials_count_until_the_new_ones_are_used() {
        let (mut agent, now) = (agent(), Instant::now());
        let old = check("lite:full", "a password of twenty-two", &[CONTROLLING, USE_CANDIDATE]);
        let new = check("new:fresh", "a password of twenty-four", &[CONTROLLING]);
        assert!(receive(&mut agent, now, 1, &old).is_ok());
        assert_eq!(agent.restart("new", "a password of twenty-four", "fresh"), None);
        assert_eq!(agent.local_ufrags().collect::<Vec<_>>(), ["new", "lite"]);
        assert!(receive(&mut agent, now, 1, &old).unwrap().proven);

        let seen = receive(&mut agent, now, 2, &new).unwrap();
        assert_eq!((seen.retired.as_deref(), seen.moved), (Some("lite"), None));
        assert_eq!(agent.route(), Some(route(1)), "nothing was nominated yet");
        assert_eq!(receive(&mut agent, now, 1, &old), Err(StunError::Username));
        assert_eq!(agent.local_ufrags().collect::<Vec<_>>(), ["new"]);
    }

    #[test]
    fn of_two_restarts_only_the_unused_one_is_forgotten() {
        let (mut agent, now) = (agent(), Instant::now());
        let old = check("lite:full", "a password of twenty-two", &[CONTROLLING]);
        assert_eq!(agent.restart("second", "a password of twenty-four", "full"), None);
        let unused = agent.restart("third", "a password of twenty-five", "full");
        assert_eq!(unused.as_deref(), Some("second"));
        assert!(receive(&mut agent, now, 1, &old).unwrap().proven, "the peer still has it");
    }

    #[test]
    fn a_copied_check_moves_and_keeps_nobody() {
        let (mut agent, now) = (agent(), Instant::now());
        let attributes = [PRIORITY, CONTROLLING, USE_CANDIDATE];
        let sent = check("lite:full", "a password of twenty-two", &attributes).write();
        let mut reply = [0; MAX_REPLY];
        let first = agent.receive(now, route(1), &sent, &mut reply).unwrap();
        assert_eq!((first.moved, first.repeated), (Some(route(1)), false));
        for (port, later) in [(9, 0), (1, 5), (9, 15)] {
            let at = now + Duration::from_secs(later);
            let copy = agent.receive(at, route(port), &sent, &mut reply).unwrap();
            assert_eq!((copy.moved, copy.proven, copy.repeated), (None, false, true));
            assert_eq!((agent.route(), agent.consented()), (Some(route(1)), Some(now)));
        }
    }
}
