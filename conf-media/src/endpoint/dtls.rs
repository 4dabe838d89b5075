//! The DTLS handshake that yields SRTP keys: passive role, DTLS 1.2, `use_srtp` (RFC 5764).
//!
//! The peer's certificate must have the fingerprint its offer announced; keys are handed out only
//! after that check. DTLS 1.2 alone is spoken because a 1.3 server here cannot choose the profile
//! and browsers list AES-CM first (measured: five times the cost per packet).

use std::{sync::Arc, time::Duration, time::Instant};

use aws_lc_rs::digest;
use dimpl::{KeyingMaterial, Output, SrtpProfile};
use thiserror::Error;

use super::srtp::{MasterKey, Profile, SrtpKeys};

/// The process's self-signed identity: ECDSA P-256, made once at start.
#[derive(Clone)]
pub struct Certificate {
    inner: dimpl::DtlsCertificate,
    fingerprint: [u8; 32],
}

impl Certificate {
    /// Draws a key pair and signs a certificate for it.
    pub fn generate() -> Result<Self, DtlsError> {
        let inner = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|error| DtlsError::Certificate { reason: error.to_string() })?;
        let fingerprint = sha256(&inner.certificate);
        Ok(Self { inner, fingerprint })
    }

    /// SHA-256 over the DER certificate: what `a=fingerprint` announces (RFC 8122).
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

/// Why a handshake cannot go on; the endpoint it belongs to is then lost.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DtlsError {
    /// No certificate could be made.
    #[error("no certificate could be made: {reason}")]
    Certificate {
        /// What the generator said.
        reason: String,
    },
    /// The peer's certificate is not the one its offer announced.
    #[error("the peer's certificate does not have the fingerprint its offer announced")]
    FingerprintMismatch,
    /// The peer negotiated no SRTP profile we know.
    #[error("the peer negotiated no srtp profile, expected GCM or AES-CM with HMAC-SHA1-80")]
    NoSrtpProfile,
    /// The handshake failed or timed out.
    #[error("dtls failed: {reason}")]
    Failed {
        /// What the engine said.
        reason: String,
    },
}

/// What the handshake wants done; drained with [`Dtls::poll`] after every call.
#[derive(Debug)]
#[must_use]
pub enum DtlsOutput {
    /// The first so many bytes of the caller's buffer are a datagram for the peer.
    Transmit(usize),
    /// The handshake is done, the certificate checked: media may flow. Comes at most once.
    Keys(Box<SrtpKeys>),
    /// The peer said goodbye (`close_notify`).
    Closed,
}

/// One peer's handshake, sans-IO.
pub struct Dtls {
    /// Kept apart: it is large and only of use until the keys are there.
    engine: Box<dimpl::Dtls>,
    expected: [u8; 32],
    verified: bool,
    connected: bool,
    done: bool,
    timeout: Option<Instant>,
    failure: Option<DtlsError>,
}

/// Settings every handshake of a process shares.
#[derive(Clone)]
pub struct DtlsConfig {
    inner: Arc<dimpl::Config>,
    certificate: Certificate,
}

impl DtlsConfig {
    /// Settings for handshakes that present `certificate`.
    pub fn new(certificate: Certificate) -> Result<Self, DtlsError> {
        let inner = dimpl::Config::builder()
            // ICE has proved the peer's address before DTLS is listened to, so a cookie round
            // trip would only cost time.
            .use_server_cookie(false)
            .require_client_certificate(true)
            // Lost flights are repeated soon: a join is waited for by a person.
            .flight_start_rto(Duration::from_millis(200))
            .flight_retries(6)
            .handshake_timeout(Duration::from_secs(30))
            .dtls13_cipher_suites(&[])
            .build()
            .map_err(failed)?;
        Ok(Self { inner: Arc::new(inner), certificate })
    }

    /// The certificate that handshakes present.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl Dtls {
    /// Waits for a handshake from the peer whose offer announced `expected` (SHA-256).
    pub fn new(config: &DtlsConfig, expected: [u8; 32], now: Instant) -> Self {
        let engine =
            dimpl::Dtls::new_12(config.inner.clone(), config.certificate.inner.clone(), now);
        Self {
            engine: Box::new(engine),
            expected,
            verified: false,
            connected: false,
            done: false,
            timeout: None,
            failure: None,
        }
    }

    /// Takes one datagram from the peer. An `Err` is final.
    pub fn receive(&mut self, now: Instant, datagram: &[u8]) -> Result<(), DtlsError> {
        self.check()?;
        let result = self
            .engine
            .handle_timeout(now)
            .and_then(|()| self.engine.handle_packet(datagram))
            .map_err(failed);
        self.keep(result)
    }

    /// Repeats lost flights; to be called when [`Dtls::poll_timeout`] is due.
    pub fn tick(&mut self, now: Instant) -> Result<(), DtlsError> {
        self.check()?;
        let result = self.engine.handle_timeout(now).map_err(failed);
        self.keep(result)
    }

    /// The next thing to do, oldest first; `buffer` should hold at least 1500 bytes.
    ///
    /// `Ok(None)` means nothing is left. An `Err` is final.
    pub fn poll(&mut self, buffer: &mut [u8]) -> Result<Option<DtlsOutput>, DtlsError> {
        self.check()?;
        let result = self.poll_engine(buffer);
        if let Err(error) = &result {
            self.failure = Some(error.clone());
        }
        result
    }

    /// When [`Dtls::tick`] is due; `None` once the handshake is done and before it begins.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timeout
    }

    /// Whether keys were handed out.
    pub fn is_done(&self) -> bool {
        self.done
    }

    fn poll_engine(&mut self, buffer: &mut [u8]) -> Result<Option<DtlsOutput>, DtlsError> {
        loop {
            match self.engine.poll_output(buffer) {
                Output::Packet(packet) => {
                    // The engine writes at the start of the buffer it is lent.
                    let length = packet.len();
                    return Ok(Some(DtlsOutput::Transmit(length)));
                }
                Output::BufferTooSmall { needed } => {
                    return Err(DtlsError::Failed {
                        reason: format!("output needs {needed} bytes, buffer has fewer"),
                    });
                }
                Output::Timeout(_) if self.connected && !self.done => {
                    return Err(DtlsError::NoSrtpProfile);
                }
                Output::Timeout(at) => {
                    self.timeout = (!self.done).then_some(at);
                    return Ok(None);
                }
                Output::PeerCert(der) => {
                    if sha256(der) != self.expected {
                        return Err(DtlsError::FingerprintMismatch);
                    }
                    self.verified = true;
                }
                Output::KeyingMaterial(material, profile) => {
                    if !self.verified {
                        return Err(DtlsError::FingerprintMismatch);
                    }
                    let keys = split(&material, profile).ok_or(DtlsError::NoSrtpProfile)?;
                    self.done = true;
                    return Ok(Some(DtlsOutput::Keys(Box::new(keys))));
                }
                Output::CloseNotify => return Ok(Some(DtlsOutput::Closed)),
                // The keys, which follow in the same drain, open the media; not this.
                Output::Connected => self.connected = true,
                // Data channels are not answered, so nobody listens to application data.
                _ => {}
            }
        }
    }

    fn check(&self) -> Result<(), DtlsError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn keep(&mut self, result: Result<(), DtlsError>) -> Result<(), DtlsError> {
        if let Err(error) = &result {
            self.failure = Some(error.clone());
        }
        result
    }
}

/// Cuts the exported bytes into both sides' master keys (RFC 5764, section 4.2); we are the server.
fn split(material: &KeyingMaterial, profile: SrtpProfile) -> Option<SrtpKeys> {
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
    Some(SrtpKeys {
        profile,
        remote: MasterKey::new(&keys[..key], &salts[..salt]),
        local: MasterKey::new(&keys[key..], &salts[salt..]),
    })
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

fn failed(error: dimpl::Error) -> DtlsError {
    DtlsError::Failed { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::srtp::{Opener, Sealer};

    /// A browser's side of the handshake.
    struct Client {
        engine: dimpl::Dtls,
        keys: Option<(Vec<u8>, SrtpProfile)>,
    }

    impl Client {
        fn new(certificate: &Certificate, now: Instant) -> Self {
            let config = Arc::new(dimpl::Config::default());
            let mut engine = dimpl::Dtls::new_12(config, certificate.inner.clone(), now);
            engine.set_active(true);
            engine.handle_timeout(now).unwrap();
            Self { engine, keys: None }
        }

        fn drain(&mut self) -> Vec<Vec<u8>> {
            let (mut buffer, mut packets) = ([0; 2048], Vec::new());
            loop {
                match self.engine.poll_output(&mut buffer) {
                    Output::Packet(packet) => packets.push(packet.to_vec()),
                    Output::KeyingMaterial(keys, profile) => {
                        self.keys = Some((keys.to_vec(), profile));
                    }
                    Output::Timeout(_) => return packets,
                    _ => {}
                }
            }
        }
    }

    fn drain(server: &mut Dtls) -> Result<(Vec<Vec<u8>>, Option<SrtpKeys>), DtlsError> {
        let (mut buffer, mut packets, mut keys) = ([0; 1500], Vec::new(), None);
        while let Some(output) = server.poll(&mut buffer)? {
            match output {
                DtlsOutput::Transmit(len) => packets.push(buffer[..len].to_vec()),
                DtlsOutput::Keys(found) => keys = Some(*found),
                DtlsOutput::Closed => {}
            }
        }
        Ok((packets, keys))
    }

    fn shake_hands(
        server: &mut Dtls,
        client: &mut Client,
        now: Instant,
    ) -> Result<Option<SrtpKeys>, DtlsError> {
        let mut keys = None;
        for _ in 0..10 {
            for packet in client.drain() {
                server.receive(now, &packet)?;
                let (packets, found) = drain(server)?;
                keys = keys.or(found);
                for packet in packets {
                    client.engine.handle_packet(&packet).unwrap();
                }
            }
        }
        Ok(keys)
    }

    #[test]
    fn a_handshake_yields_matching_gcm_keys() {
        let now = Instant::now();
        let ours = DtlsConfig::new(Certificate::generate().unwrap()).unwrap();
        let theirs = Certificate::generate().unwrap();
        let mut server = Dtls::new(&ours, theirs.fingerprint(), now);
        let mut client = Client::new(&theirs, now);
        let keys = shake_hands(&mut server, &mut client, now).unwrap().expect("keys");
        assert!(server.is_done());
        assert_eq!(server.poll_timeout(), None);
        assert_eq!(keys.profile, Profile::Aes256Gcm);

        // The client's view of the same export, directions swapped.
        let (material, _) = client.keys.expect("client keys");
        let local = MasterKey::new(&material[..32], &material[64..76]);
        let mut sealer = Sealer::new(keys.profile, &local);
        let mut opener = Opener::new(keys.profile, &keys.remote);
        let mut out = [0; 100];
        let header = [0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7];
        let len = sealer.seal_rtp(1, &header, b"hello", &mut out).unwrap();
        let opened = opener.open_rtp(&mut out[..len]).unwrap();
        assert_eq!(&out[opened.header_len..opened.len], b"hello");
    }

    #[test]
    fn another_certificate_than_announced_gets_no_keys() {
        let now = Instant::now();
        let ours = DtlsConfig::new(Certificate::generate().unwrap()).unwrap();
        let announced = Certificate::generate().unwrap();
        let intruder = Certificate::generate().unwrap();
        let mut server = Dtls::new(&ours, announced.fingerprint(), now);
        let mut client = Client::new(&intruder, now);
        let result = shake_hands(&mut server, &mut client, now);
        assert_eq!(result.err(), Some(DtlsError::FingerprintMismatch));
        assert!(!server.is_done());
        assert_eq!(server.tick(now), Err(DtlsError::FingerprintMismatch));
    }

    #[test]
    fn lost_flights_are_repeated() {
        let mut now = Instant::now();
        let ours = DtlsConfig::new(Certificate::generate().unwrap()).unwrap();
        let theirs = Certificate::generate().unwrap();
        let mut server = Dtls::new(&ours, theirs.fingerprint(), now);
        let mut client = Client::new(&theirs, now);
        for packet in client.drain() {
            server.receive(now, &packet).unwrap();
        }
        let (lost, _) = drain(&mut server).unwrap();
        assert!(!lost.is_empty());
        now = server.poll_timeout().expect("a flight is out");
        server.tick(now).unwrap();
        let (repeated, _) = drain(&mut server).unwrap();
        assert_eq!(repeated.len(), lost.len());
    }

    #[test]
    fn garbage_is_survived() {
        let now = Instant::now();
        let ours = DtlsConfig::new(Certificate::generate().unwrap()).unwrap();
        let theirs = Certificate::generate().unwrap();
        let mut server = Dtls::new(&ours, theirs.fingerprint(), now);
        for first in 20..64u8 {
            let _ = server.receive(now, &[first; 40]);
        }
        let mut client = Client::new(&theirs, now);
        assert!(shake_hands(&mut server, &mut client, now).unwrap().is_some());
    }
}
