//! Join tokens: a claim as a signed text the browser keeps in memory.

use std::fmt;
use std::path::Path;

use conf_core::id::{ClaimId, RoomId};
use conf_core::text::{DisplayName, Subject};
use conf_core::{Claim, Personal, Role, Source, SourceSet, Standing, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::key_file::{KeyFileError, Secret, raw_key};

/// The longest token that is looked at, in bytes. Ours are under 2 kB.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Mints and checks join tokens: JWT (RFC 7519) signed with HS256.
#[derive(Clone)]
pub struct Tokens {
    encode: EncodingKey,
    decode: DecodingKey,
}

impl Tokens {
    /// Signs with `key_dir/token.key`, made (0600) if it is missing.
    ///
    /// # Errors
    /// When the file is wider open than 0600, not 32 bytes long, or cannot be read or made.
    pub fn open(key_dir: &Path) -> Result<Self, KeyFileError> {
        raw_key(&key_dir.join("token.key")).map(|key| Self::new(&key))
    }

    /// Signs with `key`.
    #[must_use]
    pub fn new(key: &Secret) -> Self {
        Self {
            encode: EncodingKey::from_secret(key.expose()),
            decode: DecodingKey::from_secret(key.expose()),
        }
    }

    /// The token for a claim.
    ///
    /// # Errors
    /// [`TokenError::Erased`] when the claim has no name or subject.
    pub fn mint(&self, claim: &Claim) -> Result<String, TokenError> {
        let wire = Wire::from_claim(claim).ok_or(TokenError::Erased)?;
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &wire, &self.encode)
            .map_err(|_| TokenError::Unsigned)
    }

    /// The token for a claim that its holder may come by under any id: for a machine that
    /// speaks for many.
    ///
    /// # Errors
    /// [`TokenError::Erased`] when the claim has no name or subject.
    pub fn mint_for_any(&self, claim: &Claim) -> Result<String, TokenError> {
        let wire = Wire { any: true, ..Wire::from_claim(claim).ok_or(TokenError::Erased)? };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &wire, &self.encode)
            .map_err(|_| TokenError::Unsigned)
    }

    /// The claim in a token of ours that has not expired at `now` and, where
    /// `expected` is given, is for that room.
    ///
    /// # Errors
    /// Why the token admits nobody; nothing of the token is in the error.
    pub fn verify(
        &self,
        token: &str,
        now: Timestamp,
        expected: Option<RoomId>,
    ) -> Result<Claim, TokenError> {
        let (claim, _) = self.verify_reach(token, now)?;
        match expected {
            Some(room) if room != claim.room => Err(TokenError::OtherRoom),
            _ => Ok(claim),
        }
    }

    /// The same for any room, and for whom the token is.
    ///
    /// # Errors
    /// As for [`verify`](Self::verify).
    pub fn verify_reach(&self, token: &str, now: Timestamp) -> Result<(Claim, Reach), TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong { found: token.len() });
        }
        let wire = jsonwebtoken::decode::<Wire>(token, &self.decode, &validation())
            .map_err(|error| TokenError::from_kind(error.kind()))?
            .claims;
        let reach = if wire.any { Reach::AnyId } else { Reach::Holder };
        let claim = wire.into_claim().ok_or(TokenError::Malformed)?;
        if now >= claim.expires_at {
            return Err(TokenError::Expired);
        }
        Ok((claim, reach))
    }
}

/// For whom a token is. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The one person its claim names.
    Holder,
    /// Whomever its holder names.
    AnyId,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// Why a token admits nobody, or was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than any of ours.
    #[error("the token has {found} bytes, at most {MAX_TOKEN_BYTES} are allowed")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// Not a token of this form.
    #[error("the token is not of the expected form")]
    Malformed,
    /// Signed by another key, or changed on the way.
    #[error("the token's signature does not fit")]
    BadSignature,
    /// Signed by another algorithm than HS256.
    #[error("the token is not signed with HS256")]
    WrongAlgorithm,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It is for another room.
    #[error("the token is for another room")]
    OtherRoom,
    /// The claim to be minted has no name or subject.
    #[error("the claim's name or subject is erased")]
    Erased,
    /// Signing failed: a fault of ours.
    #[error("the token could not be signed")]
    Unsigned,
}

impl TokenError {
    fn from_kind(kind: &jsonwebtoken::errors::ErrorKind) -> Self {
        use jsonwebtoken::errors::ErrorKind;
        match kind {
            ErrorKind::InvalidSignature => Self::BadSignature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Self::WrongAlgorithm,
            _ => Self::Malformed,
        }
    }

    /// The stable code for the wire.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Expired => "token_expired",
            Self::OtherRoom => "token_other_room",
            _ => "token_invalid",
        }
    }
}

/// The algorithm is pinned; time is checked by the caller's clock, not the library's.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// The claims of a token. `exp` is in seconds (RFC 7519, section 4.1.4);
/// `exp_ms` holds the same moment in ours.
#[derive(Serialize, Deserialize)]
struct Wire {
    iss: String,
    tenant: String,
    room: RoomId,
    sub: String,
    name: String,
    role: Role,
    standing: Standing,
    sources: Vec<Source>,
    /// The number of the guest link it was made by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<u32>,
    /// Its holder may come under any id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    any: bool,
    exp: u64,
    exp_ms: u64,
    jti: ClaimId,
}

impl Wire {
    fn from_claim(claim: &Claim) -> Option<Self> {
        Some(Self {
            iss: claim.issuer.clone(),
            tenant: claim.tenant.clone(),
            room: claim.room,
            sub: claim.subject.as_ref()?.as_str().to_owned(),
            name: claim.name.as_ref()?.as_str().to_owned(),
            role: claim.role,
            standing: claim.standing,
            sources: claim.sources.iter().collect(),
            link: claim.guest_link,
            any: false,
            exp: claim.expires_at.0 / 1_000,
            exp_ms: claim.expires_at.0,
            jti: claim.id,
        })
    }

    fn into_claim(self) -> Option<Claim> {
        Some(Claim {
            id: self.jti,
            issuer: self.iss,
            tenant: self.tenant,
            room: self.room,
            subject: Personal::Present(Subject::new(&self.sub).ok()?),
            name: Personal::Present(DisplayName::new(&self.name).ok()?),
            role: self.role,
            standing: self.standing,
            sources: self.sources.into_iter().collect::<SourceSet>(),
            guest_link: self.link,
            expires_at: Timestamp(self.exp_ms),
        })
    }
}

#[cfg(test)]
mod tests {
    use conf_core::Span;

    use super::*;

    fn claim() -> Claim {
        Claim {
            id: ClaimId::from_number(5),
            issuer: "conf".into(),
            tenant: "default".into(),
            room: RoomId::from_number(7),
            subject: Subject::new("sub-1").unwrap().into(),
            name: DisplayName::new("Ada").unwrap().into(),
            role: Role::Moderator,
            standing: Standing::Member,
            sources: SourceSet::NONE.with(Source::Microphone),
            guest_link: Some(3),
            expires_at: Timestamp(10_001),
        }
    }

    fn tokens() -> Tokens {
        Tokens::new(&Secret::new([1; 32]))
    }

    #[test]
    fn a_claim_survives_the_journey() {
        let token = tokens().mint(&claim()).unwrap();
        let room = Some(RoomId::from_number(7));
        assert_eq!(tokens().verify(&token, Timestamp(10_000), room), Ok(claim()));
    }

    #[test]
    fn time_and_room_are_checked() {
        let token = tokens().mint(&claim()).unwrap();
        let late = Timestamp(10_000) + Span(1);
        assert_eq!(tokens().verify(&token, late, None), Err(TokenError::Expired));
        let other = Some(RoomId::from_number(8));
        assert_eq!(tokens().verify(&token, Timestamp(0), other), Err(TokenError::OtherRoom));
    }

    #[test]
    fn another_key_or_a_changed_letter_is_refused() {
        let token = tokens().mint(&claim()).unwrap();
        let others = Tokens::new(&Secret::new([2; 32]));
        assert_eq!(others.verify(&token, Timestamp(0), None), Err(TokenError::BadSignature));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(tokens().verify(&changed, Timestamp(0), None).is_err(), "letter {at}");
        }
    }

    #[test]
    fn only_hs256_is_taken_whatever_the_header_says() {
        let wire = Wire::from_claim(&claim()).unwrap();
        let key = EncodingKey::from_secret(&[1; 32]);
        let hs512 = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &wire, &key).unwrap();
        assert_eq!(tokens().verify(&hs512, Timestamp(0), None), Err(TokenError::WrongAlgorithm));
        // {"alg":"none"} with our body and no signature.
        let body = tokens().mint(&claim()).unwrap();
        let body = body.split('.').nth(1).unwrap();
        let none = format!("eyJhbGciOiJub25lIn0.{body}.");
        assert!(tokens().verify(&none, Timestamp(0), None).is_err());
    }

    #[test]
    fn rubbish_and_monsters_are_refused() {
        for rubbish in ["", ".", "..", "a.b.c", "💥"] {
            assert!(tokens().verify(rubbish, Timestamp(0), None).is_err());
        }
        let monster = "a".repeat(MAX_TOKEN_BYTES + 1);
        assert!(matches!(
            tokens().verify(&monster, Timestamp(0), None),
            Err(TokenError::TooLong { .. })
        ));
    }

    #[test]
    fn an_erased_claim_is_not_minted() {
        let claim = Claim { name: Personal::Erased, ..claim() };
        assert_eq!(tokens().mint(&claim), Err(TokenError::Erased));
    }
}
