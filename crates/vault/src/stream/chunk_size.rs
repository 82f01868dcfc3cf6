//! How long the chunks of a stream are.

/// How long the chunks of a stream are, but for the last one: a power of two, from 4 KiB to 1 MiB.
///
/// A chunk is the least that can be opened, and all of it is in memory meanwhile. Each costs 16 bytes more than what is in it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChunkSize {
    bytes: u32,
}

impl ChunkSize {
    /// 4 KiB.
    pub const LEAST: Self = Self { bytes: 1 << 12 };
    /// 64 KiB.
    pub const DEFAULT: Self = Self { bytes: 1 << 16 };
    /// 1 MiB.
    pub const MOST: Self = Self { bytes: 1 << 20 };

    /// Chunks of so many bytes; none where that is no power of two, or out of its bounds.
    #[must_use]
    pub fn new(bytes: usize) -> Option<Self> {
        let size = Self { bytes: u32::try_from(bytes).ok()? };
        let is_allowed = size.bytes.is_power_of_two() && (Self::LEAST..=Self::MOST).contains(&size);
        is_allowed.then_some(size)
    }

    /// How many bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }

    pub(crate) fn wide(self) -> u64 {
        u64::from(self.bytes)
    }

    /// As it is written in a header: the power of two.
    pub(crate) fn exponent(self) -> u8 {
        u8::try_from(self.bytes.trailing_zeros()).unwrap_or(u8::MAX)
    }

    /// As it is read from a header.
    pub(crate) fn of_exponent(exponent: u8) -> Option<Self> {
        let size = Self { bytes: 1_u32.checked_shl(u32::from(exponent))? };
        (Self::LEAST..=Self::MOST).contains(&size).then_some(size)
    }
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}
