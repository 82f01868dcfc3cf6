//! J3 and J9: what a request presents, and which route it is for.

use palisade_authn_jwt::{AdminOnly, OptionalAuth, StrictAuth, Verifier};
use palisade_core::{Access, ManualClock, Policies, Rejection, Route, SecurityContext};
use palisade_test_support::Ask;

use super::Findings;
use crate::fixture::{claims, token, verifier};

/// What a request gets: the status, and the code if it is refused.
pub(crate) type Answer = (u16, Option<&'static str>);

/// Answers a request.
pub(crate) type Judge = fn(Ask) -> Answer;

/// Answers requests with a token for routes of a class, and remembers the tokens.
pub(crate) type Door = Box<dyn Fn(&str, Access) -> u16>;

/// Our policy.
pub(crate) fn ours(ask: Ask) -> Answer {
    let answer = ask.context(&context()).policies(StrictAuth::new(verifier()));
    let rejection = answer.extensions().get::<Rejection>();
    (answer.status().as_u16(), rejection.map(|rejection| rejection.code().as_str()))
}

/// Our policies in front of routes that ask for a role.
pub(crate) fn our_door() -> Door {
    door_of(verifier())
}

fn door_of(verifier: Verifier) -> Door {
    Box::new(move |token: &str, access: Access| {
        let context = context();
        context.learn_route(Route::new("x", access));
        let policies = OptionalAuth::new(verifier.clone()).then(AdminOnly::new());
        Ask::get("/").bearer(token).context(&context).policies(policies).status().as_u16()
    })
}

fn context() -> SecurityContext {
    SecurityContext::new(ManualClock::new().now())
}

/// Other schemes, values that are no token, and two credentials.
pub(crate) fn j3(judge: Judge) -> Findings {
    let (mut found, token) = (Findings::default(), token(&claims()));
    let with = |value: &str| judge(Ask::get("/").header("authorization", value));
    found.check("bEaReR", with(&format!("bEaReR {token}")), (200, None));
    let wrong_scheme = (401, Some("invalid-token.scheme"));
    for scheme in ["Basic", "Token", "JWT", "BearerX", "Bearer,"] {
        found.check(scheme, with(&format!("{scheme} {token}")), wrong_scheme);
    }
    for value in [token.as_str(), "Bearer", "Bearer ", &format!("Bearer {token} {token}")] {
        found.check(value, with(value), wrong_scheme);
    }
    let ambiguous = (400, Some("ambiguous-credentials"));
    let ask = || Ask::get("/").bearer(&token);
    found.check("two tokens", judge(ask().bearer(&token)), ambiguous);
    found.check("a key beside", judge(ask().header("x-api-key", "key")), ambiguous);
    found
}

/// A token without a role, on a route that needs none and on one that needs one.
pub(crate) fn j9(open: fn() -> Door) -> Findings {
    let (mut found, door, token) = (Findings::default(), open(), token(&claims()));
    let (anybody, admins) = (Access::Authenticated, Access::Admin);
    found.check("at first", door(&token, anybody), 200);
    found.check("for admins", door(&token, admins), 403);
    found.check("as at first", door(&token, anybody), 200);
    found
}

#[test]
fn j3_only_the_bearer_scheme_and_exactly_one_credential() {
    assert_eq!(j3(ours), Findings::default());
}

#[test]
fn j9_a_remembered_token_is_still_checked_for_the_role_of_another_route() {
    assert_eq!(j9(our_door), Findings::default());
    // It is remembered indeed.
    let (verifier, token) = (verifier(), token(&claims()));
    let door = door_of(verifier.clone());
    assert_eq!((door(&token, Access::Authenticated), verifier.remembered()), (200, 1));
    assert_eq!((door(&token, Access::Admin), verifier.remembered()), (403, 1));
}
