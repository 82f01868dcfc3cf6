//! In what pieces bytes go to a storage and come from it.

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// In what pieces bytes go to a storage and come from it. This is what memory is bounded by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    /// The first parts of an upload, in bytes.
    pub(crate) part: usize,
    /// So many parts have the first length, as many twice that, and so on.
    pub(crate) doubled_after: u32,
    /// How many parts are on their way at a time, beside the one that is being filled.
    pub(crate) under_way: usize,
    /// How many chunks one request asks for.
    pub(crate) chunks: usize,
}

impl Transfer {
    /// A folder of this machine, or memory, which take any number of parts: all are as long, whatever the object is.
    pub(crate) const NEAR: Self =
        Self { part: MIB, doubled_after: u32::MAX, under_way: 2, chunks: 16 };
    /// Over a network: parts have 5 MiB at least, and a request costs a round trip. A cloud takes 10 000 parts, which are then
    /// more than the vault seals in one object.
    pub(crate) const FAR: Self =
        Self { part: 8 * MIB, doubled_after: 1000, under_way: 2, chunks: 64 };

    /// How long the part `number` is, counted from 0.
    pub(crate) fn part_length(self, number: u32) -> usize {
        let doublings = number.checked_div(self.doubled_after).unwrap_or_default().min(10);
        self.part.checked_shl(doublings).unwrap_or(self.part)
    }

    /// How much room an upload takes at first: short objects are many.
    pub(crate) fn room(self, number: u32) -> usize {
        if number == 0 { 64 * KIB } else { self.part_length(number) }
    }
}
