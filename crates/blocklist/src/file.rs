//! The list in a file: read at the start, read again when it changes.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade_core::{Clock, SECURITY_TARGET};

use crate::{BlocklistError, BlocklistWatch, SharedBlocklist, seen::Seen};

/// Two looks a second, so that a change is in force within one even where no event comes: network file systems, some
/// containers, a folder that is replaced as a whole, lists in folders below.
const LOOK: Duration = Duration::from_millis(500);

/// A blocklist in a file, with the plain lists that it includes. Clones share it.
///
/// At the start a missing file is an empty list and a bad file is an error. Later a bad file, a missing one included,
/// changes nothing but the [status](SharedBlocklist::status): the last good list stays in force. To empty the list,
/// write `{}`. The lists that it includes are part of it: one that is bad or gone is a mistake like any other.
#[derive(Clone, Debug)]
pub struct BlocklistFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    clock: Clock,
    shared: SharedBlocklist,
    /// Held while loading, so that an older version never replaces a newer one.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    seen: Seen,
    error: Option<BlocklistError>,
}

// === impl BlocklistFile ===

impl BlocklistFile {
    /// Reads the list at `path`. `clock` tells when it was loaded.
    ///
    /// # Errors
    ///
    /// A file that is there but cannot be used: it is no regular file, cannot be read, has more than 64 MiB with all that it
    /// includes, or holds a mistake. A server must not start then: it would start with nobody blocked.
    pub fn open(path: impl Into<PathBuf>, clock: Clock) -> Result<Self, BlocklistError> {
        let (path, shared) = (path.into(), SharedBlocklist::default());
        let mut seen = Seen::new(path.clone());
        let list = seen.load().transpose()?.unwrap_or_default();
        shared.loaded(list, Some(clock.now()));
        let state = Mutex::new(State { seen, error: None });
        let file = Self { inner: Arc::new(Inner { path, clock, shared, state }) };
        file.log_loaded(file.state().seen.lists());
        Ok(file)
    }

    /// The list in force, for policies and status.
    #[must_use]
    pub fn shared(&self) -> SharedBlocklist {
        self.inner.shared.clone()
    }

    /// The path it is read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Reads the file and its lists again, and puts them in force if they changed and are good. Blocks: never call it where
    /// requests are answered.
    ///
    /// # Errors
    ///
    /// Why they cannot be used as they are now; the last good list stays in force.
    pub fn reload(&self) -> Result<(), BlocklistError> {
        let mut state = self.state();
        match state.seen.load() {
            None => {}
            Some(Ok(list)) => {
                self.inner.shared.loaded(list, Some(self.inner.clock.now()));
                self.log_loaded(state.seen.lists());
                state.error = None;
            }
            Some(Err(error)) => {
                self.inner.shared.failed(&error, self.inner.clock.now());
                log_failed(&error);
                state.error = Some(error);
            }
        }
        state.error.clone().map_or(Ok(()), Err)
    }

    /// Watches the file and its lists in a thread of its own: a save is in force within a second, also one that replaces the
    /// file by a rename, and also where the system tells of no changes.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn watch(&self) -> Result<BlocklistWatch, BlocklistError> {
        self.watch_every(LOOK)
    }

    /// Watches like [`watch`](Self::watch), but looks by itself only every `interval`, for where that costs: a folder on a
    /// network. What the system tells of at once is still seen at once; the rest within `interval`.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn watch_every(&self, interval: Duration) -> Result<BlocklistWatch, BlocklistError> {
        BlocklistWatch::start(self.clone(), interval)
            .map_err(|error| BlocklistError::io(&self.inner.path.to_string_lossy(), &error))
    }

    /// Whether something looks different from when it was last read, or was read too recently to tell.
    pub(crate) fn may_have_changed(&self) -> bool {
        self.state().seen.may_have_changed()
    }

    /// Does what must be done now and then.
    pub(crate) fn sweep(&self) {
        self.inner.shared.sweep(self.inner.clock.now());
    }

    /// Nothing in here can be left half written that the next load does not replace.
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_loaded(&self, lists: usize) {
        let entries = self.inner.shared.list().counts();
        tracing::info!(
            target: SECURITY_TARGET,
            event = "blocklist.loaded",
            path = %self.inner.path.display(),
            addresses = entries.addresses,
            users = entries.users,
            tokens = entries.tokens,
            countries = entries.countries,
            safe_addresses = entries.safe_addresses,
            lists,
            "blocklist loaded"
        );
    }
}

fn log_failed(error: &BlocklistError) {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "blocklist.refused",
        path = %error.source_name(),
        line = error.line(),
        column = error.column(),
        error = %error,
        "blocklist cannot be used; the last good one stays in force"
    );
}
