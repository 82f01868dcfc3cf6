//! Taking over keys that somebody else keeps, and that others change.

use std::sync::Arc;

use crate::{
    ApiKeys, KeyError, KeyRecord,
    entry::{Entry, Table},
};

/// Takes over all keys that somebody else keeps. Made by [`ApiKeys::take_over`] before they are read, so that what is changed here
/// meanwhile is not undone by what was read before.
#[derive(Debug)]
#[must_use = "nothing is taken over until it is finished"]
pub struct TakingOver {
    keys: ApiKeys,
    since: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there is no fourth: it was new or not, or did not count"
)]
pub enum TakenOver {
    /// The keys are as they were.
    Same,
    /// Somebody else made, changed or removed a key.
    Changed,
    /// A key was changed here since it began, so what was read does not count: read it again.
    Outdated,
}

// === impl ApiKeys ===

impl ApiKeys {
    /// Begins to take over keys that somebody else keeps: before they are read.
    pub fn take_over(&self) -> TakingOver {
        TakingOver { keys: self.clone(), since: self.alterations() }
    }

    /// All keys as somebody else would keep them, the oldest first, each as if it was made just now: to move them from a file to
    /// where they are kept from then on.
    ///
    /// # Errors
    ///
    /// If one cannot be written.
    pub fn records(&self) -> Result<Vec<KeyRecord>, KeyError> {
        let stored = self.stored().into_iter();
        Ok(stored.map(|stored| KeyRecord::new(stored, 1)).collect::<Result<_, _>>()?)
    }
}

// === impl TakingOver ===

impl TakingOver {
    /// From now on these are all keys, however many. When a key was last used is the later of what is known here and there.
    pub fn finish(self, records: impl IntoIterator<Item = KeyRecord>) -> TakenOver {
        let records: Vec<KeyRecord> = records.into_iter().collect();
        self.keys.replace(self.since, |known| {
            let mut table = Table::default();
            let mut is_same = records.len() == known.len();
            for record in &records {
                let before = known.get(&record.id());
                let entry = if let Some(entry) = before.filter(|entry| entry.is_of(record)) {
                    Arc::clone(entry)
                } else {
                    is_same = false;
                    Arc::new(Entry::recorded(record, before.map(|entry| &**entry)))
                };
                entry.used(record.key().last_used);
                table.insert(record.id(), entry);
            }
            (!is_same).then_some(table)
        })
    }
}
