//! What is remembered of each client: a table of users and one of addresses, under one hash and from one beginning of time.

use std::{sync::OnceLock, time::Instant};

use palisade_core::{KeyedHash, Moment};

use crate::{Key, gcra::Pace, table::Table};

/// The states of many clients, of one quota.
#[derive(Debug)]
pub(crate) struct Store {
    hash: KeyedHash,
    origin: OnceLock<Instant>,
    users: Table,
    addresses: Table,
}

/// A request at the table that its key belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub(crate) table: &'a Table,
    /// A keyed hash of the key. Nobody outside can aim at one.
    pub(crate) hash: u64,
    /// The arrival in ticks since the store's first request.
    pub(crate) now: u64,
}

// === impl Store ===

impl Store {
    /// Makes a store with room for `capacity` users and as many addresses.
    pub(crate) fn new(capacity: usize) -> Self {
        let (users, addresses) = (Table::new(capacity), Table::new(capacity));
        Self { hash: KeyedHash::random(), origin: OnceLock::new(), users, addresses }
    }

    /// Starts a visit of a request that arrived at `arrived`. A request that arrived before the store's first one, as may
    /// happen between threads, counts as arriving with it.
    #[inline]
    pub(crate) fn visit(&self, key: &Key<'_>, arrived: Moment, pace: Pace) -> Visit<'_> {
        let arrived = arrived.instant();
        let origin = *self.origin.get_or_init(|| arrived);
        let now = pace.since_origin(arrived.saturating_duration_since(origin));
        // The two need no hashes that differ: they stand in different tables.
        let (table, hash) = match key {
            Key::Address(address) => (&self.addresses, self.hash.of(address)),
            user @ Key::User { .. } => (&self.users, self.hash_of_user(user)),
        };
        Visit { table, hash, now }
    }

    /// Apart from the rest, so that an address, which takes far less, is not held up by what a name takes.
    #[inline(never)]
    fn hash_of_user(&self, user: &Key<'_>) -> u64 {
        self.hash.of(user)
    }

    /// The number of keys that are remembered.
    pub(crate) fn len(&self) -> usize {
        self.users.len().saturating_add(self.addresses.len())
    }

    /// The most keys that are ever remembered.
    pub(crate) fn bound(&self) -> usize {
        self.users.bound().saturating_add(self.addresses.bound())
    }
}
