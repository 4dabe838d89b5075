//! Who the offerer is on the transport: ICE credentials, fingerprint, DTLS role.

use rtc_sdp::{MediaDescription, SessionDescription};

use super::{Line, LineRole, OfferError, line::value, shorten};

/// The offerer's transport parameters.
pub(super) struct Peer {
    pub(super) ufrag: String,
    pub(super) pwd: String,
    pub(super) fingerprint: [u8; 32],
}

impl Peer {
    /// Reads them from the first accepted line that has them, else from the session level.
    pub(super) fn read<'a>(
        description: &'a SessionDescription,
        lines: impl Iterator<Item = (&'a MediaDescription, &'a Line)>,
    ) -> Result<Self, OfferError> {
        let accepted: Vec<_> = lines
            .filter(|(_, line)| line.role != LineRole::Rejected)
            .map(|(media, _)| media.attributes.as_slice())
            .chain([description.attributes.as_slice()])
            .collect();
        let find = |key| accepted.iter().find_map(|attributes| value(attributes, key));
        let ufrag = ice(find("ice-ufrag"), "a=ice-ufrag", 4)?;
        let pwd = ice(find("ice-pwd"), "a=ice-pwd", 22)?;
        if let Some(setup) = find("setup")
            && !matches!(setup, "actpass" | "active")
        {
            return Err(OfferError::Attribute {
                attribute: "a=setup",
                found: shorten(setup),
                expected: "actpass or active: this side is always passive",
            });
        }
        let fingerprints: Vec<&str> = accepted
            .iter()
            .flat_map(|attributes| attributes.iter())
            .filter(|attribute| attribute.key == "fingerprint")
            .filter_map(|attribute| attribute.value.as_deref())
            .collect();
        let first = fingerprints.first().ok_or(OfferError::Missing { what: "a=fingerprint" })?;
        let fingerprint = fingerprints.iter().find_map(|text| sha256(text)).ok_or_else(|| {
            OfferError::Attribute {
                attribute: "a=fingerprint",
                found: shorten(first),
                expected: "sha-256 and 32 bytes in hex, separated by colons",
            }
        })?;
        Ok(Self { ufrag, pwd, fingerprint })
    }
}

/// ICE credentials are letters, digits, `+` and `/` (RFC 8839, section 5.4).
pub(super) fn ice(
    found: Option<&str>,
    attribute: &'static str,
    shortest: usize,
) -> Result<String, OfferError> {
    let text = found.ok_or(OfferError::Missing { what: attribute })?;
    let known = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    // Some stacks put `-` and `_` in, though the grammar does not know them.
    let lenient = text.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    if !(known || lenient) || !(shortest..=256).contains(&text.len()) {
        return Err(OfferError::Attribute {
            attribute,
            found: shorten(text),
            expected: "at most 256 printable characters without a colon (ufrag from 4, pwd from 22)",
        });
    }
    Ok(text.to_owned())
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    let (hash, hex) = text.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let mut out = [0; 32];
    let mut octets = hex.trim().split(':');
    for place in &mut out {
        let octet = octets.next().filter(|octet| octet.len() == 2)?;
        *place = u8::from_str_radix(octet, 16).ok()?;
    }
    octets.next().is_none().then_some(out)
}
