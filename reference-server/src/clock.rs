//! The wall clock, read here and nowhere else in the server.

use std::time::{SystemTime, UNIX_EPOCH};

use conf_core::Timestamp;

/// Now, in UTC milliseconds. A clock set before 1970 counts as 1970.
pub(crate) fn utc_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
