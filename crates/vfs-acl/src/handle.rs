//! The snapshot in use, replaced while requests are decided.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;

use crate::Acl;

/// Holds the snapshot in use. Clones share it. A request is decided by one snapshot from its first rule to its last.
#[derive(Clone)]
pub struct AclHandle {
    current: Arc<ArcSwap<Acl>>,
}

impl AclHandle {
    /// Begins with `acl`.
    pub fn new(acl: Acl) -> Self {
        Self { current: Arc::new(ArcSwap::from_pointee(acl)) }
    }

    /// The snapshot in use.
    pub fn current(&self) -> Arc<Acl> {
        self.current.load_full()
    }

    /// Replaces it. The next decision goes by the new one.
    pub fn replace(&self, acl: Acl) {
        self.current.store(Arc::new(acl));
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
