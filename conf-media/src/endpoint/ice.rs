//! The ICE-lite agent of one endpoint: answers checks, learns the nominated address, keeps consent
//! (RFC 8445 sections 2.5 and 7.3, RFC 7675).

use std::{net::SocketAddr, time::Instant};

use super::stun::{
    Binding, Class, IntegrityKey, MAX_REPLY, SenderRole, StunError, write_error, write_success,
};

/// What came of a STUN message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Check {
    /// The first so many bytes of the reply buffer go back to where the message came from.
    pub reply: Option<usize>,
    /// The address that is now nominated, when this message changed it.
    pub nominated: Option<SocketAddr>,
}

/// One endpoint's agent. It is always the controlled side and asks nothing.
pub struct IceLite {
    /// `local:remote`, what every check must carry.
    username: String,
    key: IntegrityKey,
    nominated: Option<SocketAddr>,
    last_check: Option<Instant>,
}

impl IceLite {
    /// An agent that answers checks carrying `local_ufrag:remote_ufrag`, keyed with `local_pwd`.
    pub fn new(local_ufrag: &str, local_pwd: &str, remote_ufrag: &str) -> Self {
        Self {
            username: format!("{local_ufrag}:{remote_ufrag}"),
            key: IntegrityKey::new(local_pwd),
            nominated: None,
            last_check: None,
        }
    }

    /// Takes a STUN message from `from`; `reply` is filled when an answer is due.
    ///
    /// A message that is not from this endpoint's peer changes nothing and gets no answer.
    pub fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        packet: &[u8],
        reply: &mut [u8; MAX_REPLY],
    ) -> Result<Check, StunError> {
        let binding = Binding::parse(packet)?;
        if binding.class == Class::Indication {
            return Ok(Check { reply: None, nominated: None });
        }
        if binding.username != Some(self.username.as_str()) {
            return Err(StunError::Username);
        }
        binding.verify(&self.key)?;
        let refuse = |code, unknown: &[u16], reply: &mut [u8; MAX_REPLY]| {
            let length = write_error(&binding.transaction, code, unknown, Some(&self.key), reply);
            Ok(Check { reply: Some(length), nominated: None })
        };
        if !binding.unknown_attributes().is_empty() {
            return refuse(420, binding.unknown_attributes(), reply);
        }
        if binding.role == Some(SenderRole::Controlled) {
            // A lite agent never controls, so the other must (RFC 8445, section 6.1.1).
            return refuse(487, &[], reply);
        }
        self.last_check = Some(now);
        let nominated = (binding.use_candidate && self.nominated != Some(from)).then_some(from);
        if nominated.is_some() {
            self.nominated = nominated;
        }
        let length = write_success(&binding.transaction, from, &self.key, reply);
        Ok(Check { reply: Some(length), nominated })
    }

    /// Where to send: the address of the latest check that nominated.
    pub fn address(&self) -> Option<SocketAddr> {
        self.nominated
    }

    /// When the latest authenticated check came: the peer's consent to be sent to (RFC 7675).
    pub fn last_check(&self) -> Option<Instant> {
        self.last_check
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::endpoint::stun::write_request;

    const USE_CANDIDATE: (u16, &[u8]) = (0x0025, &[]);
    const CONTROLLING: (u16, &[u8]) = (0x802a, &[0; 8]);
    const CONTROLLED: (u16, &[u8]) = (0x8029, &[0; 8]);
    const PRIORITY: (u16, &[u8]) = (0x0024, &[0x6e, 0, 1, 0xff]);

    fn agent() -> IceLite {
        IceLite::new("lite", "a password of twenty-two", "full")
    }

    fn check(username: &str, password: &str, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        write_request(&[3; 12], username, attributes, &IntegrityKey::new(password))
    }

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn receive(
        agent: &mut IceLite,
        now: Instant,
        port: u16,
        packet: &[u8],
    ) -> Result<Check, StunError> {
        agent.receive(now, address(port), packet, &mut [0; MAX_REPLY])
    }

    #[test]
    fn the_latest_nomination_is_where_we_send() {
        let (mut agent, now) = (agent(), Instant::now());
        let plain = check("lite:full", "a password of twenty-two", &[PRIORITY, CONTROLLING]);
        let nominating =
            check("lite:full", "a password of twenty-two", &[PRIORITY, CONTROLLING, USE_CANDIDATE]);

        let seen = receive(&mut agent, now, 1, &plain).unwrap();
        assert!(seen.reply.is_some());
        assert_eq!((seen.nominated, agent.address()), (None, None));

        assert_eq!(receive(&mut agent, now, 1, &nominating).unwrap().nominated, Some(address(1)));
        assert_eq!(receive(&mut agent, now, 1, &nominating).unwrap().nominated, None);
        assert_eq!(receive(&mut agent, now, 2, &plain).unwrap().nominated, None);
        assert_eq!(agent.address(), Some(address(1)));
        assert_eq!(receive(&mut agent, now, 2, &nominating).unwrap().nominated, Some(address(2)));
        assert_eq!(agent.address(), Some(address(2)));
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
        assert_eq!(agent.last_check(), Some(now));
        assert_eq!(agent.address(), None);
    }

    #[test]
    fn a_peer_that_wants_to_be_controlled_is_told_of_the_conflict() {
        let (mut agent, now) = (agent(), Instant::now());
        let packet = check("lite:full", "a password of twenty-two", &[CONTROLLED, USE_CANDIDATE]);
        let mut reply = [0; MAX_REPLY];
        let seen = agent.receive(now, address(1), &packet, &mut reply).unwrap();
        assert!(seen.reply.is_some());
        assert_eq!(reply[..2], [0x01, 0x11]);
        assert_eq!(reply[24..28], [0, 0, 4, 87]);
        assert_eq!((agent.address(), agent.last_check()), (None, None));
    }
}
