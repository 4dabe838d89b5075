//! One entry of the journal on its way to a client.

use serde::{Deserialize, Serialize};

use super::RoomEvent;

/// One thing that happened.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EventFrame {
    /// The journal's number.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// What.
    pub event: RoomEvent,
}
