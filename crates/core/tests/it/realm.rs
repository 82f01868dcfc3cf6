//! Challenges in the name of what is protected.

use http::header::WWW_AUTHENTICATE;
use palisade_core::{Code, Realm, Rejection, RejectionKind};

fn challenge(rejection: &Rejection) -> (RejectionKind, &str, &str) {
    let challenge = rejection.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    (rejection.kind(), rejection.code().as_str(), challenge)
}

#[test]
fn each_refusal_has_the_challenge_of_rfc_6750() {
    let realm = Realm::new("my api").unwrap();
    let of = "Bearer realm=\"my api\"";
    assert_eq!(
        challenge(&realm.credentials_required()),
        (RejectionKind::Unauthenticated, "credentials-required", of)
    );
    let said = format!(
        "{of}, error=\"invalid_request\", error_description=\"More than one credential was presented\""
    );
    assert_eq!(
        challenge(&realm.ambiguous_credentials()),
        (RejectionKind::Malformed, "ambiguous-credentials", &*said)
    );
    let said = format!("{of}, error=\"invalid_token\", error_description=\"Too old\"");
    assert_eq!(
        challenge(&realm.invalid_token(Code::new("invalid-token.old", "Too old"))),
        (RejectionKind::Unauthenticated, "invalid-token.old", &*said)
    );
    let said = format!(
        "{of}, error=\"insufficient_scope\", error_description=\"The scope this needs is not yours\", \
         scope=\"posts:read posts:write\""
    );
    assert_eq!(
        challenge(&realm.insufficient_scope(&["posts:read", "posts:write"])),
        (RejectionKind::Forbidden, "insufficient-scope", &*said)
    );
    let default = Realm::default().credentials_required();
    assert_eq!(challenge(&default).2, "Bearer realm=\"api\"");
}

#[test]
fn h5_a_realm_that_could_end_the_header_does_not_build() {
    for wrong in ["", "a\r\nSet-Cookie: x=1", "a\"", "a\\", "a\0", "é", "a\u{7f}", &"a".repeat(129)]
    {
        assert!(Realm::new(wrong).is_err(), "{wrong}");
    }
    for good in ["api", "my api, v2; beta", &"a".repeat(128)] {
        assert!(Realm::new(good).is_ok(), "{good}");
    }
}

#[test]
fn h5_what_could_end_the_challenge_leaves_it_bare() {
    let bare = "Bearer realm=\"api\"";
    let realm = Realm::default();
    for title in ["a\"b", "a\\b", "a\nb", "a\tb", "é"] {
        let rejection = realm.invalid_token(Code::new("invalid-token.strange", title));
        assert_eq!(challenge(&rejection).2, bare, "{title}");
    }
    for scope in ["a\", x=\"b", "a\r\nb", "a\\", "lecture:é"] {
        assert_eq!(challenge(&realm.insufficient_scope(&[scope])).2, bare, "{scope}");
    }
}
