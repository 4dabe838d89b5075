//! What is written down of someone who comes, be it into the meeting or into its lobby.

use crate::id::{ClaimId, ParticipantId, SessionId};
use crate::text::{DisplayName, Subject};
use crate::{Personal, Role, SourceSet, Standing};

/// Someone who came, as they were then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Newcomer {
    /// Their id; who is let in from the lobby keeps it.
    pub participant: ParticipantId,
    /// The session they came by.
    pub session: SessionId,
    /// The claim they presented.
    pub claim: ClaimId,
    /// Who vouched for them.
    pub issuer: String,
    /// Who they are to the issuer.
    pub subject: Personal<Subject>,
    /// What to call them.
    pub name: Personal<DisplayName>,
    /// The role they have, or would have.
    pub role: Role,
    /// Guest or member.
    pub standing: Standing,
    /// Sources their claim allows.
    pub sources: SourceSet,
}
