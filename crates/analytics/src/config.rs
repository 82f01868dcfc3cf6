//! How much is kept, and how much of an address.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::RangeInclusive,
    sync::Arc,
};

use palisade_core::ConfigError;

use crate::{Record, Store};

/// Says how much the analytics keep.
///
/// | setting | default | at the bound |
/// |---|---|---|
/// | [`queue`](Self::queue) | 65 536 records | a record is dropped and counted; the request does not wait |
/// | [`keep`](Self::keep) | 100 000 records | the oldest record goes |
/// | [`backlog`](Self::backlog) | 256 records | a slow reader loses the oldest and is told how many |
/// | [`subscribers`](Self::subscribers) | 64 | [`SubscribeError::Full`](crate::SubscribeError::Full) |
///
/// A record takes about 400 bytes as browsers come, and 1.3 kB at the most, waiting or kept: 40 MB for the 100 000 that
/// are kept, 130 MB if someone tries hard. The queue itself takes 8 bytes a place from the start.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) queue: usize,
    pub(crate) keep: usize,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) backlog: usize,
    pub(crate) subscribers: usize,
    pub(crate) addresses: Addresses,
    pub(crate) observers: Observers,
}

/// What is called with records once the store has them: see [`Config::observer`].
pub type Observer = Arc<dyn Fn(&[Arc<Record>]) + Send + Sync>;

/// All of them.
#[derive(Clone, Default)]
pub(crate) struct Observers(pub(crate) Vec<Observer>);

impl std::fmt::Debug for Observers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Observers").field(&self.0.len()).finish()
    }
}

/// How much of an address is kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Addresses {
    /// All of it.
    #[default]
    Whole,
    /// The network: 24 bits of an IPv4 address, 48 of an IPv6 address. The rest is zero, also in the live stream.
    Network,
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
            backlog: 256,
            subscribers: 64,
            addresses: Addresses::Whole,
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

    /// How many records a live reader may be behind: 1 to 65 536, rounded up to a power of two.
    #[must_use]
    pub fn backlog(mut self, records: usize) -> Self {
        self.backlog = records;
        self
    }

    /// How many may watch at a time: 0 to 10 000.
    #[must_use]
    pub fn subscribers(mut self, subscribers: usize) -> Self {
        self.subscribers = subscribers;
        self
    }

    /// How much of an address is kept. Default: all of it.
    #[must_use]
    pub fn addresses(mut self, addresses: Addresses) -> Self {
        self.addresses = addresses;
        self
    }

    /// Calls `observer` with records as they come, on the background thread.
    #[must_use]
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observers.0.push(observer);
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("length of the analytics queue", self.queue, 1..=1_048_576)?;
        within("number of kept records", self.keep, 1..=10_000_000)?;
        within("backlog of a live reader", self.backlog, 1..=65_536)?;
        within("number of live readers", self.subscribers, 0..=10_000)
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

// === impl Addresses ===

impl Addresses {
    pub(crate) fn keep(self, address: IpAddr) -> IpAddr {
        match (self, address) {
            (Self::Whole, address) => address,
            (Self::Network, IpAddr::V4(v4)) => {
                Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00).into()
            }
            (Self::Network, IpAddr::V6(v6)) => {
                Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80)).into()
            }
        }
    }
}
