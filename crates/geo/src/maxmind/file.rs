//! The database in a file: read at the start, read again when it is replaced.

use std::{
    mem,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use palisade_core::{Clock, Location, Moment, SECURITY_TARGET};

use super::{MaxmindError, MaxmindWatch, loaded::Loaded, stamp::Stamp};
use crate::{DatabaseStatus, LocationDatabase};

/// How often the watch looks by itself, where the system tells of no changes.
const LOOK: Duration = Duration::from_secs(2);
/// When a file that could not be read is tried again, although it looks as it did: a full disk says nothing of the file.
const AGAIN: Duration = Duration::from_secs(60);

/// A database of cities or countries in a file of `MaxMind`'s format: `GeoLite2`, `GeoIP2`, or of somebody else who writes it. Clones
/// share it.
///
/// At the start, a file that cannot be used is an error. Later, it changes nothing but the [status](LocationDatabase::status): the
/// database that was in force stays so. Replace the file by a rename, as `geoipupdate` does; one that is written in place is seen
/// half written, and refused, until it is whole.
///
/// What is mapped into memory is a private copy without a name, so nobody who writes to the file or truncates it can harm the
/// process (see `palisade-mapped-file`).
#[derive(Clone, Debug)]
pub struct MaxmindFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    copies: PathBuf,
    clock: Clock,
    loaded: ArcSwap<Loaded>,
    /// Held while loading, which takes many seconds of a large file: so that an older version never replaces a newer one. Whoever
    /// asks how it is doing never waits for it.
    loading: Mutex<Loading>,
    /// Held for a moment only.
    told: Mutex<Told>,
    /// Whether the newest version could not be used.
    failed: AtomicBool,
}

/// What loading needs.
#[derive(Debug)]
struct Loading {
    /// What the file was when it was last read.
    stamp: Option<Stamp>,
    /// Since when the same file is to be read again, because what was wrong was not the file.
    failed: Option<Moment>,
    /// Versions that requests may still read. They are freed here, and not in a request.
    retired: Vec<Arc<Loaded>>,
}

/// What came of it.
#[derive(Debug)]
struct Told {
    loads: u64,
    at: SystemTime,
    error: Option<MaxmindError>,
}

// === impl MaxmindFile ===

impl MaxmindFile {
    /// Reads and checks the database at `path`, and maps a copy that has no name but lies in the folder `copies`, which needs room
    /// for it. Blocks, for as long as it takes to copy the file and to read all of it.
    ///
    /// # Errors
    ///
    /// A file that is gone, has over 1 GiB, is broken anywhere, or is about something else than cities or countries.
    pub fn open(
        path: impl Into<PathBuf>,
        copies: impl Into<PathBuf>,
        clock: Clock,
    ) -> Result<Self, MaxmindError> {
        let (path, copies) = (path.into(), copies.into());
        // Taken before: what is written meanwhile is seen as a change.
        let stamp = Stamp::of(&path);
        let loaded = Loaded::open(&path, &copies)?;
        let at = clock.now().wall();
        let loading = Mutex::new(Loading { stamp, failed: None, retired: Vec::new() });
        let told = Mutex::new(Told { loads: 1, at, error: None });
        let (loaded, failed) = (ArcSwap::from_pointee(loaded), AtomicBool::new(false));
        let inner = Inner { path, copies, clock, loaded, loading, told, failed };
        let file = Self { inner: Arc::new(inner) };
        file.log_loaded();
        Ok(file)
    }

    /// The path it is read from.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Reads and checks the file again, and puts it in force if it is good. Blocks as [`open`](Self::open) does.
    ///
    /// # Errors
    ///
    /// Why it cannot be used; the database that was in force stays so.
    pub fn reload(&self) -> Result<(), MaxmindError> {
        self.reload_in(&mut self.loading())
    }

    fn reload_in(&self, loading: &mut Loading) -> Result<(), MaxmindError> {
        let before = mem::replace(&mut loading.stamp, Stamp::of(&self.inner.path));
        let opened = Loaded::open(&self.inner.path, &self.inner.copies);
        let now = self.inner.clock.now();
        loading.failed = None;
        match opened {
            Ok(loaded) => {
                loading.retired.push(self.inner.loaded.swap(Arc::new(loaded)));
                loading.free();
                let mut told = self.told();
                (told.at, told.error) = (now.wall(), None);
                self.loaded(told);
                self.log_loaded();
                Ok(())
            }
            Err(error) => {
                // A file that is gone is seen when it is back.
                let may_change = error.is_passing() && loading.stamp.is_some();
                loading.failed = may_change.then_some(now);
                let mut told = self.told();
                let was = told.error.replace(error.clone());
                self.loaded(told);
                // What is tried again and fails as before, every minute, is told once.
                if before != loading.stamp || was.as_ref() != Some(&error) {
                    log_refused(&error);
                }
                Err(error)
            }
        }
    }

    fn loaded(&self, mut told: MutexGuard<'_, Told>) {
        told.loads = told.loads.saturating_add(1);
        self.inner.failed.store(told.error.is_some(), Ordering::Release);
    }

    /// Watches the file in a thread of its own, until what is returned is dropped: a file that is replaced is in force some seconds
    /// later.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn watch(&self) -> Result<MaxmindWatch, MaxmindError> {
        self.watch_every(LOOK)
    }

    /// Watches like [`watch`](Self::watch), but looks by itself only every `interval`. What the system tells of is seen at once.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn watch_every(&self, interval: Duration) -> Result<MaxmindWatch, MaxmindError> {
        MaxmindWatch::start(self.clone(), interval)
            .map_err(|error| MaxmindError::io(&self.inner.path, &error))
    }

    /// Reads the file again if it looks different from when it was last read. Frees what nobody reads any more.
    pub(super) fn look(&self) {
        let mut loading = self.loading();
        loading.free();
        let is_due = loading.failed.is_some_and(|failed| self.inner.clock.since(failed) >= AGAIN);
        if is_due || Stamp::of(&self.inner.path) != loading.stamp {
            // It is logged and in the status; there is nobody here to tell.
            drop(self.reload_in(&mut loading));
        }
    }

    /// Nothing in here is left half changed.
    fn loading(&self) -> MutexGuard<'_, Loading> {
        self.inner.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nor in here.
    fn told(&self) -> MutexGuard<'_, Told> {
        self.inner.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_loaded(&self) {
        let loaded = self.inner.loaded.load();
        let built = loaded.built().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        tracing::info!(
            target: SECURITY_TARGET,
            event = "geo.database.loaded",
            path = %self.inner.path.display(),
            kind = loaded.kind().escape_debug().to_string().as_str(),
            built_unix_seconds = built.as_secs(),
            "database of locations loaded"
        );
    }
}

impl LocationDatabase for MaxmindFile {
    fn locate(&self, address: IpAddr) -> Option<Arc<Location>> {
        self.inner.loaded.load().locate(address)
    }

    fn status(&self) -> Option<DatabaseStatus> {
        let loaded = self.inner.loaded.load();
        let told = self.told();
        Some(DatabaseStatus {
            path: self.inner.path.clone(),
            kind: loaded.kind().to_owned(),
            built: loaded.built(),
            loaded: told.at,
            loads: told.loads,
            error: told.error.as_ref().map(|error| error.message().to_owned()),
        })
    }

    fn is_degraded(&self) -> bool {
        self.inner.failed.load(Ordering::Acquire)
    }
}

// === impl Loading ===

impl Loading {
    /// Frees what nobody reads any more.
    fn free(&mut self) {
        self.retired.retain(|loaded| Arc::strong_count(loaded) > 1);
    }
}

fn log_refused(error: &MaxmindError) {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "geo.database.refused",
        path = %error.path().display(),
        error = error.message(),
        "the database of locations cannot be used; the last good one stays in force"
    );
}
