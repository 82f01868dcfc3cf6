//! What is kept for the sake of figures alone.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use palisade::{
    core::Moment,
    metrics::Metrics,
    ratelimit::{ConcurrencyLimitPolicy, RateLimitPolicy},
    security_log::{LogStatus, SecurityLog},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::AT_A_TIME;
use crate::{
    app::StartError,
    instances::Instances,
    limits::{self, Counting},
    places::Places,
    settings::{Environment, MetricsSettings, Settings},
    traces::{Traces, TracesStatus},
};

/// What is kept for the sake of figures: handles of what others use.
#[derive(Debug)]
pub(crate) struct Sources {
    requests: Option<Metrics>,
    limits: Option<RateLimitPolicy>,
    concurrency: Option<ConcurrencyLimitPolicy>,
    /// There once there are sockets.
    places: OnceLock<Places>,
    traces: OnceLock<Traces>,
    log: OnceLock<SecurityLog>,
    damaged_files: AtomicU64,
    /// Pages that may be put together now.
    pages: Arc<Semaphore>,
    started: Moment,
    environment: Environment,
}

// === impl Sources ===

impl Sources {
    /// Builds what `settings` say.
    pub(crate) fn new(
        settings: &Settings,
        instances: Option<&Instances>,
        started: Moment,
    ) -> Result<Self, StartError> {
        let counting = Counting::with(instances);
        let limits = settings.rate_limit.as_ref();
        let limits = limits.map(|limits| limits::rate_limit(limits, &counting)).transpose()?;
        let requests = (settings.metrics != MetricsSettings::Off).then(Metrics::new);
        let concurrency = settings.concurrent_requests.map(limits::concurrency).transpose()?;
        let (places, traces, log) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let environment = settings.environment;
        let pages = Arc::new(Semaphore::new(AT_A_TIME));
        Ok(Self {
            requests,
            limits,
            concurrency,
            places,
            traces,
            log,
            damaged_files: AtomicU64::new(0),
            pages,
            started,
            environment,
        })
    }

    /// Room to put a page together, until it is dropped; none while others take it all.
    pub(super) fn place_for_a_page(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.pages).try_acquire_owned().ok()
    }

    /// What counts requests, unless nobody does.
    pub(crate) fn requests(&self) -> Option<&Metrics> {
        self.requests.as_ref()
    }

    /// The limits, if there are any.
    pub(crate) fn limits(&self) -> Option<&RateLimitPolicy> {
        self.limits.as_ref()
    }

    /// How many requests a client may have under way, if that is limited.
    pub(crate) fn concurrency(&self) -> Option<&ConcurrencyLimitPolicy> {
        self.concurrency.as_ref()
    }

    /// The places of connections, once there are sockets.
    pub(crate) fn places(&self) -> Option<&Places> {
        self.places.get()
    }

    /// Learns the places of connections. The first ones are kept.
    pub(crate) fn learn_places(&self, places: Places) {
        let _first = self.places.set(places);
    }

    /// What became of spans, where any are made.
    pub(crate) fn traces(&self) -> Option<TracesStatus> {
        self.traces.get()?.status()
    }

    /// Learns what makes spans. The first one is kept.
    pub(crate) fn learn_traces(&self, traces: Traces) {
        let _first = self.traces.set(traces);
    }

    /// How the log is doing, in a process that has one.
    pub(crate) fn log(&self) -> Option<LogStatus> {
        self.log.get().map(SecurityLog::status)
    }

    /// Learns what writes the log. The first one is kept.
    pub(crate) fn learn_log(&self, log: SecurityLog) {
        let _first = self.log.set(log);
    }

    /// How many reads found a file that is not what was written.
    pub(crate) fn damaged_files(&self) -> u64 {
        self.damaged_files.load(Ordering::Relaxed)
    }

    /// One more did.
    pub(crate) fn count_damaged_file(&self) {
        self.damaged_files.fetch_add(1, Ordering::Relaxed);
    }

    /// Where it runs.
    pub(crate) fn environment(&self) -> Environment {
        self.environment
    }

    /// When the server started.
    pub(crate) fn started(&self) -> Moment {
        self.started
    }
}
