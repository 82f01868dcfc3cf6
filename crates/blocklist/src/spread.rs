//! Sorted addresses, and where among them to search: what a telephone book has at its margin.

use crate::bits::Bits;

/// As many addresses as a step holds if they are spread evenly: two to four lines of memory.
const PER_STEP: usize = 16;

/// Sorted addresses.
///
/// Their range is cut into equal steps, and a table tells where each one begins: a search reads one place of it, and bisects
/// the few addresses of one step. Of a million that are spread evenly, it costs two or three reads outside of the processor's
/// caches, where a bisection of all has ten; the worse they are spread the more it is like that one, and never more.
#[derive(Debug)]
pub(crate) struct Spread<B> {
    addresses: Vec<B>,
    /// Where the addresses of each step begin, and at last, how many there are.
    steps: Vec<u32>,
    /// A step has 2^this addresses.
    step: u32,
}

// === impl Spread ===

impl<B: Bits> Spread<B> {
    /// Takes addresses in their order, fewer than 2^32.
    pub(crate) fn new(addresses: Vec<B>) -> Self {
        let (Some(first), Some(last)) = (addresses.first(), addresses.last()) else {
            return Self::default();
        };
        let few = addresses.len().div_ceil(PER_STEP).next_power_of_two().trailing_zeros();
        let step = last.differing(*first).saturating_sub(few);
        let count = last.steps_from(*first, step).saturating_add(1);
        let mut steps = Vec::with_capacity(count.saturating_add(1));
        for (place, address) in (0_u32..).zip(&addresses) {
            // All steps up to this one that have not begun yet begin here.
            let reached = address.steps_from(*first, step).saturating_add(1);
            steps.resize(reached.max(steps.len()), place);
        }
        steps.push(u32::try_from(addresses.len()).unwrap_or(u32::MAX));
        Self { addresses, steps, step }
    }

    pub(crate) fn len(&self) -> usize {
        self.addresses.len()
    }

    pub(crate) fn get(&self, place: usize) -> Option<B> {
        self.addresses.get(place).copied()
    }

    /// The place of the last address that is not behind `address`.
    #[inline]
    pub(crate) fn last_up_to(&self, address: B) -> Option<usize> {
        let step = address.steps_from(*self.addresses.first()?, self.step);
        let behind = match self.steps.get(step..step.saturating_add(2)) {
            Some(&[from, to]) => {
                let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
                let within = self.addresses.get(from..to)?;
                from.saturating_add(within.partition_point(|known| *known <= address))
            }
            // Behind all of them.
            _ => self.addresses.len(),
        };
        behind.checked_sub(1)
    }
}

impl<B> Default for Spread<B> {
    fn default() -> Self {
        Self { addresses: Vec::new(), steps: Vec::new(), step: 0 }
    }
}
