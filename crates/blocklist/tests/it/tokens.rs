//! Tokens: raw ones work, digests are better, and no raw one is ever shown.

use http::Response;
use palisade_blocklist::{Blocklist, BlocklistPolicy, SharedBlocklist};
use palisade_core::{Rejection, TokenDigest};
use palisade_test_support::{Ask, Body};

use crate::{context, is_blocked, list};

const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYWxsb3J5In0.c2lnbmF0dXJl";

fn present(list: &SharedBlocklist, ask: Ask) -> Response<Body> {
    ask.context(&context("192.0.2.1")).policies(BlocklistPolicy::new(list.clone()))
}

#[test]
fn a_token_is_refused_by_itself_and_by_its_digest() {
    let digest = format!("sha256:{}", TokenDigest::of(TOKEN));
    for entry in [TOKEN.to_owned(), digest.clone(), digest.to_uppercase().replace("SHA", "sha")] {
        let list = list(&format!(r#"{{"blockedTokens": ["{entry}"]}}"#)).into();
        let answer = present(&list, Ask::get("/").bearer(TOKEN));
        assert!(is_blocked(&answer), "{entry}");
        let reason = answer.extensions().get::<Rejection>().unwrap().private_reason().unwrap();
        assert_eq!(reason, format!("token: {digest}"), "the log holds the digest alone");
        assert!(is_blocked(&present(&list, Ask::get("/").header("x-api-key", TOKEN))));
        assert!(!is_blocked(&present(&list, Ask::get("/").bearer("another"))));
        assert!(!is_blocked(&present(&list, Ask::get("/"))));
    }
}

#[test]
fn no_message_and_no_debug_print_repeats_a_token() {
    let wrong = [
        format!(r#"{{"blockedTokens": ["Bearer {TOKEN}"]}}"#),
        format!(r#"{{"blockedTokens": ["{TOKEN} "]}}"#),
        format!(r#"{{"blockedTokens": ["sha256:{TOKEN}"]}}"#),
        format!(r#"{{"blockedTokens": "{TOKEN}"}}"#),
        format!(r#"{{"blockedTokens": {{"{TOKEN}": 1}}}}"#),
        format!(r#"{{"blockedTokens": [["{TOKEN}"]]}}"#),
        format!(r#"{{"blockedTokens": [{{"{TOKEN}": true}}]}}"#),
        format!(r#"{{"blockedTokens": [{{"value": "x", "expires": "{TOKEN}"}}]}}"#),
        format!(r#"{{"blockedTokens": [{{"value": ["{TOKEN}"]}}]}}"#),
        format!(r#"{{"blockedIPs": ["{TOKEN}"]}}"#),
        format!(r#"{{"blockedCountries": ["{TOKEN}"]}}"#),
        format!(r#"{{"{TOKEN}": []}}"#),
        format!(r#""{TOKEN}""#),
    ];
    for json in wrong {
        let error = Blocklist::parse(&json, "test.json").unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("c2lnbmF0dXJl"), "{told} repeats the token of {json}");
    }
    let list = list(&format!(r#"{{"blockedTokens": ["{TOKEN}"]}}"#));
    assert!(!format!("{list:?}").contains("eyJ"));
}
