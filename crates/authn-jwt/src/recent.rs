//! The good tokens that one thread saw last.

use crate::{
    Verified,
    cache::Entry,
    sought::{Kept, Sought},
};

/// The most places.
const PLACES: usize = 256;

/// The good tokens that one thread saw last, each in the one place its hash gives it.
pub(crate) struct Recent {
    // Made when the first token comes.
    places: Vec<Place>,
    most: usize,
}

#[derive(Default)]
struct Place {
    /// The hash that came last and was not here.
    missed: Option<u64>,
    known: Option<Known>,
}

struct Known {
    token: Kept,
    entry: Entry<Verified>,
}

// === impl Recent ===

impl Recent {
    /// Remembers up to `most` tokens, and 256 at the most.
    pub(crate) fn new(most: usize) -> Self {
        Self { places: Vec::new(), most: most.min(PLACES) }
    }

    /// What is known of a token. What is not fresh is forgotten.
    pub(crate) fn get(
        &mut self,
        token: Sought<'_>,
        is_fresh: impl FnOnce(&Entry<Verified>) -> bool,
    ) -> Option<&Verified> {
        let place = self.place(token)?;
        let known = place.known.as_ref().filter(|known| known.token.is(token))?;
        if !is_fresh(&known.entry) {
            place.known = None;
        }
        place.known.as_ref().map(|known| &known.entry.value)
    }

    /// Whether a token is to be put in that is not: when it comes for the second time without another one in between that
    /// wants its place. So tokens of which there are too many do not drive each other out, which costs a copy each time.
    pub(crate) fn wants(&mut self, token: Sought<'_>) -> bool {
        if self.places.is_empty() {
            self.places.resize_with(self.most, Place::default);
        }
        let hash = token.hash;
        self.place(token).is_some_and(|place| place.missed.replace(hash) == Some(hash))
    }

    /// Puts one in. Returns the one that had its place, to be dropped without a lock.
    pub(crate) fn put(
        &mut self,
        token: Sought<'_>,
        entry: Entry<Verified>,
    ) -> Option<impl Sized + use<>> {
        let known = Known { token: token.kept(), entry };
        self.place(token)?.known.replace(known)
    }

    fn place(&mut self, token: Sought<'_>) -> Option<&mut Place> {
        let place = usize::try_from(token.hash & 0xffff).ok()?.checked_rem(self.places.len())?;
        self.places.get_mut(place)
    }
}
