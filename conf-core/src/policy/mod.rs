//! Who may do what: the one place authority is decided.

pub mod action;
pub mod lock;
pub mod role;
