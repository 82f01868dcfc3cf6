//! Says who knows where addresses are, and how often they may be asked.

use std::{
    num::NonZeroU32,
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

use palisade_core::{Clock, ConfigError};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    Geo, LocationDatabase, LocationProvider,
    admission::{Admission, QUEUE},
    budget::Budget,
    cache::Cache,
    cache_file::{CacheFile, MOST},
    geo::Asked,
    remote::Remote,
    worker,
};

/// The documented cap of a lookup.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The most calls in a minute that can be asked for.
const MOST_CALLS: u32 = 6_000;
/// Beside the questions there is room for some wishes to save.
const SAVES: usize = 8;

/// Says who knows. Made by [`Geo::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GeoBuilder {
    databases: Vec<Arc<dyn LocationDatabase>>,
    provider: Option<Arc<dyn LocationProvider>>,
    cache_file: Option<PathBuf>,
    entries: usize,
    calls_per_minute: u32,
    timeout: Duration,
    clock: Clock,
}

// === impl GeoBuilder ===

impl GeoBuilder {
    pub(crate) fn new() -> Self {
        Self {
            databases: Vec::new(),
            provider: None,
            cache_file: None,
            entries: 16_384,
            calls_per_minute: 60,
            timeout: TIMEOUT,
            clock: Clock::system(),
        }
    }

    /// Asks this database, after those that were named before.
    pub fn database(mut self, database: impl LocationDatabase + 'static) -> Self {
        self.databases.push(Arc::new(database));
        self
    }

    /// Asks this provider about public addresses that no database knows. There is one; the last one named.
    pub fn provider(mut self, provider: impl LocationProvider + 'static) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Keeps what the provider said in this file as well. Default: in memory alone.
    pub fn cache_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.cache_file = Some(path.into());
        self
    }

    /// Keeps so many answers in memory, 1 to 32 768, about 300 bytes each. Default: 16 384.
    pub fn entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// Asks the provider so often in any 60 seconds, 1 to 6 000. Default: 60.
    ///
    /// It bounds what strangers can make you pay for by coming from many addresses. A plan of 10 000 calls a month is used up
    /// within three hours at 60 a minute.
    pub fn calls_per_minute(mut self, calls: u32) -> Self {
        self.calls_per_minute = calls;
        self
    }

    /// Waits so long for an answer, 1 ms to 2 s. Default: 2 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes the time from `clock`. Default: the system's. The timeout of a call and the times at which the file is written are
    /// tokio's all the same.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Builds it, reads the file of the cache, and begins the task that asks the provider, on the runtime of tokio that this is
    /// called in.
    ///
    /// # Errors
    ///
    /// Neither database nor provider; a number out of its range; a provider outside a runtime.
    pub fn build(self) -> Result<Geo, ConfigError> {
        if self.databases.is_empty() && self.provider.is_none() {
            return Err(ConfigError::new("source of locations", "none")
                .expected("a database, a provider or both"));
        }
        let Some(provider) = self.provider.clone() else {
            return Ok(Geo::new(self.databases, None));
        };
        let runtime = Handle::try_current().map_err(|_| {
            ConfigError::new("place to ask a provider", "this thread")
                .expected("a runtime of tokio, which the program's `main` may be in")
        })?;
        let remote = Arc::new(self.remote(provider)?);
        remote.load();
        let (jobs, received) = mpsc::channel(QUEUE.saturating_add(SAVES));
        drop(runtime.spawn(worker::run(Arc::clone(&remote), received)));
        Ok(Geo::new(self.databases, Some(Asked { remote, jobs })))
    }

    fn remote(&self, provider: Arc<dyn LocationProvider>) -> Result<Remote, ConfigError> {
        if !(1..=MOST).contains(&self.entries) {
            return Err(ConfigError::new("number of cached locations", self.entries.to_string())
                .expected(format!("1 to {MOST}")));
        }
        let calls = NonZeroU32::new(self.calls_per_minute).filter(|it| it.get() <= MOST_CALLS);
        let calls = calls.ok_or_else(|| {
            ConfigError::new("number of calls in a minute", self.calls_per_minute.to_string())
                .expected(format!("1 to {MOST_CALLS}"))
        })?;
        if !(Duration::from_millis(1)..=TIMEOUT).contains(&self.timeout) {
            return Err(ConfigError::new("timeout of a lookup", format!("{:?}", self.timeout))
                .expected("1ms to 2s"));
        }
        Ok(Remote {
            provider,
            timeout: self.timeout,
            cache: Cache::new(self.entries, self.clock.clone()),
            file: self.cache_file.clone().map(CacheFile::new),
            admission: Admission::new(Budget::new(calls)),
            clock: self.clock.clone(),
            calls: 0.into(),
            answered: 0.into(),
            failures: 0.into(),
            dropped: 0.into(),
            last_error: Mutex::default(),
            changed: AtomicBool::new(false),
            saving: Mutex::default(),
            unwritable: AtomicBool::new(false),
        })
    }
}
