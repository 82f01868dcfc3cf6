//! How much is kept, and how much of an address.

use std::{fmt, ops::RangeInclusive, sync::Arc};

use palisade_core::{Clock, ConfigError, Locate};

use crate::{Record, Store};

/// Says how much the analytics keep.
///
/// | setting | default | at the bound |
/// |---|---|---|
/// | [`queue`](Self::queue) | 65 536 records | a record is dropped and counted; the request does not wait |
/// | [`keep`](Self::keep) | 100 000 records | the oldest record goes |
/// | records that wait for their location | 4096, for 5 seconds | one more stays without, and is counted |
/// | records that wait for a store that is busy elsewhere | 16 384 | one more is lost, and is counted |
///
/// A record takes about 450 bytes as browsers come, and 2.2 kB at the most, waiting or kept: 45 MB for the 100 000 that
/// are kept, 220 MB if someone tries hard. The queue itself takes up to 320 bytes a place: 21 MB, once it has gone round.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) queue: usize,
    pub(crate) keep: usize,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) addresses: Addresses,
    pub(crate) clock: Clock,
    pub(crate) locator: Option<Arc<dyn Locate>>,
    pub(crate) observers: Observers,
}

/// What is called with records once the store has them: see [`Config::observer`].
pub type Observer = Arc<dyn Fn(&[Arc<Record>]) + Send + Sync>;

/// All who watch.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Observer>);

/// How much of an address is kept: in the store, and for those who watch.
///
/// A whole address waits in memory for the background thread, which asks where it is; where that is not known yet, for up to
/// five seconds more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Addresses {
    /// All of it.
    #[default]
    Whole,
    /// The network: 24 bits of an IPv4 address, 48 of an IPv6 address. The rest is zero.
    Network,
    /// A pseudonym: HMAC-SHA-256 of the address, cut to 128 bits, with a key of 256 random bits that is in memory alone. It is
    /// drawn anew when a day begins by UTC, and the old one is overwritten; a restart draws one too. So one address has one
    /// pseudonym for a day at most (that on which its request ended), another one tomorrow, and nobody can tell which, not even
    /// who reads the store and tries all addresses.
    DailyHash,
}

// === impl Config ===

impl Config {
    /// Takes the defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            queue: 65_536,
            keep: 100_000,
            store: None,
            addresses: Addresses::Whole,
            clock: Clock::system(),
            locator: None,
            observers: Observers(Vec::new()),
        }
    }

    /// How many records may wait for the background thread: 1 to 1 048 576.
    #[must_use]
    pub fn queue(mut self, records: usize) -> Self {
        self.queue = records;
        self
    }

    /// How many records are kept: 1 to 10 000 000.
    #[must_use]
    pub fn keep(mut self, records: usize) -> Self {
        self.keep = records;
        self
    }

    /// Keeps records there. Default: a [`MemoryStore`](crate::MemoryStore) of [`keep`](Self::keep) records.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// How much of an address is kept. Default: all of it.
    #[must_use]
    pub fn addresses(mut self, addresses: Addresses) -> Self {
        self.addresses = addresses;
        self
    }

    /// Takes the time from `clock`: when the day ends, when the store prunes. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Asks `locator` where clients are. The background thread does, with the whole address, whatever is kept of it; no request
    /// waits. Where it says [`NotYet`](palisade_core::Whereabouts::NotYet), the record is stored with the country that the
    /// request's context knows, if any, and `locator` is asked again every 100 ms for up to five seconds. Default: the context's
    /// country alone.
    #[must_use]
    pub fn locator(mut self, locator: Arc<dyn Locate>) -> Self {
        self.locator = Some(locator);
        self
    }

    /// Calls `observer` with records as they come, in batches of 1024 at most, on the background thread, after the store was
    /// given them (and also if it failed). A location that comes later is in the store alone. Several observers are called in the order in which they were added.
    ///
    /// It must be quick: while it runs nothing is stored, the queue fills, and what does not fit is dropped and counted. One
    /// that panics is called again with the next batch; meanwhile the analytics are not healthy ([`Status`](crate::Status)). One that never comes back stops the analytics, and no
    /// request.
    #[must_use]
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observers.0.push(observer);
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("length of the analytics queue", self.queue, 1..=1_048_576)?;
        within("number of kept records", self.keep, 1..=10_000_000)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

fn within(what: &str, value: usize, range: RangeInclusive<usize>) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    let expected = format!("a number from {} to {}", range.start(), range.end());
    Err(ConfigError::new(what, value.to_string()).expected(expected))
}

// === impl Observers ===

impl Observers {
    pub(crate) fn each(&self) -> impl Iterator<Item = &Observer> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}
