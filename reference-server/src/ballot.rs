//! Blind signatures: what makes a ballot good without anybody seeing whose it is.
//!
//! RSABSSA-SHA384-PSS-Deterministic of RFC 9474: the voter hides a message under a random
//! factor, this signs what it cannot read, and the voter takes the factor off again. What
//! is left is an ordinary RSASSA-PSS signature, which anyone checks with the public key.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA384, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conf_core::id::VoteId;
use conf_core::{Ballot, VoteKey};
use getrandom::SysRng;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PrivateKey};

/// How large the keys are: one vote is over long before 2048 bits (112 bits of strength, NIST
/// SP 800-57) are; what is blinded stays so whatever becomes of the key.
const SIZE: KeySize = KeySize::Rsa2048;

/// Bytes of a signature, and of what is signed.
const LENGTH: usize = 256;

/// The secret half of a vote's key. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SigningKey(Arc<PrivateKey>);

/// A new key: its secret half as it is kept, and its public half as everyone is told it.
pub(crate) struct NewKey {
    pub(crate) kept: Vec<u8>,
    pub(crate) public: VoteKey,
}

/// The key, or what should be signed with it, is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number that this key signs")]
pub(crate) struct NotSigned;

impl NewKey {
    /// Makes a key. Takes a tenth of a second, at times much longer: never on a task that others wait for.
    pub(crate) fn make() -> Result<Self, NotSigned> {
        let pair = KeyPair::generate(SIZE).map_err(|_| NotSigned)?;
        let secret = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| NotSigned)?;
        let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key());
        let public = STANDARD.encode(public.map_err(|_| NotSigned)?.as_ref());
        let public = VoteKey::new(&public).map_err(|_| NotSigned)?;
        Ok(Self { kept: secret.as_ref().to_vec(), public })
    }
}

impl SigningKey {
    /// The key from the bytes it is kept as.
    pub(crate) fn read(kept: &[u8]) -> Result<Self, NotSigned> {
        let key = PrivateKey::from_pkcs8_der(kept).map_err(|_| NotSigned)?;
        Ok(Self(Arc::new(key)))
    }

    /// Signs what a voter blinded (RFC 9474, section 4.3). Takes some milliseconds.
    pub(crate) fn sign(&self, blinded: &[u8; LENGTH]) -> Result<[u8; LENGTH], NotSigned> {
        let bits = self.0.n_bits_precision();
        let message = BoxedUint::from_be_slice(blinded, bits).map_err(|_| NotSigned)?;
        // Itself blinds once more, against clocks, and checks the result, against faults.
        let signed = rsa_decrypt_and_check(&*self.0, Some(&mut SysRng), &message);
        let bytes = signed.map_err(|_| NotSigned)?.to_be_bytes();
        bytes.as_ref().try_into().map_err(|_| NotSigned)
    }
}

/// What a voter asks to be signed, from its Base64.
pub(crate) fn blinded(text: &str) -> Option<[u8; LENGTH]> {
    // Four letters for three bytes: no need to read what is longer.
    (text.len() <= LENGTH.div_ceil(3) * 4).then(|| STANDARD.decode(text).ok()?.try_into().ok())?
}

/// A signature of a blinded message as it is told.
pub(crate) fn told(signature: &[u8; LENGTH]) -> String {
    STANDARD.encode(signature)
}

/// Whether `ballot` carries a good signature under the key of `vote`.
pub(crate) fn is_good(key: &VoteKey, vote: VoteId, ballot: &Ballot) -> bool {
    let (Ok(key), Ok(signature)) =
        (STANDARD.decode(key.as_str()), STANDARD.decode(ballot.cast.signature.as_str()))
    else {
        return false;
    };
    let message = message(vote, ballot.serial.as_str());
    let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA384, key);
    key.verify(message.as_bytes(), &signature).is_ok()
}

/// What is signed of a ballot. The words keep the signature from being one of anything else.
fn message(vote: VoteId, serial: &str) -> String {
    format!("conf secret vote\n{vote}\n{serial}")
}

#[cfg(test)]
mod tests {
    use conf_core::{BallotSignature, Cast, Serial};

    use super::*;

    #[test]
    fn a_number_is_signed_so_that_the_public_key_takes_it_back() {
        let NewKey { kept, public } = NewKey::make().expect("a key");
        let key = SigningKey::read(&kept).expect("the same key");
        let mut blinded_message = [7; LENGTH];
        blinded_message[0] = 1;
        let signature = key.sign(&blinded_message).expect("signed");
        let bits = key.0.n_bits_precision();
        let number = BoxedUint::from_be_slice(&signature, bits).expect("a number");
        let back = rsa::hazmat::rsa_encrypt(&*key.0, &number).expect("a number below the key");
        assert_eq!(&*back.to_be_bytes(), &blinded_message[..]);
        assert_eq!(key.sign(&[0xff; LENGTH]), Err(NotSigned), "no number below the key");
        assert_eq!(blinded(&told(&blinded_message)), Some(blinded_message));
        for text in ["", "AAAA", "%", &"A".repeat(1_000)] {
            assert_eq!(blinded(text), None);
        }
        let ballot = Ballot {
            serial: Serial::new(&"0a".repeat(32)).expect("a serial"),
            cast: Cast {
                choices: vec![0],
                signature: BallotSignature::new(&told(&signature)).expect("a signature"),
            },
        };
        assert!(!is_good(&public, VoteId::from_number(1), &ballot), "a signature of another text");
    }
}
