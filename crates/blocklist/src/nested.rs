//! Networks of one family, and which of them hold an address.

use std::iter;

use crate::{
    bits::Bits,
    detail::{DetailId, DetailIds, Details},
    ladder::Ladder,
};

/// Networks of one family in the order of their first address, wider ones first. None stands there twice.
///
/// Two networks are nested or apart, never crossed. So the last network that starts at or before an address either
/// holds it, or one around it does, or none does: one search, and one more for each network around it that is asked.
/// The length of the prefix of the network around is one byte for each; its place would be four.
#[derive(Debug)]
pub(crate) struct Nested<B: Bits> {
    heads: Ladder<B::Head>,
    tails: Vec<B::Tail>,
    shapes: Vec<Shape>,
    details: DetailIds,
}

/// What is known of a network beside its first address.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// The length of its prefix.
    prefix: u8,
    /// The length of the prefix of the network around it, or [`NOTHING`].
    around: u8,
}

/// A network on its way into a list: its first address, its prefix and its detail, which are packed so that a million of
/// them are sorted quickly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<B: Bits> {
    head: B::Head,
    tail: B::Tail,
    /// The prefix in the upper eight bits, the detail in the others.
    rest: u32,
}

/// Nothing is around the network.
const NOTHING: u8 = u8::MAX;

// === impl Draft ===

impl<B: Bits> Draft<B> {
    pub(crate) fn new(start: B, prefix: u8, detail: DetailId) -> Self {
        let (head, tail) = start.split();
        Self { head, tail, rest: (u32::from(prefix) << 24) | detail.bits() }
    }

    fn start(&self) -> B {
        B::join(self.head, self.tail)
    }

    fn prefix(&self) -> u8 {
        self.rest.to_be_bytes()[0]
    }

    fn detail(&self) -> DetailId {
        DetailId::from_bits(self.rest)
    }

    fn is_twin_of(&self, other: &Self) -> bool {
        self.start() == other.start() && self.prefix() == other.prefix()
    }
}

// === impl Nested ===

impl<B: Bits> Nested<B> {
    pub(crate) fn build(mut drafts: Vec<Draft<B>>, details: &Details) -> Self {
        drafts.sort_unstable_by_key(|draft| (draft.start(), draft.rest));
        // Of two entries for one network the longer one holds: a second line must not shorten a block.
        drafts.dedup_by(|next, kept| {
            let twins = next.is_twin_of(kept);
            if twins {
                let longer = details.longer(kept.detail(), next.detail());
                *kept = Draft::new(kept.start(), kept.prefix(), longer);
            }
            twins
        });
        Self {
            shapes: shapes(&drafts),
            details: DetailIds::of(drafts.iter().map(Draft::detail)),
            tails: drafts.iter().map(|draft| draft.tail).collect(),
            heads: Ladder::new(drafts.iter().map(|draft| draft.head).collect()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// The first network for which `find` is true among those that hold `addr`, the most specific first: its first
    /// address, the length of its prefix, its detail.
    #[inline]
    pub(crate) fn find(
        &self,
        addr: B,
        find: impl Fn(DetailId) -> bool,
    ) -> Option<(B, u8, DetailId)> {
        let mut candidate = self.last_up_to(addr);
        while let Some((place, start, shape)) = candidate {
            if addr.masked(shape.prefix) == start {
                let detail = self.details.at(place);
                if find(detail) {
                    return Some((start, shape.prefix, detail));
                }
            }
            candidate =
                if shape.around == NOTHING { None } else { self.around(start, shape.around) };
        }
        None
    }

    /// The last network that starts at or before `addr`.
    #[inline]
    fn last_up_to(&self, addr: B) -> Option<(usize, B, Shape)> {
        let (head, tail) = addr.split();
        let behind = self.heads.up_to(head);
        let place = behind.checked_sub(1)?;
        let keys = self.heads.keys();
        if size_of::<B::Tail>() == 0 || keys.get(place).is_some_and(|key| *key < head) {
            return self.at(place);
        }
        // Several share the head: the rest decides, and if it is below that of all of them, whoever stands before them.
        let first = first_of_run(keys, place);
        let within = self.tails.get(first..behind)?.partition_point(|known| *known <= tail);
        self.at(first.saturating_add(within).checked_sub(1)?)
    }

    /// The network with this prefix around the one that starts at `start`.
    fn around(&self, start: B, prefix: u8) -> Option<(usize, B, Shape)> {
        // Several may start where it does, and the longest prefix is found first: no more than there are bits.
        let last = self.last_up_to(start.masked(prefix));
        let before = |(place, ..): &(usize, B, Shape)| self.at(place.checked_sub(1)?);
        iter::successors(last, before).find(|(_, _, found)| found.prefix == prefix)
    }

    #[inline]
    fn at(&self, place: usize) -> Option<(usize, B, Shape)> {
        let (head, tail) = (self.heads.keys().get(place)?, self.tails.get(place)?);
        Some((place, B::join(*head, *tail), *self.shapes.get(place)?))
    }
}

impl<B: Bits> Default for Nested<B> {
    fn default() -> Self {
        Self {
            heads: Ladder::default(),
            tails: Vec::new(),
            shapes: Vec::new(),
            details: DetailIds::None,
        }
    }
}

fn shapes<B: Bits>(drafts: &[Draft<B>]) -> Vec<Shape> {
    // Those that are around the last one, the widest first: no more than an address has bits.
    let mut open: Vec<(B, u8)> = Vec::new();
    let shape = |draft: &Draft<B>| {
        let (start, prefix) = (draft.start(), draft.prefix());
        // Those that do not hold this one hold none of the following either.
        while open.pop_if(|(wide, prefix)| start.masked(*prefix) != *wide).is_some() {}
        let around = open.last().map_or(NOTHING, |(_, prefix)| *prefix);
        open.push((start, prefix));
        Shape { prefix, around }
    };
    drafts.iter().map(shape).collect()
}

/// Where the run of equal keys begins in which `place` is. In steps that double: nearly every run is one long.
fn first_of_run<K: Ord>(keys: &[K], place: usize) -> usize {
    let Some(key) = keys.get(place) else { return place };
    let mut step = 1_usize;
    let mut from = place;
    while from > 0 && keys.get(from).is_some_and(|before| before == key) {
        from = place.saturating_sub(step);
        step = step.saturating_mul(2);
    }
    let run = keys.get(from..place).unwrap_or_default();
    from.saturating_add(run.partition_point(|before| before < key))
}
