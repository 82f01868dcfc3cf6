//! How often the list decided, and which of its entries.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use palisade_core::{KeyedHash, Striped};

use crate::{EntryHits, Hit, HitCounts, hit::Matched, top::Top};

/// How many entries the status shows.
const SHOWN: usize = 20;

/// Counted where an entry decided, so a request that no entry is about writes nothing. Each thread counts for itself: two
/// that refuse a flood do not wait for each other.
#[derive(Debug)]
pub(crate) struct Hits {
    keyed: KeyedHash,
    mine: Striped<Arc<Stripe>>,
    /// The same ones, to be added up.
    all: Vec<Arc<Stripe>>,
}

/// What one thread counts, in lines of memory of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe {
    addresses: AtomicU64,
    users: AtomicU64,
    tokens: AtomicU64,
    countries: AtomicU64,
    safe_addresses: AtomicU64,
    overruled: AtomicU64,
    top: Mutex<Top>,
}

// === impl Hits ===

impl Hits {
    /// Counts a refusal by `hit`.
    pub(crate) fn refused(&self, hit: &Hit<'_>) {
        let mine = self.mine.mine();
        let count = match hit.matched() {
            Matched::Network(_) => &mine.addresses,
            Matched::User(_) => &mine.users,
            Matched::Token(_) => &mine.tokens,
            Matched::Country(_) => &mine.countries,
        };
        count.fetch_add(1, Ordering::Relaxed);
        mine.top().count(self.key(hit), hit);
    }

    /// Counts a request that the safelist let through.
    pub(crate) fn safe(&self) {
        self.mine.mine().safe_addresses.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one of them that would have been refused.
    pub(crate) fn overruled(&self) {
        self.mine.mine().overruled.fetch_add(1, Ordering::Relaxed);
    }

    /// Names the entry of `hit`: equal for equal entries, also of different lists.
    pub(crate) fn key(&self, hit: &Hit<'_>) -> u64 {
        self.keyed.of(hit.matched())
    }

    pub(crate) fn counts(&self) -> HitCounts {
        let sum = |count: fn(&Stripe) -> &AtomicU64| {
            self.all.iter().fold(0_u64, |sum, stripe| {
                sum.saturating_add(count(stripe).load(Ordering::Relaxed))
            })
        };
        HitCounts {
            addresses: sum(|stripe| &stripe.addresses),
            users: sum(|stripe| &stripe.users),
            tokens: sum(|stripe| &stripe.tokens),
            countries: sum(|stripe| &stripe.countries),
            safe_addresses: sum(|stripe| &stripe.safe_addresses),
            overruled: sum(|stripe| &stripe.overruled),
        }
    }

    /// The entries that refused most often, the first one most.
    pub(crate) fn top(&self) -> Vec<EntryHits> {
        let mut sums: HashMap<u64, u64> = HashMap::new();
        for stripe in &self.all {
            // A refusal waits for this lock: numbers alone are copied under it.
            for (key, hits) in stripe.top().read() {
                let sum = sums.entry(key).or_default();
                *sum = sum.saturating_add(hits);
            }
        }
        let mut most: Vec<_> = sums.into_iter().collect();
        most.sort_unstable_by_key(|(key, hits)| (Reverse(*hits), *key));
        most.truncate(SHOWN);
        // One that left all tables in between is left out.
        let shown = |(key, hits)| self.all.iter().find_map(|stripe| stripe.top().show(key, hits));
        let mut top: Vec<EntryHits> = most.into_iter().filter_map(shown).collect();
        top.sort_unstable_by(|a, b| b.hits.cmp(&a.hits).then_with(|| a.entry.cmp(&b.entry)));
        top
    }
}

// === impl Stripe ===

impl Stripe {
    /// Nothing in here can be left half written.
    fn top(&self) -> MutexGuard<'_, Top> {
        self.top.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Hits {
    fn default() -> Self {
        let mut all = Vec::new();
        let mine = Striped::new(|| {
            let stripe = Arc::new(Stripe::default());
            all.push(Arc::clone(&stripe));
            stripe
        });
        Self { keyed: KeyedHash::random(), mine, all }
    }
}
