//! Which entries decide most often, in a table that does not grow.

use std::collections::HashMap;

use crate::{EntryHits, Hit};

/// How many entries one thread keeps.
const KEPT: usize = 128;

/// The entries with the most hits, by the algorithm called space-saving (Metwally, Agrawal, El Abbadi 2005): in a full table
/// a new entry takes the place of the one with the fewest hits, and begins with its count. So one that has more than a 128th
/// of all hits is always in the table, whatever else comes.
#[derive(Debug, Default)]
pub(crate) struct Top {
    tallies: HashMap<u64, Tally>,
}

#[derive(Debug)]
struct Tally {
    kind: &'static str,
    entry: Box<str>,
    hits: u64,
    /// How many of them may be those of entries that had this place before.
    doubtful: u64,
}

// === impl Top ===

impl Top {
    /// Counts a hit of the entry that `key` names. O(1) for an entry that is in the table.
    pub(crate) fn count(&mut self, key: u64, hit: &Hit<'_>) {
        if let Some(tally) = self.tallies.get_mut(&key) {
            tally.hits = tally.hits.saturating_add(1);
            return;
        }
        let doubtful = if self.tallies.len() < KEPT { 0 } else { self.make_room() };
        let hits = doubtful.saturating_add(1);
        let entry = hit.to_string().into();
        self.tallies.insert(key, Tally { kind: hit.kind(), entry, hits, doubtful });
    }

    /// The keys of entries with the hits that are certainly theirs.
    pub(crate) fn read(&self) -> impl Iterator<Item = (u64, u64)> {
        self.tallies.iter().map(|(key, tally)| (*key, tally.hits.saturating_sub(tally.doubtful)))
    }

    /// The entry that `key` names, with `hits`, if it is in the table.
    pub(crate) fn show(&self, key: u64, hits: u64) -> Option<EntryHits> {
        let tally = self.tallies.get(&key)?;
        Some(EntryHits { kind: tally.kind, entry: tally.entry.clone().into(), hits })
    }

    /// Removes the entry with the fewest hits, and returns how many it had.
    fn make_room(&mut self) -> u64 {
        let fewest = self.tallies.iter().min_by_key(|(_, tally)| tally.hits).map(|(key, _)| *key);
        fewest.and_then(|key| self.tallies.remove(&key)).map_or(0, |tally| tally.hits)
    }
}
