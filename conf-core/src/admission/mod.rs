//! Getting in.

pub mod claim;
pub mod policy;
