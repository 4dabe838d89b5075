//! Getting in.

pub mod claim;
