//! Who is speaking, from the audio levels senders put beside their packets.

pub mod dominant;
pub mod level;

pub use dominant::Speakers;
pub use level::Level;
