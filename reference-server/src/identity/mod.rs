//! Who is calling: join tokens, link keys and the operator's key.

pub mod bearer;
pub mod grant;
pub mod ids;
pub mod key_file;
pub mod link;
pub mod operator;
pub mod tokens;

pub use bearer::BearerToken;
pub use ids::OsIds;
pub use link::LinkKey;
pub use operator::OperatorKey;
pub use tokens::{TokenError, Tokens};
