//! Which picture coding a room asks of its cameras and screens.

/// The coding publishers are asked for. One that lacks it sends VP8. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum VideoCodec {
    /// Every browser has it (RFC 7741).
    #[default]
    Vp8,
    /// Often coded by hardware (RFC 6184).
    H264,
    /// A third smaller than VP8, dearer to code (RFC 9628).
    Vp9,
    /// The smallest, and the dearest to code.
    Av1,
}

impl VideoCodec {
    /// Every coding, in the order they are listed everywhere.
    pub const ALL: [Self; 4] = [Self::Vp8, Self::H264, Self::Vp9, Self::Av1];
}
