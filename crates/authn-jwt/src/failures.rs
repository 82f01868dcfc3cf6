//! How many signatures that turn out wrong are computed for one client.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use palisade_core::{IpKey, KeyedHash, Moment};

/// The places of a row: 128 KiB.
const PLACES: u64 = 16_384;
const NANOSECONDS: u64 = 1_000_000_000;

/// How many failures a client may have: so many at once, and so many more each second.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Budget {
    pub(crate) at_once: u32,
    pub(crate) per_second: u32,
}

/// The failures of all clients, in memory that does not grow.
///
/// Two rows of numbers, and in each row one place for each client, which others share (a count-min sketch). A failure counts in
/// both places, and a client is over its budget when both are: so who fails is always found out, and who does not fail is
/// mistaken for one who does only if others overdrew both of its places. Where they are is a secret of this process.
pub(crate) struct Failures {
    budget: Option<Budget>,
    // Made when the first token fails.
    table: OnceLock<Table>,
}

struct Table {
    origin: Instant,
    hash: KeyedHash,
    rows: [Box<[AtomicU64]>; 2],
}

// === impl Failures ===

impl Failures {
    /// Without a budget nobody is ever over it.
    pub(crate) fn new(budget: Option<Budget>) -> Self {
        Self { budget, table: OnceLock::new() }
    }

    /// Whether `client` has failed so often that it is not computed for it again yet.
    pub(crate) fn are_too_many(&self, client: IpKey, now: Moment) -> bool {
        let (Some(budget), Some(table)) = (self.budget, self.table.get()) else { return false };
        let latest = table.nanoseconds(now).saturating_add(budget.tolerance());
        let is_over = |place: Option<&AtomicU64>| {
            place.is_some_and(|whole_at| whole_at.load(Ordering::Relaxed) > latest)
        };
        table.places(client).into_iter().all(is_over)
    }

    /// Counts a failure of `client`.
    pub(crate) fn count(&self, client: IpKey, now: Moment) {
        let Some(budget) = self.budget else { return };
        let table = self.table.get_or_init(|| Table::new(now.instant()));
        let (now, cost) = (table.nanoseconds(now), budget.cost());
        for whole_at in table.places(client).into_iter().flatten() {
            // Two threads at once may both lift it to now, and both add.
            whole_at.fetch_max(now, Ordering::Relaxed);
            whole_at.fetch_add(cost, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").field("budget", &self.budget).finish_non_exhaustive()
    }
}

// === impl Budget ===

impl Budget {
    /// The time in which one failure is made good again, in nanoseconds.
    fn cost(self) -> u64 {
        NANOSECONDS.checked_div(u64::from(self.per_second)).unwrap_or(NANOSECONDS)
    }

    /// How far ahead of now the time may lie when all are made good: all at once but the last one.
    fn tolerance(self) -> u64 {
        u64::from(self.at_once).saturating_sub(1).saturating_mul(self.cost())
    }
}

// === impl Table ===

impl Table {
    fn new(origin: Instant) -> Self {
        let row = || -> Box<[AtomicU64]> { (0..PLACES).map(|_| AtomicU64::new(0)).collect() };
        Self { origin, hash: KeyedHash::random(), rows: [row(), row()] }
    }

    /// The two places of a client.
    fn places(&self, client: IpKey) -> [Option<&AtomicU64>; 2] {
        let hash = self.hash.of(&client);
        let [first, second] = &self.rows;
        [at(first, hash), at(second, hash >> 32)]
    }

    /// The time since the first failure. What came before it counts as coming with it.
    fn nanoseconds(&self, now: Moment) -> u64 {
        let since: Duration = now.instant().saturating_duration_since(self.origin);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The place that a hash has in a row.
fn at(row: &[AtomicU64], hash: u64) -> Option<&AtomicU64> {
    let place = hash.checked_rem(PLACES)?;
    row.get(usize::try_from(place).ok()?)
}
