//! The first bytes of a payload as they leave, where those differ from what is stored.

/// Bytes that go out in place of a payload's first ones: `prefix.bytes()`, then
/// `&payload[prefix.replaces()..]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prefix {
    bytes: [u8; Self::MAX],
    len: u8,
    replaces: u16,
}

impl Prefix {
    /// Most bytes a prefix can have.
    pub const MAX: usize = 6;

    /// The first `len` of `bytes` in place of the payload's first `replaces`.
    pub(crate) const fn new(bytes: [u8; Self::MAX], len: u8, replaces: u16) -> Self {
        Self { bytes, len, replaces }
    }

    /// The payload without its first `count` bytes.
    #[must_use]
    pub const fn leaving_out(count: u16) -> Self {
        Self { bytes: [0; Self::MAX], len: 0, replaces: count }
    }

    /// What to send first.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// How many bytes of the stored payload it stands for.
    #[must_use]
    pub const fn replaces(&self) -> usize {
        self.replaces as usize
    }
}
