//! Networks of one family, and which of them hold an address.

use std::iter;

use crate::{
    bits::Bits,
    detail::{DetailId, Details},
    spread::{Noted, Place, Spread},
};

/// Networks of one family in the order of their first address, wider ones first. None stands there twice.
///
/// Two networks are nested or apart, never crossed. So the last network that starts at or before an address either
/// holds it, or one around it does, or none does: one search, and one more for each network around it that is asked.
/// What is around a network is one byte, the length of that one's prefix: its place would be four.
#[derive(Debug)]
pub(crate) struct Nested<B> {
    starts: Spread<B>,
    /// The details by place, if there are so many that they do not fit into a [`Shape`]; else empty.
    details: Vec<u32>,
}

/// A network on its way into a list. Until it is there, its note is its prefix in eight bits and its detail in 24.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<B: Bits>(Noted<B>);

/// What is known of a network beside its first address: 32 bits.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// The length of its prefix.
    prefix: u8,
    /// The length of the prefix of the network around it, or [`NOTHING`].
    around: u8,
    /// Its detail, or [`NO_DETAIL`].
    detail: u16,
}

/// Nothing is around the network.
const NOTHING: u8 = u8::MAX;

const NO_DETAIL: u16 = u16::MAX;

// === impl Draft ===

impl<B: Bits> Draft<B> {
    pub(crate) fn new(start: B, prefix: u8, detail: DetailId) -> Self {
        Self(Noted::new(start, (u32::from(prefix) << 24) | detail.bits()))
    }

    fn start(&self) -> B {
        self.0.address()
    }

    fn prefix(&self) -> u8 {
        let [prefix, ..] = self.0.note.to_be_bytes();
        prefix
    }

    fn detail(&self) -> DetailId {
        DetailId::from_bits(self.0.note)
    }
}

// === impl Shape ===

impl Shape {
    fn pack(self) -> u32 {
        let [upper, lower] = self.detail.to_be_bytes();
        u32::from_be_bytes([self.prefix, self.around, upper, lower])
    }

    fn unpack(note: u32) -> Self {
        let [prefix, around, upper, lower] = note.to_be_bytes();
        Self { prefix, around, detail: u16::from_be_bytes([upper, lower]) }
    }
}

// === impl Nested ===

impl<B: Bits> Nested<B> {
    pub(crate) fn build(mut drafts: Vec<Draft<B>>, details: &Details) -> Self {
        drafts.sort_unstable_by_key(|draft| (draft.start(), draft.0.note));
        // Of two entries for one network the longer one holds: a second line must not shorten a block.
        drafts.dedup_by(|next, kept| {
            let is_twin = next.start() == kept.start() && next.prefix() == kept.prefix();
            if is_twin {
                let longer = details.longer(kept.detail(), next.detail());
                *kept = Draft::new(kept.start(), kept.prefix(), longer);
            }
            is_twin
        });
        let is_many = |draft: &Draft<B>| {
            draft.detail() != DetailId::NONE && draft.detail().bits() >= NO_DETAIL.into()
        };
        let many = drafts.iter().any(is_many);
        let all = || drafts.iter().map(|draft| draft.detail().bits()).collect();
        let details = if many { all() } else { Vec::new() };
        Self { starts: Spread::new(noted(drafts)), details }
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
            let shape = self.shape(place.index())?;
            if self.starts.holds(place, shape.prefix, addr) {
                let detail = self.detail(place.index(), shape);
                if find(detail) {
                    return Some((addr.masked(shape.prefix), shape.prefix, detail));
                }
            }
            if shape.around == NOTHING {
                return None;
            }
            candidate = self.around(place.index(), shape.around);
        }
        None
    }

    /// The network with this prefix that is around the one at `index`.
    fn around(&self, index: usize, prefix: u8) -> Option<Place> {
        let start = self.starts.get(index)?.masked(prefix);
        // Several may start there, and the longest prefix is found first: no more than there are bits.
        let last = self.starts.last_up_to(start)?.index();
        let mut places = iter::successors(Some(last), |place| place.checked_sub(1));
        let is_it = |place: &usize| self.shape(*place).is_none_or(|it| it.prefix == prefix);
        places.find(is_it).map(Place::far)
    }

    #[inline]
    fn shape(&self, index: usize) -> Option<Shape> {
        self.starts.note(index).map(Shape::unpack)
    }

    #[inline]
    fn detail(&self, index: usize, shape: Shape) -> DetailId {
        if let Some(detail) = self.details.get(index) {
            return DetailId::from_bits(*detail);
        }
        if shape.detail == NO_DETAIL {
            DetailId::NONE
        } else {
            DetailId::from_bits(shape.detail.into())
        }
    }
}

impl<B> Default for Nested<B> {
    fn default() -> Self {
        Self { starts: Spread::default(), details: Vec::new() }
    }
}

/// Puts the shape of each network into its note.
fn noted<B: Bits>(drafts: Vec<Draft<B>>) -> Vec<Noted<B>> {
    // Those that are around the last one, the widest first: no more than an address has bits.
    let mut open: Vec<(B, u8)> = Vec::new();
    let note = |draft: Draft<B>| {
        let (start, prefix) = (draft.start(), draft.prefix());
        // Those that do not hold this one hold none of the following either.
        while open.pop_if(|(wide, prefix)| start.masked(*prefix) != *wide).is_some() {}
        let around = open.last().map_or(NOTHING, |(_, prefix)| *prefix);
        open.push((start, prefix));
        // What does not fit stands in the table beside, and so does all the rest then.
        let detail = u16::try_from(draft.detail().bits()).unwrap_or(NO_DETAIL);
        Noted::new(start, Shape { prefix, around, detail }.pack())
    };
    drafts.into_iter().map(note).collect()
}
