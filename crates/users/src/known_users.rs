//! The decision about a user: whether he exists, is let in, and what he may do today.

use std::time::Duration;

use http::request;
use palisade_core::{Code, Policy, Realm, Rejection, RejectionKind, SecurityContext, Verdict};

use crate::{
    User, UserDirectory,
    directory::{Answer, Lookup},
};

const UNKNOWN_USER: Code = Code::new("invalid-token.unknown-user", "The user is not known");
const USERS_UNAVAILABLE: Code =
    Code::new("users-unavailable", "Users cannot be looked up at the moment");

/// Refuses a proven identity whose user is unknown or disabled, and gives the others the roles they have today. Stands
/// behind authentication.
#[derive(Clone, Debug)]
pub struct KnownUsersPolicy<D> {
    directory: D,
    realm: Realm,
}

// === impl KnownUsersPolicy ===

impl<D: UserDirectory> KnownUsersPolicy<D> {
    /// Looks users up in `directory`.
    #[must_use]
    pub fn new(directory: D) -> Self {
        Self { directory, realm: Realm::default() }
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }
}

impl<D: UserDirectory> Policy for KnownUsersPolicy<D> {
    fn name(&self) -> &'static str {
        "known-users"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let Some(identity) = context.identity() else { return Verdict::Pass };
        match self.directory.find(identity, context.arrived()) {
            Lookup::Known(answer) => judge(answer, context, &self.realm).into(),
            Lookup::Wait(answer) => {
                let (context, realm) = (context.clone(), self.realm.clone());
                Verdict::Wait(Box::pin(async move { judge(answer.await, &context, &realm) }))
            }
        }
    }
}

/// Unknown and disabled look alike: who asks does not learn which.
fn judge(answer: Answer, context: &SecurityContext, realm: &Realm) -> Result<(), Rejection> {
    let refuse = |reason: &str| Err(realm.invalid_token(UNKNOWN_USER).reason(reason));
    match answer {
        Ok(None) => refuse("there is no such user"),
        Ok(Some(user)) if user.is_disabled() => refuse("the user is disabled"),
        Ok(Some(user)) => {
            confirm(&user, context);
            context.attach(user);
            Ok(())
        }
        Err(error) => Err(Rejection::new(RejectionKind::Unavailable, USERS_UNAVAILABLE)
            .retry_after(Duration::from_secs(1))
            .reason(error.to_string())),
    }
}

/// Replaces the roles of the credential, where they are others.
fn confirm(user: &User, context: &SecurityContext) {
    let Some(identity) = context.identity() else { return };
    if !user.roles_of(identity).eq(identity.roles()) {
        context.confirm_roles(user.roles_of(identity));
    }
}
