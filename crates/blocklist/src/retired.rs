//! Lists that were replaced, until nobody reads them.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use crate::Blocklist;

/// How many are kept. Beyond, whoever still holds the oldest one frees it himself.
const KEPT: usize = 4;

/// Lists that were replaced while a request read them. To free one takes a millisecond for each million of its entries, or a
/// hundred if they have users and tokens: whoever lets go of it last pays for that, and this is never a request.
#[derive(Debug, Default)]
pub(crate) struct Retired {
    lists: Mutex<Vec<Arc<Blocklist>>>,
}

// === impl Retired ===

impl Retired {
    /// Takes a list that is no longer in force, and frees it, and those before it, if nobody reads them.
    pub(crate) fn retire(&self, list: Arc<Blocklist>) {
        self.keep(Some(list));
    }

    /// Frees those that nobody reads.
    pub(crate) fn sweep(&self) {
        self.keep(None);
    }

    /// Keeps those that are read, `more` among them, up to the bound.
    fn keep(&self, more: Option<Arc<Blocklist>>) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody can begin to read one: it is in nobody's hands but those that are counted.
        let (unread, mut read): (Vec<_>, Vec<_>) = mem::take(&mut *lists)
            .into_iter()
            .chain(more)
            .partition(|list| Arc::strong_count(list) == 1);
        // Those that nobody reads take no place.
        let surplus: Vec<_> = read.drain(..read.len().saturating_sub(KEPT)).collect();
        *lists = read;
        drop(lists);
        drop((unread, surplus));
    }
}
