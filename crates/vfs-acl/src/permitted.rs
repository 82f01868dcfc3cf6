//! The proof that a request may do what it wants to.

use palisade_core::SecurityContext;

use crate::{AclHandle, Action, Caller, Organisation, Standing, VfsPath};

/// The proof that the request was allowed to do `action` with `path`, attached to the
/// [context](palisade_core::SecurityContext::attached).
///
/// [`VfsPolicy`](crate::VfsPolicy) alone makes it. A handler opens the path that is in here and never derives one from
/// the request again: then what was decided about is what is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permitted {
    path: VfsPath,
    action: Action,
}

impl Permitted {
    pub(crate) fn new(path: VfsPath, action: Action) -> Self {
        Self { path, action }
    }

    /// The path.
    pub fn path(&self) -> &VfsPath {
        &self.path
    }

    /// The action.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Follows whether the request of `context` is still allowed, while its answer is sent: what is revoked ends an open
    /// download too.
    pub fn standing(&self, acl: &AclHandle, context: &SecurityContext) -> Standing {
        let organisation = context.attached::<Organisation>();
        let mut caller = Caller::from(context.identity());
        if let Some(organisation) = &organisation {
            caller = caller.acting_for(organisation.as_str());
        }
        acl.standing(caller, &self.path, self.action)
    }
}
