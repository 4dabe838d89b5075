//! What is written down about a meeting, for those who were there and those who were not.

pub(crate) mod attendance;
pub(crate) mod learning;
pub(crate) mod minutes;
