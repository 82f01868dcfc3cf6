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
    let tickets_alone = stream().with_tags([RouteTag::TICKET_ONLY]);
    for route in [None, Some(Route::new("other", Access::Public)), Some(tickets_alone)] {
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

/// A token of RFC 7515 appendix A.3, signed by ES256, without its signature.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
/// Its signature there, and what becomes of it when (r, s) is made (r, n − s).
const SIGNED: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const TWIN: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmU69fgrc8OPGycO0lD3tat_FoFp57SETepkeks4eL_QfA";

/// The digests under which a token may be known, and the one that it has in common with its twin.
fn digests(text: &str) -> (Vec<TokenDigest>, TokenDigest) {
    let found = find(Ask::get("/").bearer(text));
    let token = found.one().unwrap().token();
    assert_eq!(token.digest(), token.digests().next().unwrap());
    (token.digests().copied().collect(), token.common_digest())
}

#[test]
fn j11_an_ecdsa_token_is_known_by_the_digest_of_its_twin() {
    let r = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
    let one = format!("a.b.{r}{}B", "A".repeat(63));
    let order_less_one = "________________________________x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSly";
    for (token, twin) in [
        (format!("{ES256}.{SIGNED}"), format!("{ES256}.{TWIN}")),
        (one, format!("a.b.{r}{order_less_one}")),
    ] {
        let (own, other) = (TokenDigest::of(&token), TokenDigest::of(&twin));
        assert_eq!(digests(&token), (vec![own, other], own.min(other)));
        assert_eq!(digests(&twin), (vec![other, own], own.min(other)));
    }
}

#[test]
fn what_has_no_twin_is_known_by_its_own_digest_alone() {
    let (zeros, shorter) = ("A".repeat(86), "A".repeat(85));
    // The order of the group itself, and bits behind the end: no signatures.
    let order =
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD_____AAAAAP__________vOb6racXnoTzucrC_GMlUQ";
    let odd = SIGNED.replace("NU1Q", "NU1R");
    let hs256 = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for signature in [&*zeros, &shorter, order, &odd, hs256, "", &SIGNED.replace('-', "+")] {
        let token = format!("{ES256}.{signature}");
        assert_eq!(digests(&token), (vec![TokenDigest::of(&token)], TokenDigest::of(&token)));
    }
    for text in [SIGNED, "a-key", "."] {
        assert_eq!(digests(text).0, [TokenDigest::of(text)]);
    }
}

proptest! {
    /// Law: whatever stands where a signature stands, a token is known by its own digest and at most one other.
    #[test]
    fn any_signature_has_at_most_one_twin(
        signature in "[A-Za-z0-9_-]{85}[AQgw]|[A-Za-z0-9_-]{128}|[A-Za-z0-9_-]{0,130}",
    ) {
        let token = format!("a.b.{signature}");
        let (known, common) = digests(&token);
        prop_assert_eq!(known[0], TokenDigest::of(&token));
        prop_assert!(known.len() <= 2 && known.contains(&common));
    }

    /// Law: no header value makes the search panic, and what is found is a part of what was sent.
    #[test]
    fn any_header_is_judged(value in proptest::collection::vec(0x20_u8..=0xff, 0..64)) {
        let Ok(value) = http::HeaderValue::from_bytes(&value) else { return Ok(()) };
        if let Some(credential) = find(Ask::get("/").header("authorization", &value)).one() {
            prop_assert!(value.to_str().unwrap().ends_with(credential.token().expose()));
        }
    }
}
