//! The bits of an address, so that both families share one structure.

/// The bits of an address. They are kept in two parts: by the first one searches, and the rest decides among equals.
pub(crate) trait Bits: Copy + Ord {
    /// The part that is searched.
    type Head: Copy + Ord;
    /// The rest. IPv4 has none, and a column of nothing takes no memory.
    type Tail: Copy + Ord;

    fn split(self) -> (Self::Head, Self::Tail);

    fn join(head: Self::Head, tail: Self::Tail) -> Self;

    /// Itself with all bits behind the first `prefix` cleared.
    fn masked(self, prefix: u8) -> Self;
}

// === impl Bits ===

impl Bits for u32 {
    type Head = Self;
    type Tail = ();

    fn split(self) -> (Self, ()) {
        (self, ())
    }

    fn join(head: Self, (): ()) -> Self {
        head
    }

    fn masked(self, prefix: u8) -> Self {
        self & Self::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0)
    }
}

/// Half of the bits tell nearly all networks apart, and fit twice as often into a line of memory.
impl Bits for u128 {
    type Head = u64;
    type Tail = u64;

    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "each takes half")]
    fn split(self) -> (u64, u64) {
        ((self >> 64) as u64, self as u64)
    }

    fn join(head: u64, tail: u64) -> Self {
        (Self::from(head) << 64) | Self::from(tail)
    }

    fn masked(self, prefix: u8) -> Self {
        self & Self::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0)
    }
}
