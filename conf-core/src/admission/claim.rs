//! What an accepted identity brings into a meeting.
//!
//! Where it comes from (a link, a token, LTI, OIDC) is the caller's matter;
//! that it was checked is the caller's promise.

use crate::id::{ClaimId, RoomId};
use crate::personal::Personal;
use crate::policy::role::{Role, Standing};
use crate::stage::source::SourceSet;
use crate::text::{DisplayName, Subject};
use crate::time::Timestamp;

/// An accepted identity for one room. Reusable until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Claim {
    /// This document's own id (`jti`).
    pub id: ClaimId,
    /// Who vouches: `conf` for our own links, else the embedder's name.
    pub issuer: String,
    /// Whose room it is for.
    pub tenant: String,
    /// The room it is for; any other refuses it.
    pub room: RoomId,
    /// Who the person is to the issuer. With the issuer it decides whether two
    /// sessions are one participant.
    pub subject: Personal<Subject>,
    /// What to call the person on screen.
    pub name: Personal<DisplayName>,
    /// What the holder may be.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// Sources the holder may publish at all, whatever the role allows.
    pub sources: SourceSet,
    /// The number of the guest link it came by, `None` if by none. Once that link
    /// was [replaced](crate::Command::RotateLink) it admits no newcomer.
    pub guest_link: Option<u32>,
    /// From this moment on the claim admits nobody.
    pub expires_at: Timestamp,
}
