//! Who may be seen and heard.

pub mod source;
