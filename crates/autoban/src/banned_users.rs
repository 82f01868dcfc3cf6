//! The decision about the user, which can only be made once the user is known.

use http::request;
use palisade_core::{Policy, SecurityContext, Verdict};

use crate::{AutoBan, banned_clients::refuse};

/// Refuses a proven identity whose subject is banned. Stands right behind authentication.
#[derive(Clone, Debug)]
pub struct BannedUsersPolicy {
    auto_ban: AutoBan,
}

impl BannedUsersPolicy {
    /// Judges by `auto_ban`.
    #[must_use]
    pub fn new(auto_ban: AutoBan) -> Self {
        Self { auto_ban }
    }
}

impl Policy for BannedUsersPolicy {
    fn name(&self) -> &'static str {
        "banned-users"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        match (context.identity(), self.auto_ban.banned_user(context)) {
            (Some(identity), Some(found)) => {
                let identity = identity.clone();
                refuse(found, move || format!("user {}", identity.subject()))
            }
            _ => Verdict::Pass,
        }
    }
}
