//! What a refused client is told (RFC 6750 section 3).

use palisade_authn_jwt::{AdminOnly, OptionalAuth, StrictAuth};
use palisade_core::{Policies, Realm, Rejection, ViolationKind};
use palisade_test_support::Ask;
use serde_json::json;

use crate::fixture::{NOW, claims_with, token, verifier};

/// Status, challenge, and whether it counts against the client.
fn answer(ask: Ask, policies: impl Policies) -> (u16, String, bool) {
    let answer = ask.policies(policies);
    let rejection = answer.extensions().get::<Rejection>().expect("a refusal");
    let challenge =
        answer.headers().get("www-authenticate").map_or("", |value| value.to_str().unwrap());
    let counts = rejection.violation_kind() == Some(ViolationKind::AuthFailure);
    (answer.status().as_u16(), challenge.to_owned(), counts)
}

fn strict() -> StrictAuth {
    StrictAuth::new(verifier()).realm(Realm::new("my api").expect("a realm"))
}

#[test]
fn a_missing_token_is_no_error_of_the_client() {
    let expected = (401, "Bearer realm=\"my api\"".to_owned(), false);
    assert_eq!(answer(Ask::get("/"), strict()), expected);
    assert_eq!(answer(Ask::get("/").header("x-api-key", "k"), strict()), expected);
    let admin = AdminOnly::new().everywhere().realm(Realm::new("my api").unwrap());
    assert_eq!(answer(Ask::get("/"), admin), expected);
}

#[test]
fn an_invalid_token_is_told_what_is_wrong_with_it() {
    let expired = token(&claims_with(json!({"exp": NOW - 3_600 * 24 * 365})));
    for (token, description, counts) in [
        ("a.b.c", "The token is malformed", true),
        // A page that stayed open over night is no attack.
        (expired.as_str(), "The token has expired", false),
        (
            "eyJhbGciOiJub25lIn0.e30.",
            "The token is signed with an algorithm that is not accepted",
            true,
        ),
    ] {
        let challenge = format!(
            "Bearer realm=\"my api\", error=\"invalid_token\", error_description=\"{description}\""
        );
        assert_eq!(answer(Ask::get("/").bearer(token), strict()), (401, challenge, counts));
    }
}

#[test]
fn a_token_that_has_expired_is_no_violation_and_one_that_is_forged_is() {
    let expired = token(&claims_with(json!({"exp": NOW - 3_600 * 24 * 365})));
    let forged = format!("{}AAAA", &expired[..expired.len() - 4]);
    // Its signature is not looked at, so a guesser learns nothing from an expired one either.
    let read = |token: &str| answer(Ask::get("/").bearer(token), strict());
    assert_eq!(read(&expired), read(&forged));
    assert_eq!((read(&expired).0, read(&expired).2), (401, false));
    let good = token(&claims_with(json!({"exp": NOW + 3_600 * 24 * 365 * 20})));
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    assert_eq!((read(&forged).0, read(&forged).2), (401, true));
}

#[test]
fn another_scheme_is_an_invalid_token() {
    let (status, challenge, counts) =
        answer(Ask::get("/").header("authorization", "Basic YTpi"), strict());
    assert_eq!((status, counts), (401, true));
    assert!(
        challenge.starts_with("Bearer realm=\"my api\", error=\"invalid_token\""),
        "{challenge}"
    );
}

#[test]
fn two_credentials_are_an_invalid_request() {
    let ask = Ask::get("/").bearer("a.b.c").header("x-api-key", "k");
    let (status, challenge, counts) = answer(ask, OptionalAuth::new(verifier()));
    assert_eq!((status, counts), (400, false));
    assert!(
        challenge.starts_with("Bearer realm=\"api\", error=\"invalid_request\""),
        "{challenge}"
    );
}

#[test]
fn nothing_a_client_sent_is_echoed() {
    let marker = "bWFya2Vy";
    let (_, challenge, _) =
        answer(Ask::get("/").bearer(&format!("{marker}.{marker}.{marker}")), strict());
    assert!(!challenge.contains(marker));
}

#[test]
fn every_description_is_within_the_characters_that_are_allowed() {
    use palisade_authn_jwt::TokenError as E;
    let all = [
        E::TooLong,
        E::Malformed,
        E::Critical,
        E::Algorithm,
        E::Type,
        E::UnknownKey,
        E::Signature,
        E::Expired,
        E::NotYetValid,
        E::Issuer,
        E::Audience,
        E::Subject,
        E::Rejected,
        E::KeysUnavailable,
        E::AuthUnavailable,
        E::TooManyFailures,
    ];
    for error in all {
        let is_allowed = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        assert!(error.description().bytes().all(is_allowed));
        let expected = match error {
            E::KeysUnavailable => "keys-unavailable",
            E::AuthUnavailable => "auth-unavailable",
            E::TooManyFailures => "quota-exceeded",
            _ => "invalid-token",
        };
        assert_eq!(error.code().problem(), expected);
        assert_eq!(error.is_unavailable(), expected.ends_with("-unavailable"));
        assert_eq!(error.to_string(), error.description());
    }
}
