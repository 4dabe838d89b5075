//! Media without devices: packets that look like Opus and VP8 and say when and
//! in which order they were sent, so that a receiver can measure what became of them.

pub mod mark;
pub mod studio;
pub mod vp8;

pub use mark::Mark;
pub use studio::{CameraPlan, LayerPlan, Packet, Seen, Studio, read_payload};
