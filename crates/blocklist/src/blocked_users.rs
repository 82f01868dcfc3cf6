//! The decision about the user, which can only be made once the user is known.

use http::request;
use palisade_core::{Policy, SecurityContext, Verdict};

use crate::SharedBlocklist;

/// Refuses a proven identity that is on the list: by its subject, or by its subject and issuer. Stands right behind
/// authentication.
///
/// The safelist does not count here: it exempts an address, and a user is blocked wherever he comes from.
#[derive(Clone, Debug)]
pub struct BlockedUsersPolicy {
    list: SharedBlocklist,
}

impl BlockedUsersPolicy {
    /// Judges by `list`, and by whatever replaces it.
    pub fn new(list: impl Into<SharedBlocklist>) -> Self {
        Self { list: list.into() }
    }
}

impl Policy for BlockedUsersPolicy {
    fn name(&self) -> &'static str {
        "blocked-users"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let Some(identity) = context.identity() else { return Verdict::Pass };
        match self.list.load().blocked_user(identity, context.arrived().wall()) {
            Some(hit) => self.list.refuse(&hit),
            None => Verdict::Pass,
        }
    }
}
