//! The API keys of this server, in a file that the command line changes as well, also while the server runs.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade::{
    authn_api_key::{ApiKeys, KeyFormat, KeyId},
    core::{Clock, ConfigError, IdentityKind, SECURITY_TARGET},
    users::Revocations,
};
use tokio::{task::JoinSet, time::interval};

use crate::settings::{Environment, Settings};

/// How often it is looked whether somebody else wrote the file.
const LOOK: Duration = Duration::from_millis(500);
/// So many looks apart, it is written down when keys were last used.
const LOOKS_PER_FLUSH: u32 = 600;

/// The API keys of this server. Clones share them.
#[derive(Clone, Debug)]
pub struct ApiKeyFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    keys: ApiKeys,
    path: PathBuf,
    /// Whether what is in the file is in force.
    is_current: AtomicBool,
    seen: Mutex<Seen>,
}

/// What was last seen.
#[derive(Debug)]
struct Seen {
    file: Option<Version>,
    /// What was last written down, or read.
    uses: Vec<(KeyId, SystemTime)>,
    /// Whether the last attempt to write failed, which was told then.
    is_failing: bool,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Version {
    modified: Option<SystemTime>,
    len: u64,
    /// Each version is another file, renamed over the one before.
    inode: u64,
}

/// Looks after the file until it is dropped.
#[derive(Debug)]
#[must_use = "the file is looked after until this is dropped"]
pub struct ApiKeyWatch {
    _tasks: JoinSet<()>,
}

/// The keys that `settings` name. Blocks.
///
/// # Errors
///
/// A file that cannot be used.
pub fn open(settings: &Settings, clock: &Clock) -> Result<ApiKeys, ConfigError> {
    let environment = match settings.environment {
        Environment::Development => "test",
        Environment::Production => "live",
    };
    let format = KeyFormat::new("palisade", environment)?;
    ApiKeys::builder(format).file(&settings.api_keys_file).clock(clock.clone()).build()
}

// === impl ApiKeyFile ===

impl ApiKeyFile {
    /// Opens the file that `settings` name. Blocks.
    ///
    /// # Errors
    ///
    /// If it cannot be used.
    pub fn open(settings: &Settings, clock: &Clock) -> Result<Self, ConfigError> {
        let keys = open(settings, clock)?;
        let seen = Mutex::new(Seen { file: None, uses: uses(&keys), is_failing: false });
        let (path, is_current) = (settings.api_keys_file.clone(), AtomicBool::new(true));
        Ok(Self { inner: Arc::new(Inner { keys, path, is_current, seen }) })
    }

    /// The keys.
    pub fn keys(&self) -> &ApiKeys {
        &self.inner.keys
    }

    /// Whether what is in the file is in force.
    pub fn is_current(&self) -> bool {
        self.inner.is_current.load(Ordering::Relaxed)
    }

    /// Takes over what others write into the file, and ends the streams that keys opened when they did. Within a runtime.
    pub fn watch(&self, revocations: &Revocations) -> ApiKeyWatch {
        let mut tasks = JoinSet::new();
        tasks.spawn(look_after(self.clone(), revocations.clone()));
        ApiKeyWatch { _tasks: tasks }
    }

    /// Writes down when keys were last used, if any was used since, and whatever could not be written when it was taken away.
    /// Blocks.
    pub fn flush(&self) {
        let uses = uses(self.keys());
        let is_needless = self.keys().is_written() && self.seen(|seen| seen.uses == uses);
        let written = if is_needless { Ok(()) } else { self.keys().flush() };
        let was_failing = self.seen(|seen| {
            if written.is_ok() {
                seen.uses = uses;
            }
            std::mem::replace(&mut seen.is_failing, written.is_err())
        });
        if let Err(error) = written
            && !was_failing
        {
            tracing::error!(target: SECURITY_TARGET, event = "api-keys.unwritten", %error, "API keys could not be written");
        }
    }

    /// Takes over what somebody else wrote. Returns whether something changed. Blocks.
    fn look(&self) -> bool {
        let file = self.version();
        let is_new = self.seen(|seen| std::mem::replace(&mut seen.file, file)) != file;
        // What could not be read may be readable now: a key that was revoked must not live on for a moment's failure.
        if !is_new && self.is_current() {
            return false;
        }
        let reloaded = self.keys().reload();
        self.inner.is_current.store(reloaded.is_ok(), Ordering::Relaxed);
        if let Err(error) = &reloaded
            && is_new
        {
            tracing::error!(target: SECURITY_TARGET, event = "api-keys.refused", %error, "the file of API keys cannot be used; the keys stay as they were");
        }
        reloaded.unwrap_or(false)
    }

    fn version(&self) -> Option<Version> {
        let metadata = fs::symlink_metadata(&self.inner.path).ok()?;
        Some(Version {
            modified: metadata.modified().ok(),
            len: metadata.len(),
            inode: inode(&metadata),
        })
    }

    /// Nothing in here can be left half written, so a poisoned lock is as good as another.
    fn seen<T>(&self, see: impl FnOnce(&mut Seen) -> T) -> T {
        see(&mut self.inner.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// When each of the keys was last used that was used at all.
fn uses(keys: &ApiKeys) -> Vec<(KeyId, SystemTime)> {
    keys.list().into_iter().filter_map(|key| Some((key.id, key.last_used?))).collect()
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &fs::Metadata) -> u64 {
    0
}

async fn look_after(file: ApiKeyFile, revocations: Revocations) {
    let mut looks = interval(LOOK);
    let mut until_flush = LOOKS_PER_FLUSH;
    loop {
        looks.tick().await;
        until_flush = until_flush.saturating_sub(1);
        let (file, is_time) = (file.clone(), until_flush == 0);
        // A disk may be slow, and others share this thread.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = file.look();
            // A key that was revoked must not come back with a restart for a moment's failure.
            if is_time || !file.keys().is_written() {
                file.flush();
            }
            changed
        });
        if is_time {
            until_flush = LOOKS_PER_FLUSH;
        }
        if matches!(looked.await, Ok(true)) {
            tracing::info!(target: SECURITY_TARGET, event = "api-keys.changed", "somebody else changed the API keys");
            // Which key opened a stream is not known here: whoever still has a good one comes back.
            revocations.end_streams(|who| who.kind() == IdentityKind::ApiKey);
        }
    }
}
