//! Refusals of authentication, in the name of a realm.

use std::time::Duration;

use palisade_core::{Code, Realm, Rejection, RejectionKind, ViolationKind};

use crate::TokenError;

const WRONG_SCHEME: Code =
    Code::new("invalid-token.scheme", "The credential is not a usable bearer token");

/// When to try again where nobody can judge a token now. The first keys are tried to be fetched this often.
pub(crate) const RETRY: Duration = Duration::from_secs(5);
/// When to try again after too many wrong tokens: the next one is computed within a second, whatever the budget.
const A_SECOND: Duration = Duration::from_secs(1);
/// 401: a token that is not valid; a violation, unless it has expired. 503, and no violation: one that nobody can judge now.
/// 429: one that nobody did, because the client's quota of wrong ones is used up, which is a violation like that of any
/// other quota.
pub(crate) fn refused(realm: &Realm, error: TokenError) -> Rejection {
    if error == TokenError::TooManyFailures {
        return Rejection::new(RejectionKind::LimitExceeded, error.code())
            .retry_after(A_SECOND)
            .violated_policy("invalid-tokens")
            .violation(ViolationKind::RateLimit);
    }
    if error.is_unavailable() {
        return Rejection::new(RejectionKind::Unavailable, error.code()).retry_after(RETRY);
    }
    let refused = realm.invalid_token(error.code());
    if error == TokenError::Expired { excused(&refused) } else { refused }
}

/// The same, and no violation. A page that stayed open asks with a token that was good, a few times at once: that must not
/// ban all who share its address. Nobody guesses by it, for what has expired is refused before its signature is looked at.
fn excused(refused: &Rejection) -> Rejection {
    let again = Rejection::new(refused.kind(), refused.code());
    let headers = refused.headers().iter();
    headers.fold(again, |again, (name, value)| again.header(name.clone(), value.clone()))
}

/// 401: a credential of another scheme, or one that does not parse.
pub(crate) fn wrong_scheme(realm: &Realm) -> Rejection {
    realm.invalid_token(WRONG_SCHEME)
}
