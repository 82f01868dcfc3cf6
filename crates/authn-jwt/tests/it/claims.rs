//! What becomes of a token's claims.

use palisade_authn_jwt::{Claims, Issuer, RoleClaims, StrictAuth, Verified, Verifier};
use palisade_core::{IdentityKind, ManualClock, SecurityContext};
use palisade_test_support::Ask;
use serde_json::{Value, json};

use crate::fixture::{ISSUER, NOW, at, claims_with, issuer, keys, now, token, verdict, verifier};

fn verified(changes: Value) -> Verified {
    verifier().verify(&token(&claims_with(changes)), now()).expect("a good token")
}

fn roles(changes: Value) -> Vec<String> {
    verified(changes).identity().roles().map(str::to_owned).collect()
}

#[test]
fn an_identity_is_subject_issuer_and_end() {
    let verified = verified(json!({"sub": "Ålice 🦊", "plan": "pro"}));
    let identity = verified.identity();
    assert_eq!(identity.subject(), "Ålice 🦊");
    assert_eq!(identity.issuer(), Some(ISSUER));
    assert_eq!(identity.kind(), IdentityKind::Jwt);
    assert_eq!(identity.expiry(), Some(at(NOW + 3600)));
    assert_eq!(identity.quota_plan(), Some("pro"));
}

#[test]
fn an_identity_says_when_its_token_was_issued_if_the_token_does() {
    let issued = |changes| verified(changes).identity().issue_time();
    assert_eq!(issued(json!({})), Some(at(NOW)));
    assert_eq!(issued(json!({"iat": NOW - 60})), Some(at(NOW - 60)));
    assert_eq!(issued(json!({"iat": 0})), Some(at(0)));
    assert_eq!(issued(json!({"iat": null})), None);
    // What is remembered says so too.
    let (verifier, token) = (verifier(), token(&claims_with(json!({"iat": NOW - 60}))));
    for _ in 0..3 {
        let verified = verifier.authenticate(&token, ManualClock::new().now()).unwrap();
        assert_eq!(verified.identity().issue_time(), Some(at(NOW - 60)));
    }
}

#[test]
fn roles_are_strings_or_arrays_of_four_claims() {
    assert_eq!(roles(json!({})), Vec::<String>::new());
    assert_eq!(roles(json!({"role": "admin"})), ["admin"]);
    assert_eq!(roles(json!({"roles": ["a", "b", "a", ""]})), ["a", "b"]);
    assert_eq!(roles(json!({"app_metadata": {"role": "x", "roles": ["y"]}})), ["y", "x"]);
    let metadata = json!({"roles": ["c", "b", "", "d"]});
    let again = json!({"roles": ["b", "a", "b"], "role": "a", "app_metadata": metadata});
    assert_eq!(roles(again), ["b", "a", "c", "d"]);
    assert_eq!(roles(json!({"roles": {"admin": true}})), Vec::<String>::new());
    assert_eq!(roles(json!({"roles": [1, true, null, ["admin"]]})), Vec::<String>::new());
    assert_eq!(roles(json!({"roles": "admin user"})), ["admin user"]);
}

#[test]
fn what_users_write_themselves_grants_nothing() {
    assert_eq!(
        roles(json!({"user_metadata": {"role": "admin", "roles": ["admin"]}})),
        Vec::<String>::new()
    );
}

#[test]
fn roles_come_from_the_claims_that_were_named() {
    let claims =
        RoleClaims::none().claim("https://x.example/roles").nested("realm_access", "roles");
    let verifier = Verifier::new(issuer().roles(claims)).unwrap();
    let token = token(&claims_with(json!({
        "roles": ["admin"],
        "https://x.example/roles": "a",
        "realm_access": {"roles": ["b"]},
    })));
    let verified = verifier.verify(&token, now()).unwrap();
    assert_eq!(verified.identity().roles().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn scopes_are_split_at_spaces() {
    let scopes = |changes| {
        let verified = verified(changes);
        verified.identity().scopes().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(scopes(json!({"scope": "read  write"})), ["read", "write"]);
    assert_eq!(scopes(json!({"scp": ["read", "write"]})), ["read", "write"]);
    assert_eq!(scopes(json!({"scp": "read"})), ["read"]);
    assert_eq!(scopes(json!({"scope": 7})), Vec::<String>::new());
}

#[test]
fn a_subject_must_name_someone() {
    for wrong in [
        json!(null),
        json!(""),
        json!("  "),
        json!(7),
        json!(["a"]),
        json!("a\nb"),
        json!("a\u{0}"),
        json!("a".repeat(1025)),
    ] {
        assert_eq!(verdict(&token(&claims_with(json!({"sub": wrong})))), "subject", "{wrong}");
    }
}

#[test]
fn an_issuer_must_be_the_one_byte_for_byte() {
    for wrong in [json!(null), json!(""), json!("https://id.example/"), json!("HTTPS://id.example")]
    {
        assert_eq!(verdict(&token(&claims_with(json!({"iss": wrong})))), "issuer", "{wrong}");
    }
    assert_eq!(verdict(&token(&claims_with(json!({"iss": [ISSUER]})))), "malformed");
    let any = Verifier::new(Issuer::any_name(keys()).accept_any_audience()).unwrap();
    let verified = any.verify(&token(&claims_with(json!({"iss": "x"}))), now()).unwrap();
    assert_eq!(verified.identity().issuer(), Some("x"));
    let verified = any.verify(&token(&claims_with(json!({"iss": null}))), now()).unwrap();
    assert_eq!(verified.identity().issuer(), None);
}

#[test]
fn handlers_find_the_claims_in_the_context() {
    let context = SecurityContext::new(ManualClock::new().now());
    let claims = claims_with(json!({"email": "alice@example.org", "level": 3}));
    let ask = Ask::get("/").bearer(&token(&claims)).context(&context);
    assert_eq!(ask.policies(StrictAuth::new(verifier())).status(), 200);
    let attached: Claims = context.attached().unwrap();
    assert_eq!(attached.get("email"), Some("alice@example.org"));
    assert_eq!(attached.get("level"), None);
    assert_eq!(attached.json(), claims.to_string());
    assert_eq!(context.identity().unwrap().subject(), "alice");
}

#[test]
fn nothing_that_prints_shows_a_token_or_a_secret() {
    let verifier = verifier();
    let token = token(&claims_with(json!({"email": "alice@example.org"})));
    let verified = verifier.authenticate(&token, ManualClock::new().now()).unwrap();
    let shown = format!("{verifier:?} {verified:?} {:?} {:?}", issuer(), keys());
    for secret in ["forty bytes", "alice@", &token, "102, 111, 114"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
