//! Link keys: what the secret part of a room's link is, and which link it opens.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conf_core::id::RoomId;

use super::ids::random_bytes;
use crate::store::Link;

/// The secret of a link: 160 random bits, 27 characters of base64url. Shown
/// once, to whoever made the room; the store keeps its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey(String);

impl LinkKey {
    /// A fresh one from the operating system.
    #[must_use]
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<20>()))
    }

    /// The text for the link. Whoever asks for it answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The link that hands the key on, as a path with the key in its fragment,
    /// which browsers send to nobody.
    #[must_use]
    pub fn path(&self, room: RoomId) -> String {
        format!("/r/{room}#{}", self.expose())
    }

    /// What the store keeps. The key has 160 bits of its own, so a plain hash
    /// needs no salt and no slowness.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

/// The link `presented` opens, if any.
///
/// Every link is compared, each in constant time, so that how long it takes
/// tells nothing about which one fitted or how nearly.
#[must_use]
pub fn find<'a>(links: &'a [Link], presented: &str) -> Option<&'a Link> {
    let presented = hash(presented);
    links.iter().fold(None, |found, link| {
        let fits = verify_slices_are_equal(&link.key_hash, &presented).is_ok();
        if fits { Some(link) } else { found }
    })
}

fn hash(key: &str) -> [u8; 32] {
    let digest = digest(&SHA256, key.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use conf_core::{Role, Standing};

    use super::*;

    fn link(key: &LinkKey, role: Role) -> Link {
        Link { key_hash: key.hash(), role, standing: Standing::Guest, number: 0 }
    }

    #[test]
    fn each_key_opens_its_own_link_and_no_other_text_opens_any() {
        let (first, second) = (LinkKey::random(), LinkKey::random());
        let links = [link(&first, Role::Moderator), link(&second, Role::Participant)];
        assert_eq!(find(&links, first.expose()).unwrap().role, Role::Moderator);
        assert_eq!(find(&links, second.expose()).unwrap().role, Role::Participant);
        for wrong in ["", "x", LinkKey::random().expose(), &first.expose()[1..]] {
            assert_eq!(find(&links, wrong), None);
        }
    }

    #[test]
    fn a_link_key_is_27_characters_and_does_not_show_itself() {
        let key = LinkKey::random();
        assert_eq!(key.expose().len(), 27);
        assert!(!format!("{key:?}").contains(key.expose()));
    }
}
