//! Which answers would tell a secret by their length (threat H8: BREACH).

use http::Method;
use palisade::{
    HoldsNoSecret, NeverCompress,
    core::{Access, Identity, IdentityKind, Route},
};
use palisade_test_support::{Ask, context};

use crate::{
    said::{behind, br, is_coded, plain},
    site::Site,
};

/// Whether an answer to such a request is coded if its handler says nothing of it.
fn cases() -> Vec<(&'static str, Ask, bool)> {
    let site = |ask: Ask, site: &str| ask.header("sec-fetch-site", site);
    let cookie = |target| br(target).header("cookie", "lang=en; session=4711");
    let post = || Ask::method(Method::POST, "/x").header("accept-encoding", "br");
    let known = || {
        let context = context();
        context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
        br("/x").context(&context)
    };
    vec![
        ("anybody", br("/x"), true),
        ("anybody who asks something", br("/x?q=1"), true),
        ("anybody who sends something", post(), true),
        ("a token", br("/x").bearer("t"), true),
        ("a token from another site's page", site(br("/x").bearer("t"), "cross-site"), true),
        ("a token and a query", br("/x?q=1").bearer("t"), false),
        ("a token and an empty query", br("/x?").bearer("t"), false),
        ("a token and a body", post().bearer("t"), false),
        (
            "a token and a query from our own page",
            site(br("/x?q=1").bearer("t"), "same-origin"),
            false,
        ),
        ("a key", br("/x").header("x-api-key", "k"), true),
        ("a key and a query", br("/x?q=1").header("x-api-key", "k"), false),
        ("a password", br("/x").header("authorization", "Basic YTpi"), false),
        (
            "a password from our own page",
            site(br("/x").header("authorization", "Basic YTpi"), "same-origin"),
            true,
        ),
        ("a cookie", cookie("/x"), false),
        ("a cookie from our own page", site(cookie("/x"), "same-origin"), true),
        ("a cookie from the address bar", site(cookie("/x"), "none"), true),
        ("a cookie from another site's page", site(cookie("/x"), "cross-site"), false),
        ("a cookie from a sister's page", site(cookie("/x"), "same-site"), false),
        ("a cookie and a query from our own page", site(cookie("/x?q=1"), "same-origin"), false),
        (
            "a cookie in a second line",
            br("/x").header("cookie", "pm_sid=1").header("cookie", "s=1"),
            false,
        ),
        ("a visit", br("/x?q=1").header("cookie", "pm_sid=4711"), true),
        ("a visit by TLS", br("/x?q=1").header("cookie", "__Host-pm_sid=4711; "), true),
        ("a cookie that begins like a visit", br("/x").header("cookie", "pm_sid2=1"), false),
        ("a cookie without a name", br("/x").header("cookie", "=secret"), true),
        ("somebody known by other means", known(), false),
        ("the same on our own page", site(known(), "same-origin"), true),
    ]
}

#[test]
fn h8_a_secret_is_not_compressed_beside_what_somebody_else_may_have_put_there() {
    for (who, ask, coded) in cases() {
        let answer = behind(ask, &plain(&[]));
        assert_eq!(is_coded(&answer), coded, "{who}");
        // Somebody else's is.
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{who}");
    }
}

#[test]
fn h8_the_handler_knows_better_what_is_secret() {
    for (who, ask, _) in cases() {
        assert!(
            is_coded(&behind(ask, &plain(&[("cache-control", "max-age=60, public")]))),
            "{who}"
        );
    }
    for (who, ask, _) in cases() {
        assert!(is_coded(&behind(ask, &plain(&[]).extension(HoldsNoSecret))), "{who}");
    }
    let never = plain(&[("cache-control", "public")]).extension(HoldsNoSecret);
    for (who, ask, _) in cases() {
        assert!(!is_coded(&behind(ask, &never.clone().extension(NeverCompress))), "{who}");
    }
    let context = context();
    context.learn_route(Route::new("/inbox", Access::Public).with_tags([NeverCompress::TAG]));
    assert!(!is_coded(&behind(br("/inbox").context(&context), &plain(&[]))));
}

#[test]
fn h8_in_the_whole_stack_a_token_and_a_body_keep_the_answer_plain() {
    let site = Site::new();
    let alice = site.token("alice", &["admin"]);
    let ask = |ask: Ask| {
        site.time.advance(std::time::Duration::from_secs(61));
        site.ask(ask.bearer(&alice).header("accept-encoding", "br"))
    };
    let order = ask(Ask::method(Method::POST, "/api/admin/bans"));
    assert_eq!((order.status(), order.header("content-encoding")), (200, None));
    assert_eq!(order.header("vary"), Some("accept-encoding, origin"));
    let book = ask(Ask::get("/api/admin/bans"));
    assert_eq!((book.status(), book.header("content-encoding")), (200, Some("br")));
    assert_eq!(ask(Ask::get("/api/admin/bans?who=a")).header("content-encoding"), None);
}
