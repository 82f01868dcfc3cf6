//! Networks of one family, and which of them hold an address.

use std::iter;

use crate::{
    bits::Bits,
    detail::{DetailId, DetailIds, Details},
    spread::{Place, Spread},
};

/// Networks of one family in the order of their first address, wider ones first. None stands there twice.
///
/// Two networks are nested or apart, never crossed. So the last network that starts at or before an address either
/// holds it, or one around it does, or none does: one search, and one more for each network around it that is asked.
/// What is around a network is one byte, the length of that one's prefix: its place would be four.
#[derive(Debug)]
pub(crate) struct Nested<B> {
    starts: Spread<B>,
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

/// A network on its way into a list: packed, so that a million of them take little memory while they are sorted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<B: Bits> {
    start: B::Bytes,
    /// The prefix in the upper eight bits, the detail in the others.
    rest: u32,
}

/// Nothing is around the network.
const NOTHING: u8 = u8::MAX;

// === impl Draft ===

impl<B: Bits> Draft<B> {
    pub(crate) fn new(start: B, prefix: u8, detail: DetailId) -> Self {
        Self { start: start.to_bytes(), rest: (u32::from(prefix) << 24) | detail.bits() }
    }

    fn start(&self) -> B {
        B::from_bytes(self.start)
    }

    fn prefix(&self) -> u8 {
        let [prefix, ..] = self.rest.to_be_bytes();
        prefix
    }

    fn detail(&self) -> DetailId {
        DetailId::from_bits(self.rest)
    }
}

// === impl Nested ===

impl<B: Bits> Nested<B> {
    pub(crate) fn build(mut drafts: Vec<Draft<B>>, details: &Details) -> Self {
        drafts.sort_unstable_by_key(|draft| (draft.start(), draft.rest));
        // Of two entries for one network the longer one holds: a second line must not shorten a block.
        drafts.dedup_by(|next, kept| {
            let is_twin = next.start() == kept.start() && next.prefix() == kept.prefix();
            if is_twin {
                let longer = details.longer(kept.detail(), next.detail());
                *kept = Draft::new(kept.start(), kept.prefix(), longer);
            }
            is_twin
        });
        Self {
            shapes: shapes(&drafts),
            details: DetailIds::of(drafts.iter().map(Draft::detail)),
            starts: Spread::new(drafts.iter().map(Draft::start)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The first network for which `find` is true among those that hold `addr`, the most specific first: its first
    /// address, the length of its prefix, its detail.
    #[inline]
    pub(crate) fn find(
        &self,
        addr: B,
        find: impl Fn(DetailId) -> bool,
    ) -> Option<(B, u8, DetailId)> {
        let mut candidate = self.starts.last_up_to(addr);
        while let Some(place) = candidate {
            let shape = *self.shapes.get(place.index)?;
            if self.starts.holds(place, shape.prefix, addr) {
                let detail = self.details.at(place.index);
                if find(detail) {
                    return Some((addr.masked(shape.prefix), shape.prefix, detail));
                }
            }
            if shape.around == NOTHING {
                return None;
            }
            candidate = self.around(place.index, shape.around);
        }
        None
    }

    /// The network with this prefix that is around the one at `index`.
    fn around(&self, index: usize, prefix: u8) -> Option<Place> {
        let start = self.starts.get(index)?.masked(prefix);
        // Several may start there, and the longest prefix is found first: no more than there are bits.
        let last = self.starts.last_up_to(start)?.index;
        let mut places = iter::successors(Some(last), |place| place.checked_sub(1));
        let is_it = |place: &usize| self.shapes.get(*place).is_none_or(|it| it.prefix == prefix);
        places.find(is_it).map(Place::far)
    }
}

impl<B> Default for Nested<B> {
    fn default() -> Self {
        Self { starts: Spread::default(), shapes: Vec::new(), details: DetailIds::None }
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
