//! Sorted addresses, and where among them to search: what a telephone book has at its margin.

use crate::bits::Bits;

/// As many addresses as a step holds if they are spread evenly: one line of memory, or two.
const PER_STEP: usize = 16;

/// Sorted addresses.
///
/// Their range is cut into equal steps, and a table tells where each one begins: a search reads one place of it, and bisects
/// the few addresses of one step. Of an IPv6 address it reads the 32 bits that are behind those of the step, and the whole
/// only where they do not decide. Of a million addresses that are spread evenly, a search costs two reads outside of the
/// processor's nearest caches, where a bisection of all has ten; the worse they are spread the more it is like that one, and
/// never more.
#[derive(Debug)]
pub(crate) struct Spread<B> {
    first: Option<B>,
    entries: Vec<Entry>,
    /// The whole of each, where those are not all.
    wholes: Vec<B>,
    /// Where the addresses of each step begin, and at last, how many there are.
    steps: Vec<u32>,
    /// A step has 2^this addresses.
    step: u32,
}

/// 32 bits of an address, and 32 bits of whoever put it here.
#[derive(Clone, Copy, Debug)]
struct Entry {
    brief: u32,
    note: u32,
}

/// An address and a note on their way here: packed, so that a million of them take little memory while they are sorted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted<B: Bits> {
    address: B::Bytes,
    pub(crate) note: u32,
}

/// Where an address was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    index: usize,
    /// Whether it is in the same step as what was searched.
    is_near: bool,
}

// === impl Spread ===

impl<B: Bits> Spread<B> {
    /// Takes addresses in their order, fewer than 2^32, with a note for each. IPv4 addresses stay in the memory that they are in.
    pub(crate) fn new(noted: Vec<Noted<B>>) -> Self {
        let ends = noted.first().map(Noted::address).zip(noted.last().map(Noted::address));
        let Some((first, last)) = ends else { return Self::default() };
        let few = noted.len().div_ceil(PER_STEP).next_power_of_two().trailing_zeros();
        let step = last.differing(first).saturating_sub(few);
        let mut steps = Vec::with_capacity(last.steps_from(first, step).saturating_add(2));
        for (place, noted) in (0_u32..).zip(&noted) {
            // All steps up to this one that have not begun yet begin here.
            let reached = noted.address().steps_from(first, step).saturating_add(1);
            steps.resize(reached.max(steps.len()), place);
        }
        steps.push(u32::try_from(noted.len()).unwrap_or(u32::MAX));
        let is_brief = B::of_brief(0).is_some();
        let wholes = if is_brief { Vec::new() } else { noted.iter().map(Noted::address).collect() };
        let entry =
            |noted: Noted<B>| Entry { brief: noted.address().brief(step), note: noted.note };
        let mut entries: Vec<_> = noted.into_iter().map(entry).collect();
        entries.shrink_to_fit();
        Self { first: Some(first), entries, wholes, steps, step }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The last address that is not behind `address`.
    #[inline]
    pub(crate) fn last_up_to(&self, address: B) -> Option<Place> {
        let first = self.first.filter(|first| *first <= address)?;
        let step = address.steps_from(first, self.step);
        let Some(&[from, to]) = self.steps.get(step..step.saturating_add(2)) else {
            // Behind all of them. The last step ends before the last place of the table.
            return Some(Place { index: self.len().checked_sub(1)?, is_near: false });
        };
        let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
        let entries = self.entries.get(from..to)?;
        let brief = address.brief(self.step);
        let mut within = entries.partition_point(|known| known.brief <= brief);
        let last = within.checked_sub(1).and_then(|last| entries.get(last));
        if B::of_brief(0).is_none() && last.is_some_and(|last| last.brief == brief) {
            // Others share these bits: the whole of them decides.
            let equal = entries.partition_point(|known| known.brief < brief);
            let wholes = self.wholes.get(from..to)?.get(equal..within)?;
            within = equal.saturating_add(wholes.partition_point(|known| *known <= address));
        }
        let index = from.saturating_add(within).checked_sub(1)?;
        Some(Place { index, is_near: within > 0 })
    }

    /// Whether `address` begins with the first `prefix` bits of the one at `place`, behind which that one has none.
    #[inline]
    pub(crate) fn holds(&self, place: Place, prefix: u8, address: B) -> bool {
        let Some(Entry { brief, .. }) = self.entries.get(place.index) else { return false };
        if !place.is_near {
            return self.get(place.index) == Some(address.masked(prefix));
        }
        let differing =
            u32::BITS.saturating_sub((brief ^ address.brief(self.step)).leading_zeros());
        match B::told(self.step).checked_sub(prefix.into()) {
            Some(behind) => differing <= behind,
            None => differing == 0 && self.get(place.index) == Some(address.masked(prefix)),
        }
    }

    /// The note of the address at `index`.
    #[inline]
    pub(crate) fn note(&self, index: usize) -> Option<u32> {
        Some(self.entries.get(index)?.note)
    }

    /// The address at `index`.
    pub(crate) fn get(&self, index: usize) -> Option<B> {
        self.wholes.get(index).copied().or_else(|| B::of_brief(self.entries.get(index)?.brief))
    }
}

// === impl Noted ===

impl<B: Bits> Noted<B> {
    pub(crate) fn new(address: B, note: u32) -> Self {
        Self { address: address.to_bytes(), note }
    }

    pub(crate) fn address(&self) -> B {
        B::from_bytes(self.address)
    }
}

// === impl Place ===

impl Place {
    /// Which one it is, from 0.
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// A place that nobody knows the step of.
    pub(crate) fn far(index: usize) -> Self {
        Self { index, is_near: false }
    }
}

impl<B> Default for Spread<B> {
    fn default() -> Self {
        Self { first: None, entries: Vec::new(), wholes: Vec::new(), steps: Vec::new(), step: 0 }
    }
}
