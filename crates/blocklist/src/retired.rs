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
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.push(list);
        let surplus = lists.len().saturating_sub(KEPT);
        let freed: Vec<_> = lists.drain(..surplus).collect();
        drop(lists);
        drop(freed);
        self.sweep();
    }

    /// Frees those that nobody reads.
    pub(crate) fn sweep(&self) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody can begin to read one: it is in nobody's hands but those that are counted.
        let (unread, read) =
            mem::take(&mut *lists).into_iter().partition(|list| Arc::strong_count(list) == 1);
        *lists = read;
        drop(lists);
        let unread: Vec<Arc<Blocklist>> = unread;
        drop(unread);
    }
}
