//! Tokens an operator gives to machines: for streams under whatever id, in one room.

use conf_core::id::{ClaimId, IdSource, RoomId};
use conf_core::text::{DisplayName, Subject, TextError};
use conf_core::{Claim, Role, SourceSet, Standing, Timestamp};

use super::ids::OsIds;

/// Whose rooms there are, until there are more tenants than one.
pub const TENANT: &str = "default";

/// Who vouches for the holders of our own links and tokens.
pub const ISSUER: &str = "conf";

/// The claim of a token for `room` by which its holder may come under any id; under none it is
/// called `name`. It belongs to the house: nobody is asked to let it in.
///
/// # Errors
/// When the name is none.
pub fn grant(
    room: RoomId,
    role: Role,
    name: &str,
    expires_at: Timestamp,
) -> Result<Claim, TextError> {
    Ok(Claim {
        id: ClaimId::from_number(OsIds.draw()),
        issuer: ISSUER.to_owned(),
        tenant: TENANT.to_owned(),
        room,
        subject: Subject::new(&format!("{:032x}", OsIds.draw()))?.into(),
        name: DisplayName::new(name)?.into(),
        role,
        standing: Standing::Member,
        sources: SourceSet::ALL,
        guest_link: None,
        expires_at,
    })
}
