//! In what pieces bytes go to a storage and come from it.

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// So many parts have the first length, as many twice that, and so on: 10 000 parts, which is all that a cloud takes, are
/// then more than the vault seals in one object.
const PARTS_OF_A_LENGTH: u32 = 1000;

/// In what pieces bytes go to a storage and come from it. This is what memory is bounded by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    /// The first parts of an upload, in bytes.
    pub(crate) part: usize,
    /// How many parts are on their way at a time, beside the one that is being filled.
    pub(crate) under_way: usize,
    /// How many chunks one request asks for.
    pub(crate) chunks: usize,
}

impl Transfer {
    /// A folder of this machine, or memory.
    pub(crate) const NEAR: Self = Self { part: MIB, under_way: 2, chunks: 16 };
    /// Over a network: parts have 5 MiB at least, and a request costs a round trip.
    pub(crate) const FAR: Self = Self { part: 8 * MIB, under_way: 2, chunks: 64 };

    /// How long the part `number` is, counted from 0.
    pub(crate) fn part_length(self, number: u32) -> usize {
        let doublings = number.checked_div(PARTS_OF_A_LENGTH).unwrap_or_default().min(10);
        self.part.checked_shl(doublings).unwrap_or(self.part)
    }

    /// How much room an upload takes at first: short objects are many.
    pub(crate) fn room(self, number: u32) -> usize {
        if number == 0 { 64 * KIB } else { self.part_length(number) }
    }
}
