//! The provider, with all that stands between it and requests.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_core::{Clock, IpKey, Ipv6Prefix, Location, SECURITY_TARGET, Whereabouts};
use tokio::{sync::mpsc::Sender, time::timeout};

use crate::{
    LocationProvider, ProviderError,
    admission::{Admission, Admitted},
    breaker::{Call, Change},
    cache::{Cache, Found},
    cache_file::{CacheFile, MOST, Unusable},
    place_name::place_name,
    tally::Tally,
};

/// The provider, with all that stands between it and requests.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) provider: Arc<dyn LocationProvider>,
    pub(crate) timeout: Duration,
    pub(crate) cache: Cache,
    pub(crate) file: Option<CacheFile>,
    pub(crate) admission: Admission,
    pub(crate) clock: Clock,
    pub(crate) calls: AtomicU64,
    pub(crate) answered: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) last_error: Mutex<Option<ProviderError>>,
    /// Whether the cache holds what the file does not.
    pub(crate) changed: AtomicBool,
    /// Held while the file is written, so that an older state never replaces a newer one.
    pub(crate) saving: Mutex<()>,
    pub(crate) unwritable: AtomicBool,
}

/// What the background task does.
#[derive(Debug)]
pub(crate) enum Job {
    Ask(Pass),
    Save,
}

/// The right and the duty to ask about one address. What is dropped without an answer is a call that failed, or that never began.
#[derive(Debug)]
pub(crate) struct Pass {
    remote: Arc<Remote>,
    key: IpKey,
    call: Call,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Waiting,
    Asking,
    Ended,
}

// === impl Remote ===

impl Remote {
    /// What is known of `address`, which may be asked about. Sends a question to `jobs` if it should be.
    pub(crate) fn locate(
        self: &Arc<Self>,
        address: IpAddr,
        jobs: &Sender<Job>,
        tally: &Tally,
    ) -> Whereabouts {
        let key = IpKey::new(address, Ipv6Prefix::default());
        let whereabouts = match self.cache.find(key) {
            Found::Fresh(whereabouts) => {
                tally.hit();
                return whereabouts;
            }
            Found::Held(whereabouts) => whereabouts,
            Found::Old(whereabouts) => {
                self.want(key, jobs);
                whereabouts
            }
        };
        if whereabouts == Whereabouts::NotYet {
            tally.miss();
        } else {
            tally.stale();
        }
        whereabouts
    }

    /// What is known of `address`. Asks nobody, and counts nothing.
    pub(crate) fn known(&self, address: IpAddr) -> Whereabouts {
        match self.cache.find(IpKey::new(address, Ipv6Prefix::default())) {
            Found::Fresh(known) | Found::Held(known) | Found::Old(known) => known,
        }
    }

    fn want(self: &Arc<Self>, key: IpKey, jobs: &Sender<Job>) {
        let call = match self.admission.admit(key, self.clock.now()) {
            Admitted::Yes(call) => call,
            Admitted::Already => return,
            Admitted::No => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
        };
        let pass = Pass { remote: Arc::clone(self), key, call, stage: Stage::Waiting };
        // There is room for all that are admitted. The task is gone only when the runtime is.
        drop(jobs.try_send(Job::Ask(pass)));
    }

    /// Takes in what the file holds. One that cannot be used is dropped: it is only a cache.
    pub(crate) fn load(&self) {
        let Some(file) = &self.file else { return };
        match file.load(self.clock.now()) {
            Ok(answers) => answers.into_iter().take(MOST).for_each(|answer| self.cache.put(answer)),
            Err(error) => log_dropped(file, &error),
        }
    }

    /// Writes what the file does not hold. Blocks.
    pub(crate) fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.changed.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let saved = file.save(self.cache.answers(), self.clock.now());
        if saved.is_err() {
            self.changed.store(true, Ordering::Release);
        }
        let was_unwritable = self.unwritable.swap(saved.is_err(), Ordering::AcqRel);
        drop(saving);
        if let Err(error) = &saved
            && !was_unwritable
        {
            log_unwritable(error);
        }
        saved
    }

    fn answered(&self, key: IpKey, location: Option<Location>) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        let location = location.map(|mut location| {
            // Whoever says so: names are kept as long as they are used.
            location.region = location.region.as_deref().and_then(place_name);
            location.city = location.city.as_deref().and_then(place_name);
            location
        });
        self.cache.learn(key, location.filter(|location| !location.is_empty()));
        self.changed.store(true, Ordering::Release);
    }

    fn failed(&self, key: IpKey, error: ProviderError) {
        self.cache.failed(key);
        self.failures.fetch_add(1, Ordering::Relaxed);
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

// === impl Pass ===

impl Pass {
    /// Whether it may still be asked.
    pub(crate) fn begin(&mut self) -> bool {
        let may = self.remote.admission.begin(self.call, self.remote.clock.now());
        if may {
            self.stage = Stage::Asking;
            self.remote.calls.fetch_add(1, Ordering::Relaxed);
        }
        may
    }

    /// Asks, for no longer than the timeout.
    pub(crate) async fn ask(mut self) {
        let asked = self.remote.provider.ask(self.key.network());
        let answer = timeout(self.remote.timeout, asked).await;
        self.end(answer.unwrap_or(Err(ProviderError::Timeout)));
    }

    fn end(&mut self, answer: Result<Option<Location>, ProviderError>) {
        self.stage = Stage::Ended;
        let remote = &self.remote;
        let outcome = match answer {
            Ok(location) => {
                remote.answered(self.key, location);
                Ok(())
            }
            Err(error) => {
                remote.failed(self.key, error);
                Err(error)
            }
        };
        let (now, answered) = (remote.clock.now(), outcome.map_err(drop));
        match remote.admission.ended(self.key, self.call, answered, now) {
            Change::Nothing => {}
            Change::Degraded => log_degraded(outcome.err()),
            Change::Recovered => log_recovered(),
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        match (self.stage, self.call) {
            (Stage::Ended, _) => {}
            (Stage::Waiting, Call::Usual) => {
                self.remote.dropped.fetch_add(1, Ordering::Relaxed);
                self.remote.admission.withdrawn(self.key);
            }
            // A probe must come to something, or there is never another one.
            (Stage::Waiting, Call::Probe) => {
                self.remote.admission.withdrawn(self.key);
                self.end(Err(ProviderError::GivenUp));
            }
            (Stage::Asking, _) => self.end(Err(ProviderError::GivenUp)),
        }
    }
}

fn log_degraded(error: Option<ProviderError>) {
    let error = error.map(|error| error.to_string());
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "geo.degraded",
        error = error.as_deref(),
        "the provider of locations fails; it is not asked for 30 s, and what was known is used"
    );
}

fn log_recovered() {
    tracing::info!(target: SECURITY_TARGET, event = "geo.recovered", "the provider of locations answers again");
}

fn log_dropped(file: &CacheFile, error: &Unusable) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "geo.cache.dropped",
        path = %file.path().display(),
        error = error.to_string().as_str(),
        "the cache of locations cannot be used, and is begun anew"
    );
}

fn log_unwritable(error: &io::Error) {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "geo.cache.unwritable",
        error = error.to_string().as_str(),
        "the cache of locations cannot be written"
    );
}
