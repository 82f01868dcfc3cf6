//! The snapshot in use, replaced while requests are decided.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use palisade_core::ConfigError;

use crate::{Acl, AclBuilder};

/// Holds the snapshot in use. Clones share it. A request is decided by one snapshot from its first rule to its last; what
/// takes longer asks [`epoch`](Self::epoch) now and then, as [`Standing`](crate::Standing) and
/// [`Listing`](crate::Listing) do.
#[derive(Clone)]
pub struct AclHandle {
    shared: Arc<Shared>,
}

struct Shared {
    current: ArcSwap<Acl>,
    /// How often it was replaced. It grows after the snapshot was replaced: who reads it first never takes an old snapshot
    /// for a new one.
    epoch: AtomicU64,
    /// Held by whoever makes the next one from this one.
    changing: Mutex<()>,
}

/// A snapshot, and when it was taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) acl: Arc<Acl>,
    epoch: u64,
}

// === impl AclHandle ===

impl AclHandle {
    /// Begins with `acl`.
    pub fn new(acl: Acl) -> Self {
        let (current, epoch) = (ArcSwap::from_pointee(acl), AtomicU64::new(0));
        Self { shared: Arc::new(Shared { current, epoch, changing: Mutex::new(()) }) }
    }

    /// The snapshot in use.
    pub fn current(&self) -> Arc<Acl> {
        self.shared.current.load_full()
    }

    /// A number that grows with each replacement. As long as it stays, so does all that does not depend on the time: it is
    /// one load.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch.load(Ordering::Acquire)
    }

    /// Replaces it. The next decision goes by the new one.
    pub fn replace(&self, acl: Acl) {
        let _changing = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.store(acl);
    }

    /// Replaces it by what `change` makes of it. Changes at the same time come one after another: none is lost.
    ///
    /// ```
    /// # use palisade_vfs_acl::{Acl, AclHandle, Mount, Principal, Rule};
    /// let handle = AclHandle::new(Acl::builder().mount(Mount::at("docs")).build()?);
    /// handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::user("mallory"))))?;
    /// assert_eq!((handle.current().rules(), handle.epoch()), (1, 1));
    /// # Ok::<(), palisade_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`AclBuilder::build`]; then it stays as it is.
    pub fn change(&self, change: impl FnOnce(AclBuilder) -> AclBuilder) -> Result<(), ConfigError> {
        let _changing = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(self.current().change()).build()?;
        self.store(changed);
        Ok(())
    }

    fn store(&self, acl: Acl) {
        self.shared.current.store(Arc::new(acl));
        self.shared.epoch.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn take(&self) -> Taken {
        let epoch = self.epoch();
        Taken { acl: self.current(), epoch }
    }
}

impl From<Acl> for AclHandle {
    fn from(acl: Acl) -> Self {
        Self::new(acl)
    }
}

impl fmt::Debug for AclHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AclHandle").field("current", &self.current()).finish()
    }
}

// === impl Taken ===

impl Taken {
    /// Whether it is the one in use.
    pub(crate) fn is_current(&self, handle: &AclHandle) -> bool {
        self.epoch == handle.epoch()
    }

    /// Takes the one in use.
    pub(crate) fn refresh(&mut self, handle: &AclHandle) {
        if !self.is_current(handle) {
            *self = handle.take();
        }
    }
}
