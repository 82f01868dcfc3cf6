//! The certificate in force, and its replacement while the server runs.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use palisade::core::{Clock, SECURITY_TARGET};
use rustls::ServerConfig;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use super::{
    Certificate, TlsMistake,
    certificate::Age,
    loaded::{Files, Loaded},
    self_signed,
};
use crate::{app::StartError, settings::TlsSettings};

/// How often the files are read. They are small; the system's events would come sooner, and not where the files are on another
/// machine, or two links away, as Kubernetes has them.
const LOOK: Duration = Duration::from_millis(400);

/// The certificate in force. Clones share it.
#[derive(Clone, Debug)]
pub struct Certificates {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Files,
    clock: Clock,
    in_force: ArcSwap<Loaded>,
    /// Why what is in the files is not in force.
    failure: ArcSwapOption<TlsMistake>,
    seen: Mutex<Seen>,
}

/// What was last seen.
#[derive(Debug)]
struct Seen {
    /// What is in force.
    in_force: [u8; 32],
    /// What could not be used when it was seen last.
    failed: Option<TlsMistake>,
    age: Age,
}

/// How it is.
#[derive(Clone, Debug)]
pub struct CertificatesStatus {
    /// Why what is in the files is not in force, if it is not.
    pub failure: Option<Arc<TlsMistake>>,
    /// Whether what is in force counts now: clients refuse what has ended.
    pub counts: bool,
}

/// Looks at the files until it is dropped.
#[derive(Debug)]
#[must_use = "the files are looked at until this is dropped"]
pub struct CertificatesWatch {
    _tasks: JoinSet<()>,
}

// === impl Certificates ===

impl Certificates {
    /// Reads the files that `settings` name; makes a self-signed certificate where that is what they say. Blocks.
    ///
    /// # Errors
    ///
    /// Files that cannot be used.
    pub fn open(settings: &TlsSettings, clock: &Clock) -> Result<Self, StartError> {
        let now = clock.now().wall();
        if let Some(folder) = settings.source.self_signed_in() {
            self_signed::ensure(folder, now)?;
        }
        let files = Files::of(settings);
        let contents = files.read()?;
        let loaded = Loaded::new(&files, &contents, now)?;
        tell(&loaded, LOADED_EVENT);
        let age = loaded.certificate.age(now);
        let seen = Mutex::new(Seen { in_force: contents.digest(), failed: None, age });
        let in_force = ArcSwap::from_pointee(loaded);
        let (clock, failure) = (clock.clone(), ArcSwapOption::empty());
        Ok(Self { inner: Arc::new(Inner { files, clock, in_force, failure, seen }) })
    }

    /// What the next connection is served by.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.inner.in_force.load().config)
    }

    /// The certificate in force.
    pub fn certificate(&self) -> Certificate {
        self.inner.in_force.load().certificate.clone()
    }

    /// Where it is, if this server made it.
    pub fn self_signed(&self) -> Option<&Path> {
        self.inner.files.self_signed()
    }

    /// How it is.
    pub fn status(&self) -> CertificatesStatus {
        let now = self.inner.clock.now().wall();
        let age = self.inner.in_force.load().certificate.age(now);
        CertificatesStatus {
            failure: self.inner.failure.load_full(),
            counts: matches!(age, Age::Good | Age::NearEnd),
        }
    }

    /// Takes over what is written into the files. Within a runtime.
    pub fn watch(&self) -> CertificatesWatch {
        let mut tasks = JoinSet::new();
        tasks.spawn(look_after(self.clone()));
        CertificatesWatch { _tasks: tasks }
    }

    /// Reads the files, and takes over what is in them if it is new and can be used. Blocks.
    fn look(&self) {
        let Inner { files, clock, in_force, failure, seen } = &*self.inner;
        let now = clock.now().wall();
        // Nothing in here can be left half written, so a poisoned lock is as good as another.
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let read = files.read().map(|contents| (contents.digest(), contents));
        let found = match &read {
            Ok((digest, _)) if *digest == seen.in_force => Ok(None),
            Ok((digest, contents)) => {
                Loaded::new(files, contents, now).map(|loaded| Some((*digest, loaded)))
            }
            Err(mistake) => Err(mistake.clone()),
        };
        match found {
            Ok(new) => {
                seen.failed = None;
                failure.store(None);
                if let Some((digest, loaded)) = new {
                    seen.in_force = digest;
                    tell(&loaded, CHANGED_EVENT);
                    in_force.store(Arc::new(loaded));
                }
            }
            // A certificate and its key are two files: who replaces them is seen in between, and what is half done is no
            // mistake until it stays.
            Err(mistake) if seen.failed.as_ref() != Some(&mistake) => seen.failed = Some(mistake),
            Err(mistake) => self.fail(mistake),
        }
        let age = in_force.load().certificate.age(now);
        if std::mem::replace(&mut seen.age, age) != age && age != Age::Good {
            let end = in_force.load().certificate.not_after();
            tracing::warn!(target: SECURITY_TARGET, event = "tls.ends", %end, "the certificate in force ends soon, or has ended: renew it");
        }
    }

    /// Keeps what is in force, and says why once.
    fn fail(&self, mistake: TlsMistake) {
        let known = self.inner.failure.load_full();
        if known.as_deref() != Some(&mistake) {
            tracing::error!(target: SECURITY_TARGET, event = "tls.refused", %mistake, "the certificate, its key or TLS_CLIENT_CA cannot be used; what was read before stays in force");
            self.inner.failure.store(Some(Arc::new(mistake)));
        }
    }
}

/// What was read at the start.
const LOADED_EVENT: &str = "tls.loaded";
/// What was read because the files changed.
const CHANGED_EVENT: &str = "tls.changed";

/// Says what is in force from now on.
fn tell(loaded: &Loaded, event: &str) {
    let Loaded { certificate, warnings, .. } = loaded;
    let (subject, serial) = (certificate.subject(), certificate.serial());
    let end = certificate.not_after();
    tracing::info!(target: SECURITY_TARGET, event, subject, serial, %end, "a certificate is in force");
    for warning in warnings {
        tracing::warn!(target: SECURITY_TARGET, event = "tls.warning", "{warning}");
    }
}

async fn look_after(certificates: Certificates) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let certificates = certificates.clone();
        // A disk may be slow, and others share this thread. What panics in there was reported by the panic hook.
        drop(tokio::task::spawn_blocking(move || certificates.look()).await);
    }
}
