//! Which credential a request presents.

use palisade_core::{
    Access, CredentialKind, CredentialPlace, Presented, Route, RouteTag, TokenDigest,
};
use palisade_test_support::{Ask, head_of};
use proptest::prelude::*;

fn stream() -> Route {
    Route::new("stream", Access::Admin).with_tags([RouteTag::STREAM])
}

fn find(ask: Ask) -> Presented {
    Presented::find(&head_of(ask), Some(&stream()))
}

fn token(ask: Ask) -> String {
    find(ask).one().unwrap().token().expose().to_owned()
}

#[test]
fn a_bearer_token_is_found_whatever_the_case_of_the_scheme() {
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        assert_eq!(token(Ask::get("/").header("authorization", format!("{scheme} abc"))), "abc");
    }
    assert_eq!(token(Ask::get("/").header("authorization", "Bearer   abc")), "abc");
}

#[test]
fn j3_no_other_scheme_is_taken_for_a_bearer_token() {
    for value in [
        "Basic x.y.z",
        "Bearer",
        "Bearer ",
        "Bearerx.y.z",
        "x.y.z",
        "Bearer a b",
        "Bearer a,b",
        "",
        "DPoP a",
    ] {
        assert!(
            matches!(find(Ask::get("/").header("authorization", value)), Presented::Unusable),
            "{value}"
        );
    }
    assert!(matches!(
        find(Ask::get("/").header("authorization", b"Bearer \xff")),
        Presented::Unusable
    ));
}

#[test]
fn two_credentials_are_never_reduced_to_one() {
    let several = [
        Ask::get("/").bearer("a").bearer("b"),
        Ask::get("/").bearer("a").bearer("a"),
        Ask::get("/").bearer("a").header("x-api-key", "k"),
        Ask::get("/").header("x-api-key", "k").header("x-api-key", "l"),
        Ask::get("/?token=b").bearer("a"),
        Ask::get("/?token=a&token=b"),
        Ask::get("/?token=a").header("authorization", "Basic x"),
    ];
    for ask in several {
        let shown = format!("{ask:?}");
        assert!(matches!(find(ask), Presented::Several), "{shown}");
    }
}

#[test]
fn the_query_counts_on_stream_routes_alone() {
    let head = head_of(Ask::get("/x?a=1&token=abc"));
    let found = Presented::find(&head, Some(&stream()));
    let credential = found.one().unwrap();
    assert_eq!(
        (credential.place(), credential.kind()),
        (CredentialPlace::Query, CredentialKind::Bearer)
    );
    for route in [None, Some(Route::new("other", Access::Public))] {
        assert!(matches!(Presented::find(&head, route.as_ref()), Presented::Nothing));
    }
}

#[test]
fn a_token_does_not_print() {
    let found = find(Ask::get("/").bearer("secret-token"));
    assert!(!format!("{found:?}").contains("secret-token"));
}

#[test]
fn a_digest_is_sha256_and_reads_its_own_text() {
    let digest = TokenDigest::of("abc");
    assert_eq!(
        digest.to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(TokenDigest::from_hex(&digest.to_string().to_uppercase()), Some(digest));
    for text in ["", "ba", &"g".repeat(64), &"0".repeat(65), &"é".repeat(32)] {
        assert_eq!(TokenDigest::from_hex(text), None);
    }
}

proptest! {
    /// Law: no header value makes the search panic, and what is found is a part of what was sent.
    #[test]
    fn any_header_is_judged(value in proptest::collection::vec(0x20_u8..=0xff, 0..64)) {
        let Ok(value) = http::HeaderValue::from_bytes(&value) else { return Ok(()) };
        if let Some(credential) = find(Ask::get("/").header("authorization", &value)).one() {
            prop_assert!(value.to_str().unwrap().ends_with(credential.token().expose()));
        }
    }
}
