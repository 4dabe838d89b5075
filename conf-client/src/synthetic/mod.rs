//! Media without devices: packets that look like Opus, VP8, VP9, H.264 and AV1 and say when and
//! in which order they were sent, so that a receiver can measure what became of them.

mod av1;
mod bits;
mod format;
mod h264;
pub mod mark;
pub mod studio;
pub mod vp8;
mod vp9;

pub use mark::Mark;
pub use studio::{CameraPlan, LayerPlan, Packet, Seen, Studio, read_payload};
