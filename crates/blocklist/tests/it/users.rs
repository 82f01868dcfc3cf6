//! Users, asked behind authentication.

use http::StatusCode;
use palisade_blocklist::{BlockedUsersPolicy, Blocklist, Entry, SharedBlocklist};
use palisade_core::{Identity, IdentityKind, Rejection};
use palisade_test_support::Ask;

use crate::{context, list};

#[test]
fn a_listed_subject_is_refused_byte_for_byte() {
    let file = r#"{"blockedUserIds": ["malicious-user-uuid"], "safeIPs": ["192.0.2.1"]}"#;
    let list = SharedBlocklist::new(list(file));
    let status = |subject: Option<&str>| {
        let context = context("192.0.2.1");
        if let Some(subject) = subject {
            context.learn_identity(Identity::new(subject, IdentityKind::Jwt));
        }
        let answer =
            Ask::get("/").context(&context).policies(BlockedUsersPolicy::new(list.clone()));
        let reason = answer.extensions().get::<Rejection>().and_then(Rejection::private_reason);
        (answer.status(), reason.map(str::to_owned))
    };
    let refused = (StatusCode::FORBIDDEN, Some("user: malicious-user-uuid".to_owned()));
    assert_eq!(status(Some("malicious-user-uuid")), refused, "also from a safe address");
    for other in [Some("Malicious-user-uuid"), Some("malicious-user-uuid "), Some(""), None] {
        assert_eq!(status(other), (StatusCode::OK, None), "{other:?}");
    }
    assert_eq!(list.hits().users, 1);
}

#[test]
fn an_entry_with_an_issuer_means_the_subject_of_that_issuer_alone() {
    let file = r#"{"blockedUserIds": [
        "mallory",
        {"value": "alice", "issuer": "https://one.example", "reason": "fraud"},
        {"value": "mallory", "issuer": "https://two.example", "expires": "2026-01-01T00:00:00Z"},
        {"value": "carol", "reason": "everywhere"},
        {"value": "carol", "issuer": "https://one.example", "reason": "here"}
    ]}"#;
    let list = SharedBlocklist::new(list(file));
    assert_eq!(list.status().entries.users, 5);
    for (subject, issuer, reason) in [
        ("alice", Some("https://one.example"), Some("user: alice of https://one.example (fraud)")),
        ("alice", Some("https://two.example"), None),
        ("alice", Some("https://one.example/"), None),
        ("alice", None, None),
        ("mallory", Some("https://one.example"), Some("user: mallory")),
        ("mallory", Some("https://two.example"), Some("user: mallory")),
        ("mallory", None, Some("user: mallory")),
        ("carol", Some("https://one.example"), Some("user: carol of https://one.example (here)")),
        ("carol", Some("https://two.example"), Some("user: carol (everywhere)")),
        ("bob", Some("https://one.example"), None),
    ] {
        let context = context("192.0.2.1");
        let identity = Identity::new(subject, IdentityKind::Jwt);
        context.learn_identity(match issuer {
            Some(issuer) => identity.issued_by(issuer),
            None => identity,
        });
        let answer =
            Ask::get("/").context(&context).policies(BlockedUsersPolicy::new(list.clone()));
        let told = answer.extensions().get::<Rejection>().and_then(Rejection::private_reason);
        assert_eq!(told, reason, "{subject} of {issuer:?}");
    }
}

#[test]
fn an_issuer_that_can_block_nobody_is_a_mistake() {
    for (json, part) in [
        (r#"{"blockedUserIds": [{"value": "a", "issuer": ""}]}"#, "is not a valid issuer"),
        (r#"{"blockedUserIds": [{"value": "a", "issuer": " x"}]}"#, "without spaces around it"),
        (r#"{"blockedUserIds": [{"value": "a", "issuer": 7}]}"#, "expected a string"),
        (r#"{"blockedUserIds": [{"value": "a", "Issuer": "x"}]}"#, "did you mean `issuer`?"),
        (r#"{"blockedIPs": [{"value": "192.0.2.1", "issuer": "x"}]}"#, "`issuer`"),
    ] {
        let told = Blocklist::parse(json, "x").unwrap_err().to_string();
        assert!(told.contains(part), "{json}: {told}");
    }
    let wrong = Blocklist::builder().block_ip(Entry::new("192.0.2.1").issuer("x")).build();
    assert!(wrong.unwrap_err().to_string().contains("only the entry of a user has one"));
}

#[test]
fn a_token_in_the_place_of_a_user_or_an_issuer_is_not_repeated() {
    let token = "eyJhbGciOiJub25lIn0.".repeat(3);
    let with = |user: &str| Blocklist::parse(format!("{{\"blockedUserIds\": [{user}]}}"), "x");
    for wrong in [
        with(&format!("\" {token}\"")).unwrap_err().to_string(),
        with(&format!("{{\"value\": \"a\", \"issuer\": \"{token} \"}}")).unwrap_err().to_string(),
        Blocklist::builder()
            .block_token(Entry::new("t").issuer(&*token))
            .build()
            .unwrap_err()
            .to_string(),
    ] {
        assert!(wrong.contains("`…` is not a valid ") && !wrong.contains("eyJ"), "{wrong}");
    }
    let short = with("\"alice \"").unwrap_err().to_string();
    assert!(short.contains("`alice ` is not a valid user id"), "{short}");
}
