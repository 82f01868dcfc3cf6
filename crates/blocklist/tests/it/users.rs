//! Users, asked behind authentication.

use http::StatusCode;
use palisade_blocklist::{BlockedUsersPolicy, SharedBlocklist};
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
