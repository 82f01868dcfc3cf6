//! The bits of an address, so that both families share one structure.

/// The bits of an address.
pub(crate) trait Bits: Copy + Ord {
    /// Them without an alignment: a million of them are sorted, and gaps take memory.
    type Bytes: Copy + std::fmt::Debug;

    fn to_bytes(self) -> Self::Bytes;

    fn from_bytes(bytes: Self::Bytes) -> Self;

    /// Itself with all bits behind the first `prefix` cleared.
    fn masked(self, prefix: u8) -> Self;

    /// How many of the last bits are enough to tell this address from `other`.
    fn differing(self, other: Self) -> u32;

    /// The 32 bits that tell apart most addresses that are equal but for their last `step` bits: their order is that of the
    /// addresses, but for those that have them in common.
    fn brief(self, step: u32) -> u32;

    /// The address with these 32 bits, if it has no others.
    fn of_brief(brief: u32) -> Option<Self>;

    /// How many of the first bits are told by those that such addresses have in common and the 32 bits.
    fn told(step: u32) -> u32;

    /// How many steps of 2^`step` lie between `first` and this address; none, if it is before.
    fn steps_from(self, first: Self, step: u32) -> usize;
}

// === impl Bits ===

impl Bits for u32 {
    type Bytes = [u8; 4];

    fn to_bytes(self) -> [u8; 4] {
        self.to_ne_bytes()
    }

    fn from_bytes(bytes: [u8; 4]) -> Self {
        Self::from_ne_bytes(bytes)
    }

    #[inline]
    fn masked(self, prefix: u8) -> Self {
        self & Self::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0)
    }

    fn differing(self, other: Self) -> u32 {
        Self::BITS.saturating_sub((self ^ other).leading_zeros())
    }

    #[inline]
    fn brief(self, _: u32) -> u32 {
        self
    }

    #[inline]
    fn of_brief(brief: u32) -> Option<Self> {
        Some(brief)
    }

    #[inline]
    fn told(_: u32) -> u32 {
        Self::BITS
    }

    #[inline]
    fn steps_from(self, first: Self, step: u32) -> usize {
        let [there, here] = [self, first].map(|bits| bits.checked_shr(step).unwrap_or(0));
        usize::try_from(there.saturating_sub(here)).unwrap_or(usize::MAX)
    }
}

impl Bits for u128 {
    type Bytes = [u8; 16];

    fn to_bytes(self) -> [u8; 16] {
        self.to_ne_bytes()
    }

    fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from_ne_bytes(bytes)
    }

    #[inline]
    fn masked(self, prefix: u8) -> Self {
        self & Self::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0)
    }

    fn differing(self, other: Self) -> u32 {
        Self::BITS.saturating_sub((self ^ other).leading_zeros())
    }

    #[inline]
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "32 bits of them")]
    fn brief(self, step: u32) -> u32 {
        self.checked_shr(step.saturating_sub(u32::BITS)).unwrap_or(0) as u32
    }

    #[inline]
    fn of_brief(_: u32) -> Option<Self> {
        None
    }

    #[inline]
    fn told(step: u32) -> u32 {
        Self::BITS.saturating_sub(step.saturating_sub(u32::BITS))
    }

    #[inline]
    fn steps_from(self, first: Self, step: u32) -> usize {
        let [there, here] = [self, first].map(|bits| bits.checked_shr(step).unwrap_or(0));
        usize::try_from(there.saturating_sub(here)).unwrap_or(usize::MAX)
    }
}
