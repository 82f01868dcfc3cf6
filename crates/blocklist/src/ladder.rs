//! Sorted keys, found by few reads of memory.

/// How many keys a block has: as many as fit into one line of memory (IPv4), or two.
const BLOCK: usize = 16;

/// Sorted keys. Above them stands every sixteenth, above those again every sixteenth, and so on: of a million keys, a
/// search reads five blocks, of which three or four are in the processor's cache, whatever the keys are. A bisection
/// reads 20 places, of which ten are not.
#[derive(Debug)]
pub(crate) struct Ladder<K> {
    /// The first has one block at most; the last are the keys themselves.
    rungs: Vec<Vec<K>>,
}

// === impl Ladder ===

impl<K: Copy + Ord> Ladder<K> {
    /// Takes keys in their order.
    pub(crate) fn new(keys: Vec<K>) -> Self {
        let mut rungs = vec![keys];
        while let Some(last) = rungs.last()
            && last.len() > BLOCK
        {
            let above = last.iter().step_by(BLOCK).copied().collect();
            rungs.push(above);
        }
        rungs.reverse();
        Self { rungs }
    }

    /// The keys.
    pub(crate) fn keys(&self) -> &[K] {
        self.rungs.last().map_or(&[], Vec::as_slice)
    }

    /// How many keys are not above `key`.
    #[inline]
    pub(crate) fn up_to(&self, key: K) -> usize {
        // An empty ladder, and one without rungs, has none.
        let mut behind = usize::from(!self.rungs.is_empty());
        for rung in &self.rungs {
            let Some(block) = behind.checked_sub(1) else { return 0 };
            // In range: each block has a key above it that stands for it.
            let start = block.wrapping_mul(BLOCK);
            let rest = rung.get(start..).unwrap_or_default();
            // Of a whole block the length is known, and all its keys are compared at once.
            let within = match rest.first_chunk::<BLOCK>() {
                Some(block) => not_above(block, key),
                None => not_above(rest, key),
            };
            behind = start.wrapping_add(within);
        }
        behind
    }
}

impl<K> Default for Ladder<K> {
    fn default() -> Self {
        Self { rungs: Vec::new() }
    }
}

#[inline]
fn not_above<K: Copy + Ord>(keys: &[K], key: K) -> usize {
    keys.iter().filter(|known| **known <= key).count()
}
