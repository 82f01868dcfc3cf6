//! The good tokens that one thread saw last.

use crate::{Verified, cache::Entry};

/// So many are remembered at most, each in the one place its hash gives it.
const PLACES: usize = 256;

/// The good tokens that one thread saw last.
#[derive(Default)]
pub(crate) struct Recent {
    // Made when the first one comes.
    places: Vec<Option<Place>>,
}

struct Place {
    token: Box<str>,
    entry: Entry<Verified>,
}

// === impl Recent ===

impl Recent {
    pub(crate) fn get(&self, hash: u64, token: &[u8]) -> Option<&Entry<Verified>> {
        let place = self.places.get(index(hash))?.as_ref()?;
        (place.token.as_bytes() == token).then_some(&place.entry)
    }

    /// Puts one in; the one that had its place is forgotten.
    pub(crate) fn put(&mut self, hash: u64, token: &str, entry: Entry<Verified>) {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
        }
        if let Some(place) = self.places.get_mut(index(hash)) {
            *place = Some(Place { token: token.into(), entry });
        }
    }
}

fn index(hash: u64) -> usize {
    let [low, ..] = hash.to_le_bytes();
    usize::from(low)
}
