//! Checkpoints of the log of what was done: signed, and added to a file from time to time.

use std::{
    error::Error,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::core::{Clock, SECURITY_TARGET};
use palisade_audit::{Checkpoint, CheckpointFile, SigningKey, SinkError};
use palisade_database::{AuditLog as _, Caller, Database};
use tokio::{
    task::JoinSet,
    time::{interval, timeout},
};

use crate::{
    app::StartError,
    settings::{CheckpointSettings, Settings},
};

/// How far they are apart.
const EVERY: Duration = Duration::from_mins(5);
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes checkpoints. Clones share what was made last.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    key: SigningKey,
    file: CheckpointFile,
    database: Database,
    clock: Clock,
    /// The last record of the last one.
    last: AtomicU64,
}

/// Makes checkpoints until it is dropped.
#[derive(Debug)]
#[must_use = "checkpoints are made until this is dropped"]
pub(crate) struct CheckpointTimer {
    _tasks: JoinSet<()>,
}

/// Why there is none.
#[derive(Debug)]
enum Unmade {
    /// The log is not what was signed before.
    Alarm(SinkError),
    /// The database or the file cannot be used now.
    Failed(Box<dyn Error + Send + Sync>),
}

/// Reads the key that `settings` name.
///
/// # Errors
///
/// A file that is none, or that others may read: with the name of the setting.
pub(crate) fn key(settings: &CheckpointSettings) -> Result<SigningKey, StartError> {
    let path = &settings.key;
    let about = |error: &dyn std::fmt::Display| -> StartError {
        format!("AUDIT_SIGNING_KEY_FILE=`{}`: {error}", path.display()).into()
    };
    is_its_owners(path).map_err(|error| about(&error))?;
    let text = fs::read_to_string(path).map_err(|error| about(&error))?;
    text.parse::<SigningKey>().map_err(|error| about(&error))
}

#[cfg(unix)]
fn is_its_owners(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::metadata(path)?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => Err(std::io::Error::other("others may read or write it: `chmod 600`")),
    }
}

#[cfg(not(unix))]
fn is_its_owners(_: &Path) -> std::io::Result<()> {
    Ok(())
}

// === impl Checkpoints ===

impl Checkpoints {
    /// Signs what `settings` say, if they say anything.
    ///
    /// # Errors
    ///
    /// A key that cannot be used.
    pub(crate) fn open(
        settings: &Settings,
        database: &Database,
        clock: &Clock,
    ) -> Result<Option<Self>, StartError> {
        let Some(settings) = &settings.database.checkpoints else { return Ok(None) };
        let (key, file) = (key(settings)?, CheckpointFile::new(&settings.file));
        let (database, clock, last) = (database.clone(), clock.clone(), AtomicU64::new(0));
        Ok(Some(Self { inner: Arc::new(Inner { key, file, database, clock, last }) }))
    }

    /// Makes them from now on. Within a runtime.
    pub(crate) fn start(&self) -> CheckpointTimer {
        let mut tasks = JoinSet::new();
        tasks.spawn(make_them(self.clone()));
        CheckpointTimer { _tasks: tasks }
    }

    /// Makes one, if something was added since the last; what goes wrong is told in the security log.
    pub(crate) async fn make(&self) {
        let made = timeout(PATIENCE, self.try_to_make()).await;
        match made.unwrap_or_else(|_| Err(Unmade::failed("not in time"))) {
            Ok(()) => {}
            Err(Unmade::Alarm(error)) => {
                tracing::error!(target: SECURITY_TARGET, event = "audit.alarm", %error, "the log of what was done is not what was signed before");
            }
            Err(Unmade::Failed(error)) => {
                tracing::error!(target: SECURITY_TARGET, event = "audit.unsigned", %error, "no checkpoint of the log of what was done could be made");
            }
        }
    }

    async fn try_to_make(&self) -> Result<(), Unmade> {
        match self.attempt().await {
            // Another instance may have been faster by a record.
            Err(Unmade::Alarm(SinkError::WentBack { .. })) => self.attempt().await,
            attempted => attempted,
        }
    }

    async fn attempt(&self) -> Result<(), Unmade> {
        let inner = Arc::clone(&self.inner);
        let mut act = inner.database.read_as(Caller::service()).await.map_err(Unmade::failed)?;
        let (log, head) = act.audit_head().await.map_err(Unmade::failed)?;
        drop(act);
        let sequence = head.sequence();
        if sequence == inner.last.load(Ordering::Relaxed) {
            return Ok(());
        }
        let at = inner.clock.now().wall();
        let signed = inner.key.sign(Checkpoint::new(log, head, at));
        let file = inner.file.clone();
        let kept = tokio::task::spawn_blocking(move || file.append(&signed)).await;
        match kept.map_err(Unmade::failed)? {
            Ok(()) => {
                inner.last.store(sequence, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if error.is_alarm() => Err(Unmade::Alarm(error)),
            Err(error) => Err(Unmade::failed(error)),
        }
    }
}

// === impl Unmade ===

impl Unmade {
    fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

async fn make_them(checkpoints: Checkpoints) {
    let mut times = interval(EVERY);
    loop {
        times.tick().await;
        checkpoints.make().await;
    }
}
