//! Who is speaking, from the audio levels senders put beside their packets.

pub mod dominant;
pub mod floor;
pub mod level;

pub use dominant::{Changed, Speakers};
pub use floor::Pace;
pub use level::Level;
