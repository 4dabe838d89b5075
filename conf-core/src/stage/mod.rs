//! Who may be seen and heard.

pub mod codec;
pub(crate) mod gate;
pub mod layout;
pub(crate) mod marks;
pub(crate) mod mute;
pub(crate) mod presenter;
pub(crate) mod publish;
pub mod source;
pub(crate) mod spotlight;
