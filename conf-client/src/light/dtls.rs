//! The DTLS handshake that yields the SRTP keys (RFC 5764), in either role.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use dimpl::{DtlsCertificate, Output, SrtpProfile};

use super::srtp::{Opener, Profile, Sealer};

/// Who begins (RFC 5763, section 5): the `a=setup` of the answer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// We do: the other side is passive.
    Client,
    /// The other side does.
    Server,
}

/// Both directions' keys.
pub(crate) struct Keys {
    pub(crate) profile: Profile,
    pub(crate) opener: Opener,
    pub(crate) sealer: Sealer,
}

/// The handshake failed for good: another certificate than announced, no common SRTP profile, or
/// no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

/// One connection's handshake.
pub(crate) struct Dtls {
    engine: dimpl::Dtls,
    role: Role,
    expected: [u8; 32],
    verified: bool,
    timeout: Option<Instant>,
}

/// SHA-256 of the certificate all peers of this process show.
///
/// # Errors
/// When no certificate can be made.
pub(crate) fn fingerprint() -> Result<[u8; 32], Failed> {
    certificate().map(|certificate| sha256(&certificate.certificate))
}

/// One certificate for the process: a thousand peers are one generator.
fn certificate() -> Result<&'static DtlsCertificate, Failed> {
    static CERTIFICATE: OnceLock<Option<DtlsCertificate>> = OnceLock::new();
    CERTIFICATE
        .get_or_init(|| dimpl::certificate::generate_self_signed_certificate().ok())
        .as_ref()
        .ok_or(Failed)
}

impl Dtls {
    /// A handshake with whom announced a certificate of the SHA-256 `expected`.
    pub(crate) fn new(now: Instant, role: Role, expected: [u8; 32]) -> Result<Self, Failed> {
        static CONFIG: OnceLock<Option<Arc<dimpl::Config>>> = OnceLock::new();
        let config = CONFIG.get_or_init(|| {
            let builder = dimpl::Config::builder()
                .use_server_cookie(false)
                .flight_start_rto(Duration::from_millis(200))
                .flight_retries(6)
                .handshake_timeout(Duration::from_secs(30))
                // With 1.3 the server of this crate takes the first profile it is offered.
                .dtls13_cipher_suites(&[]);
            builder.build().ok().map(Arc::new)
        });
        let config = config.clone().ok_or(Failed)?;
        let mut engine = dimpl::Dtls::new_12(config, certificate()?.clone(), now);
        engine.set_active(role == Role::Client);
        engine.handle_timeout(now).map_err(|_| Failed)?;
        Ok(Self { engine, role, expected, verified: false, timeout: Some(now) })
    }

    /// When [`Dtls::tick`] is due.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.timeout
    }

    /// Takes a datagram.
    pub(crate) fn receive(&mut self, now: Instant, datagram: &[u8]) -> Result<(), Failed> {
        self.engine.handle_timeout(now).map_err(|_| Failed)?;
        self.engine.handle_packet(datagram).map_err(|_| Failed)
    }

    /// Repeats what was lost.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), Failed> {
        self.engine.handle_timeout(now).map_err(|_| Failed)
    }

    /// Hands over what is to be sent; gives the keys once they are there.
    pub(crate) fn drain(&mut self, mut send: impl FnMut(&[u8])) -> Result<Option<Keys>, Failed> {
        let mut buffer = [0; 2048];
        let mut keys = None;
        loop {
            match self.engine.poll_output(&mut buffer) {
                Output::Packet(packet) => send(packet),
                Output::BufferTooSmall { .. } => return Err(Failed),
                Output::PeerCert(der) => {
                    if sha256(der) != self.expected {
                        return Err(Failed);
                    }
                    self.verified = true;
                }
                Output::KeyingMaterial(material, profile) => {
                    if !self.verified {
                        return Err(Failed);
                    }
                    keys = Some(self.split(&material, profile).ok_or(Failed)?);
                }
                Output::Timeout(at) => {
                    self.timeout = Some(at);
                    return Ok(keys);
                }
                _ => {}
            }
        }
    }

    /// Both sides' master keys, then both salts, the client's first (RFC 5764, section 4.2).
    fn split(&self, material: &[u8], profile: SrtpProfile) -> Option<Keys> {
        let profile = match profile {
            SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
            SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
            SrtpProfile::AES128_CM_SHA1_80 => Profile::Aes128CmSha1,
            _ => return None,
        };
        let (key, salt) = (profile.key_len(), profile.salt_len());
        if material.len() != 2 * (key + salt) {
            return None;
        }
        let (keys, salts) = material.split_at(2 * key);
        let client = (&keys[..key], &salts[..salt]);
        let server = (&keys[key..], &salts[salt..]);
        let (ours, theirs) =
            if self.role == Role::Client { (client, server) } else { (server, client) };
        Some(Keys {
            profile,
            sealer: Sealer::new(profile, ours.0, ours.1),
            opener: Opener::new(profile, theirs.0, theirs.1),
        })
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shake_hands(expected_by_client: [u8; 32]) -> Result<(Keys, Keys), Failed> {
        let now = Instant::now();
        let right = fingerprint().unwrap();
        let mut client = Dtls::new(now, Role::Client, expected_by_client)?;
        let mut server = Dtls::new(now, Role::Server, right)?;
        let (mut client_keys, mut server_keys) = (None, None);
        for _ in 0..10 {
            let mut flight = Vec::new();
            client_keys = client.drain(|packet| flight.push(packet.to_vec()))?.or(client_keys);
            flight.drain(..).try_for_each(|packet| server.receive(now, &packet))?;
            server_keys = server.drain(|packet| flight.push(packet.to_vec()))?.or(server_keys);
            flight.drain(..).try_for_each(|packet| client.receive(now, &packet))?;
        }
        client_keys.zip(server_keys).ok_or(Failed)
    }

    #[test]
    fn both_roles_get_each_others_keys() {
        let (client, server) = shake_hands(fingerprint().unwrap()).unwrap();
        assert_eq!(client.profile, server.profile);
        assert_ne!(client.profile, Profile::Aes128CmSha1);
        for (sealer, opener) in [(client.sealer, server.opener), (server.sealer, client.opener)] {
            let mut packet = vec![0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, b'h', b'i'];
            sealer.seal_rtp(&mut packet, 0, 12, 7, 1);
            let end = opener.open_rtp(&mut packet, 12, 7, 1).unwrap();
            assert_eq!(&packet[12..end], b"hi");
        }
    }

    #[test]
    fn another_certificate_than_announced_ends_it() {
        assert!(shake_hands([7; 32]).is_err());
    }
}
