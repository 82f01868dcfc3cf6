//! A permission that is used for a while: an open download, a stream of events.

use std::{fmt, time::SystemTime};

use crate::{AclHandle, Action, Because, Caller, VfsPath, caller::Asking};

/// Whether somebody may still do what was allowed when it began. Whoever sends the body of a download asks it before each
/// piece, or once in a while, and ends the body at the first no.
///
/// As long as nobody replaced the rules and the grant has not ended, the answer takes two nanoseconds; else it is decided
/// anew.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use palisade_core::{Identity, IdentityKind};
/// # use palisade_vfs_acl::{Acl, AclHandle, Action, Mount, Principal, Rule, VfsPath};
/// let acl = Acl::builder()
///     .mount(Mount::at("docs"))
///     .rule(Rule::grant("docs", Principal::user("bob"), Action::Read))
///     .build()?;
/// let handle = AclHandle::new(acl);
/// let (bob, report) = (Identity::new("bob", IdentityKind::Jwt), VfsPath::parse("docs/report.pdf")?);
/// let now = SystemTime::UNIX_EPOCH;
///
/// let mut standing = handle.standing(&bob, &report, Action::Read);
/// assert!(standing.holds(now));
/// handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::user("bob"))))?;
/// assert!(!standing.holds(now));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Standing {
    handle: AclHandle,
    asking: Asking,
    path: VfsPath,
    action: Action,
    yes: Option<Yes>,
}

/// What said yes last: the epoch of the snapshot, and how long that holds.
#[derive(Clone, Copy, Debug)]
struct Yes {
    epoch: u64,
    until: Option<SystemTime>,
}

impl AclHandle {
    /// Follows whether `caller` may do `action` with `path`, for as long as it is asked.
    pub fn standing<'a>(
        &self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        action: Action,
    ) -> Standing {
        Standing {
            handle: self.clone(),
            asking: Asking::from(caller.into()),
            path: path.clone(),
            action,
            yes: None,
        }
    }
}

impl Standing {
    /// Whether it is allowed at `now`.
    pub fn holds(&mut self, now: SystemTime) -> bool {
        let is_known = |yes: &Yes| {
            yes.epoch == self.handle.epoch() && yes.until.is_none_or(|until| now < until)
        };
        if self.yes.as_ref().is_some_and(is_known) {
            return true;
        }
        // First the epoch: a snapshot that comes meanwhile is asked once more, and none is taken for a later one.
        let (epoch, acl) = (self.handle.epoch(), self.handle.current());
        let because = acl.decide(self.asking.caller(), &self.path, self.action, now).because();
        let until = match because {
            // Other rules may let it go on then. A denial that ends only gives.
            Because::Grant(rule) => rule.expiry(),
            _ => None,
        };
        self.yes = because.allows().then_some(Yes { epoch, until });
        self.yes.is_some()
    }

    /// The path.
    pub fn path(&self) -> &VfsPath {
        &self.path
    }

    /// The action.
    pub fn action(&self) -> Action {
        self.action
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing")
            .field("path", &self.path)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}
