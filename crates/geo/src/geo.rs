//! Where addresses are: what databases know, what providers said, and who is asked in the background. A newcomer starts here.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use palisade_core::{Locate, Location, Whereabouts};
use tokio::sync::mpsc::Sender;

use crate::{
    BreakerState, GeoBuilder, GeoStatus, LocationDatabase,
    remote::{Job, Remote},
    special::{askable, unwrapped},
    tally::Tally,
};

/// Knows where addresses are. Clones share it. See the [crate docs](crate) for its rules and an example.
#[derive(Clone, Debug)]
pub struct Geo {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    databases: Vec<Arc<dyn LocationDatabase>>,
    remote: Option<Asked>,
    tally: Tally,
}

/// The provider, and the way to the task that asks it. The task ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) remote: Arc<Remote>,
    pub(crate) jobs: Sender<Job>,
}

/// What databases know of an address.
struct ByDatabases {
    /// Of the first that knows the country.
    country: Option<Arc<Location>>,
    /// Else of the first that knows anything.
    rest: Option<Arc<Location>>,
}

// === impl Geo ===

impl Geo {
    /// Begins to say who knows.
    pub fn builder() -> GeoBuilder {
        GeoBuilder::new()
    }

    pub(crate) fn new(databases: Vec<Arc<dyn LocationDatabase>>, remote: Option<Asked>) -> Self {
        Self { inner: Arc::new(Inner { databases, remote, tally: Tally::new() }) }
    }

    /// How it is doing: for a readiness check, metrics and people.
    #[must_use]
    pub fn status(&self) -> GeoStatus {
        let totals = self.inner.tally.totals();
        let databases = self.inner.databases.iter().filter_map(LocationDatabase::status);
        let mut status = GeoStatus {
            hits: totals.hits,
            stale: totals.stale,
            misses: totals.misses,
            nowhere: totals.nowhere,
            databases: databases.collect(),
            ..GeoStatus::default()
        };
        let Some(Asked { remote, .. }) = &self.inner.remote else { return status };
        let look = remote.admission.look(remote.clock.now());
        status.breaker = Some(look.breaker);
        status.in_flight = look.aloft;
        status.budget_left = look.budget_left;
        status.entries = remote.cache.len();
        status.capacity = remote.cache.capacity();
        status.calls = remote.calls.load(Ordering::Relaxed);
        status.answered = remote.answered.load(Ordering::Relaxed);
        status.failures = remote.failures.load(Ordering::Relaxed);
        status.dropped = remote.dropped.load(Ordering::Relaxed);
        status.last_error = *remote.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        status.unwritable = remote.unwritable.load(Ordering::Relaxed);
        status
    }

    /// Whether it knows less than it should: see [`GeoStatus::is_degraded`]. Adds up nothing, so strangers may have it asked.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        let stops = |asked: &Asked| {
            let remote = &asked.remote;
            let breaker = remote.admission.look(remote.clock.now()).breaker;
            breaker != BreakerState::Closed || remote.unwritable.load(Ordering::Relaxed)
        };
        let fails = LocationDatabase::is_degraded;
        self.inner.remote.as_ref().is_some_and(stops) || self.inner.databases.iter().any(fails)
    }

    /// Whether there is a provider, so that there is something to [`forget`](Self::forget).
    #[must_use]
    pub fn has_provider(&self) -> bool {
        self.inner.remote.is_some()
    }

    fn by_databases(&self, address: IpAddr) -> ByDatabases {
        let address = unwrapped(address);
        let mut rest = None;
        for database in &self.inner.databases {
            match database.locate(address) {
                Some(location) if location.country.is_some() => {
                    return ByDatabases { country: Some(location), rest: None };
                }
                other => rest = rest.or(other),
            }
        }
        ByDatabases { country: None, rest }
    }

    /// The provider, and the address that it may be asked about.
    fn askable(&self, address: IpAddr) -> Option<(&Asked, IpAddr)> {
        self.inner.remote.as_ref().zip(askable(address))
    }

    /// Forgets what the provider said, in memory at once and on the disk soon.
    pub fn forget(&self) {
        let Some(Asked { remote, jobs }) = &self.inner.remote else { return };
        remote.cache.clear();
        remote.changed.store(true, Ordering::Release);
        // Where others wait before it, the file is written in time.
        drop(jobs.try_send(Job::Save));
    }

    /// Writes what the provider said to the file, if there is one: before the end of the program. Blocks.
    ///
    /// # Errors
    ///
    /// Those of the file system, with the path in the message.
    pub fn flush(&self) -> io::Result<()> {
        self.inner.remote.as_ref().map_or(Ok(()), |asked| asked.remote.save())
    }
}

impl Locate for Geo {
    fn locate(&self, address: IpAddr) -> Whereabouts {
        let located = self.by_databases(address);
        if let Some(location) = located.country {
            self.inner.tally.hit();
            return Whereabouts::At(location);
        }
        let tally = &self.inner.tally;
        let Some((Asked { remote, jobs }, public)) = self.askable(address) else {
            let answer = located.or(None);
            match answer {
                Whereabouts::Nowhere => tally.nowhere(),
                _ => tally.hit(),
            }
            return answer;
        };
        located.or(Some(remote.locate(public, jobs, tally)))
    }

    fn known(&self, address: IpAddr) -> Whereabouts {
        let located = self.by_databases(address);
        if let Some(location) = located.country {
            return Whereabouts::At(location);
        }
        let asked = self.askable(address);
        located.or(asked.map(|(Asked { remote, .. }, public)| remote.known(public)))
    }
}

// === impl ByDatabases ===

impl ByDatabases {
    /// What the provider said, else what they know without a country.
    fn or(self, by_provider: Option<Whereabouts>) -> Whereabouts {
        match (by_provider, self.rest) {
            (Some(Whereabouts::At(location)), _) | (_, Some(location)) => Whereabouts::At(location),
            (by_provider, None) => by_provider.unwrap_or(Whereabouts::Nowhere),
        }
    }
}
