//! Getting in.

pub mod claim;
pub(crate) mod door;
pub mod entry;
pub(crate) mod lobby;
pub mod policy;
pub(crate) mod queue;
