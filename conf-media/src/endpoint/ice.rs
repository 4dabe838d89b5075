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
