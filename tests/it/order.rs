//! The documented order, walked: for each step a request that only this step refuses, with the headers of the layers
//! outside on the refusal.

use http::Method;
use palisade::{authn_api_key::NewKey, core::Transport};
use palisade_test_support::Ask;

use crate::{
    page::preflight,
    site::{Answer, ORIGIN, Site, user},
};

/// Every layer outside of CORS has left its mark, and CORS its own.
fn carries_the_outer_layers(answer: &Answer, what: &str) {
    for name in [
        "x-request-id",
        "x-frame-options",
        "content-security-policy",
        "strict-transport-security",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
    ] {
        assert!(answer.header(name).is_some(), "{what}: no {name}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN), "{what}");
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"), "{what}");
    assert!(answer.header("content-encoding").is_none(), "{what}: a refusal is never compressed");
}

fn refused(site: &Site, ask: Ask, status: u16, code: &str) -> Answer {
    let answer = site.ask(ask.header("accept-encoding", "br"));
    assert_eq!((answer.status(), &*answer.code()), (status, code));
    carries_the_outer_layers(&answer, code);
    answer
}

#[test]
fn what_nobody_refuses_reaches_the_handler() {
    let site = Site::new();
    let answer = site.ask(Ask::get("/"));
    assert_eq!((answer.status(), &*answer.body), (200, &b"hello"[..]));
    carries_the_outer_layers(&answer, "200");
}

#[test]
fn step_1_cors_answers_a_preflight_before_anyone_asks_for_a_token() {
    let site = Site::new();
    for path in ["/api/me", "/api/admin/bans", "/api/feed"] {
        // Again and again, from a banned and a blocked address: nothing behind CORS sees it.
        for address in ["198.51.100.1", "198.51.100.2", "192.0.2.1", "192.0.2.1"] {
            let preflight = Ask::method(Method::OPTIONS, path)
                .from(address)
                .header("access-control-request-method", "POST");
            let answer = site.ask(
                preflight.header("access-control-request-headers", "authorization,content-type"),
            );
            assert_eq!(answer.status(), 200, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
            assert_eq!(answer.header("access-control-max-age"), Some("600"));
            assert!(
                answer.header("access-control-allow-headers").unwrap().contains("authorization")
            );
            assert!(answer.header("ratelimit-limit").is_none(), "a preflight costs nothing");
        }
    }
}

#[test]
fn step_1_a_page_of_another_origin_may_not_read() {
    let answer = Site::new().send(Ask::get("/").header("origin", "https://evil.example"));
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (200, None));
    assert!(
        answer
            .head
            .headers
            .get_all("vary")
            .iter()
            .any(|vary| vary.to_str().unwrap().contains("origin"))
    );
}

#[test]
fn before_step_2_a_request_that_names_no_host_or_two_is_400() {
    let site = Site::new();
    let ask = || Ask::get("/").header("origin", ORIGIN).over(Transport::Secure);
    let two = ask().header("host", "a.example").header("host", "b.example");
    for ask in [ask(), two, ask().header("host", "a b")] {
        let answer = site.exactly(ask);
        assert_eq!((answer.status(), &*answer.code()), (400, "malformed-header.host"));
        carries_the_outer_layers(&answer, "malformed-header.host");
    }
}

#[test]
fn a_preflight_that_names_no_host_or_two_is_400_too() {
    let site = Site::new();
    let ask =
        || preflight("PUT", &["authorization"]).header("origin", ORIGIN).over(Transport::Secure);
    let two = ask().header("host", "a.example").header("host", "b.example");
    for ask in [ask(), two, ask().header("host", "a b")] {
        let answer = site.exactly(ask);
        assert_eq!((answer.status(), &*answer.code()), (400, "malformed-header.host"));
        carries_the_outer_layers(&answer, "malformed-header.host");
    }
    assert_eq!(site.exactly(ask().header("host", "a.example")).status(), 200);
}

#[test]
fn who_names_no_host_is_told_who_asks_for_one() {
    let answer = Site::new().exactly(Ask::get("/"));
    let told = String::from_utf8_lossy(&answer.body);
    assert!(told.contains("HTTP/1.1 asks for one (RFC 9112 section 3.2)"), "{told}");
}

#[test]
fn before_step_2_a_path_that_could_be_read_in_two_ways_is_400() {
    let answer = Site::new().ask(Ask::get("/api/%2e%2e/admin/bans"));
    assert_eq!(answer.status(), 400);
    assert!(answer.code().starts_with("ambiguous-path"));
    carries_the_outer_layers(&answer, "ambiguous-path");
}

#[test]
fn step_2_a_blocked_address_is_403() {
    refused(&Site::new(), Ask::get("/").from("198.51.100.1"), 403, "blocked");
}

#[test]
fn step_3_a_banned_address_is_403() {
    refused(&Site::new(), Ask::get("/").from("198.51.100.2"), 403, "banned");
}

#[test]
fn step_4_analytics_sees_what_got_so_far_and_what_is_refused_behind_it() {
    let site = Site::new();
    refused(&site, Ask::get("/").from("198.51.100.1"), 403, "blocked");
    refused(&site, Ask::get("/").from("198.51.100.2"), 403, "banned");
    refused(&site, Ask::get("/api/me"), 401, "credentials-required");
    site.analytics.flush();
    assert_eq!(
        site.analytics.store().summary(&palisade::analytics::Filter::new()).unwrap().requests,
        1,
        "the blocked and the banned were refused before"
    );
}

#[test]
fn step_5_a_bad_token_is_401_on_a_public_route() {
    let site = Site::new();
    let answer = site.ask(Ask::get("/").bearer(&format!("{}x", site.token("bob", &[]))));
    assert_eq!(answer.status(), 401);
    assert!(answer.code().starts_with("invalid-token"));
    assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    carries_the_outer_layers(&answer, "invalid-token");
}

#[test]
fn step_5_a_missing_token_is_401_where_one_is_needed() {
    let answer = refused(&Site::new(), Ask::get("/api/me"), 401, "credentials-required");
    assert!(!answer.header("www-authenticate").unwrap().contains("error"));
}

#[test]
fn step_5_a_ticket_that_is_not_good_is_401_on_a_stream_and_nothing_elsewhere() {
    let site = Site::new();
    refused(&site, Ask::get("/events?ticket=x"), 401, "invalid-token.ticket");
    assert_eq!(site.ask(Ask::get("/?ticket=x")).status(), 200);
    let beside_a_token = Ask::get("/events?ticket=x").bearer("a.b.c");
    refused(&site, beside_a_token, 400, "ambiguous-credentials");
}

#[test]
fn step_5_a_bad_api_key_is_401_on_a_public_route_and_a_good_one_lets_in() {
    let site = Site::new();
    refused(&site, Ask::get("/").header("x-api-key", "guess"), 401, "invalid-api-key");
    let issued = site.api_keys.create(NewKey::owned_by("exporter").role("admin")).unwrap();
    let ask = |path: &str| Ask::get(path).header("x-api-key", issued.text.expose());
    assert_eq!(site.ask(ask("/api/me")).status(), 200);
    // The key names a role that its owner does not have.
    refused(&site, ask("/api/admin/bans"), 403, "insufficient-role");
    refused(&site, ask("/").bearer("a.b.c"), 400, "ambiguous-credentials");
}

#[test]
fn two_tokens_get_the_challenge_of_tokens() {
    let site = Site::new();
    let ask = Ask::get("/events?token=a.b.c").bearer("a.b.c");
    let answer = refused(&site, ask, 400, "ambiguous-credentials");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer realm=\"api\", error=\"invalid_request\""),
        "{challenge}"
    );
}

#[test]
fn behind_step_5_a_token_that_was_taken_back_is_401() {
    let site = Site::new();
    let (alice, bob) = (site.token("alice", &["admin"]), site.token("bob", &[]));
    assert_eq!(site.ask(Ask::get("/").bearer(&alice)).status(), 200);
    site.revocations.revoke(&user("alice"), site.time.now().wall());
    refused(&site, Ask::get("/").bearer(&alice), 401, "invalid-token.revoked");
    assert_eq!(site.ask(Ask::get("/").bearer(&bob)).status(), 200);
}

#[test]
fn behind_step_5_unknown_and_disabled_users_are_401_and_roles_are_those_of_today() {
    let site = Site::new();
    let stranger = site.token("stranger", &["admin"]);
    refused(&site, Ask::get("/").bearer(&stranger), 401, "invalid-token.unknown-user");
    let bob = site.token("bob", &["admin"]);
    refused(&site, Ask::get("/api/admin/bans").bearer(&bob), 403, "insufficient-role");
    assert!(site.users.replace_roles(&user("bob"), ["admin"]));
    assert_eq!(site.ask(Ask::get("/api/admin/bans").bearer(&bob)).status(), 200);
    assert!(site.users.disable(&user("bob")));
    refused(&site, Ask::get("/").bearer(&bob), 401, "invalid-token.unknown-user");
}

#[test]
fn behind_step_5_taken_back_comes_before_unknown_and_unknown_before_blocked() {
    let site = Site::new();
    let mallory = site.token("mallory", &[]);
    refused(&site, Ask::get("/").bearer(&mallory), 403, "blocked");
    assert!(site.users.disable(&user("mallory")));
    refused(&site, Ask::get("/").bearer(&mallory), 401, "invalid-token.unknown-user");
    site.revocations.revoke(&user("mallory"), site.time.now().wall());
    refused(&site, Ask::get("/").bearer(&mallory), 401, "invalid-token.revoked");
}

#[test]
fn behind_step_5_blocked_and_banned_users_are_403_at_once() {
    let site = Site::new();
    refused(&site, Ask::get("/").bearer(&site.token("mallory", &[])), 403, "blocked");
    refused(&site, Ask::get("/").bearer(&site.token("moe", &[])), 403, "banned");
}

#[test]
fn step_6_a_user_is_403_on_an_admin_route() {
    let site = Site::new();
    refused(&site, Ask::get("/api/admin/bans"), 401, "credentials-required");
    refused(
        &site,
        Ask::get("/api/admin/bans").bearer(&site.token("bob", &[])),
        403,
        "insufficient-role",
    );
    assert_eq!(
        site.ask(Ask::get("/api/admin/bans").bearer(&site.token("alice", &["admin"]))).status(),
        200
    );
}

#[test]
fn step_6_a_declared_scope_is_asked_for_and_its_refusal_costs_no_quota() {
    let site = Site::new();
    let key = |order: NewKey| site.api_keys.create(order).unwrap().text.expose().to_owned();
    let plain = key(NewKey::owned_by("exporter"));
    let reader = key(NewKey::owned_by("exporter").scope("posts:read"));
    let ask = |key: &str| Ask::get("/api/export").header("x-api-key", key);
    for _ in 0..2 {
        let answer = refused(&site, ask(&plain), 403, "insufficient-scope");
        assert!(answer.header("www-authenticate").unwrap().contains("scope=\"posts:read\""));
    }
    assert_eq!(site.ask(ask(&reader)).status(), 200);
}

#[test]
fn j9_a_token_that_is_remembered_from_one_route_is_asked_for_the_scope_of_another() {
    let site = Site::new();
    let bob = site.token("bob", &[]);
    let ask = |path: &str| Ask::get(path).bearer(&bob);
    for _ in 0..3 {
        assert_eq!(site.ask(ask("/")).status(), 200);
    }
    let answer = refused(&site, ask("/api/export"), 403, "insufficient-scope");
    assert!(answer.header("www-authenticate").unwrap().contains("scope=\"posts:read\""));
    refused(&site, ask("/api/admin/bans"), 403, "insufficient-role");
    assert_eq!(site.ask(ask("/")).status(), 200);
}

#[test]
fn step_7_asking_too_often_is_429() {
    let site = Site::new();
    assert_eq!(site.ask(Ask::get("/api/feed")).status(), 200);
    let answer = refused(&site, Ask::get("/api/feed"), 429, "quota-exceeded");
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
}

#[test]
fn step_7_comes_behind_step_6_so_a_refused_admin_request_costs_no_quota() {
    let site = Site::new();
    let bob = site.token("bob", &[]);
    refused(&site, Ask::get("/api/admin/bans").bearer(&bob), 403, "insufficient-role");
    assert_eq!(site.ask(Ask::get("/api/feed").bearer(&bob)).status(), 200);
}

#[test]
fn step_7_a_third_request_at_the_same_time_is_429_until_one_of_them_ended() {
    let site = Site::new();
    let first = site.begin(Ask::get("/"));
    let second = site.begin(Ask::get("/"));
    refused(&site, Ask::get("/"), 429, "quota-exceeded");
    assert_eq!(site.ask(Ask::get("/").from("192.0.2.77")).status(), 200, "others have their own");
    drop(first);
    assert_eq!(site.ask(Ask::get("/")).status(), 200, "its body has ended");
    drop(second);
}

#[test]
fn step_8_a_body_over_the_limit_is_413() {
    let site = Site::new();
    let answer = refused(
        &site,
        Ask::method(Method::POST, "/upload").header("content-length", "11"),
        413,
        "content-too-large",
    );
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn step_8_a_body_over_the_limit_that_does_not_say_so_is_413_too() {
    refused(
        &Site::new(),
        Ask::method(Method::POST, "/upload").body("eleven byte"),
        413,
        "content-too-large",
    );
}

#[test]
fn step_8_a_coded_body_is_415() {
    let ask = Ask::method(Method::POST, "/upload").header("content-encoding", "gzip");
    let answer = refused(&Site::new(), ask, 415, "unsupported-content-coding");
    assert_eq!(answer.header("accept-encoding"), Some("identity"));
}

#[test]
fn step_9_what_the_handler_does_not_know_is_404_and_405() {
    let site = Site::new();
    let bob = site.token("bob", &[]);
    // Unmatched is protected: without an identity nobody learns whether a route exists.
    refused(&site, Ask::get("/nothing"), 401, "credentials-required");
    refused(&site, Ask::get("/nothing").bearer(&bob), 404, "not-found");
    let answer =
        refused(&site, Ask::method(Method::DELETE, "/").bearer(&bob), 405, "method-not-allowed");
    assert!(answer.header("allow").unwrap().contains("GET"));
}

#[test]
fn paths_that_two_parsers_read_differently_count_as_violations_and_the_sixth_bans() {
    let site = Site::new();
    for _ in 0..6 {
        let answer = site.ask(Ask::get("/files/..%2fadmin").from("192.0.2.9"));
        assert_eq!(answer.status(), 400);
    }
    refused(&site, Ask::get("/").from("192.0.2.9"), 403, "banned");
}

#[test]
fn probes_count_as_violations_once_wherever_they_end_and_the_sixth_bans() {
    let site = Site::new();
    for (target, status) in [
        ("/?q=1+union+select+password+from+users--", 200),
        ("/?file=../../../../etc/passwd", 200),
        ("/.env", 401),
        ("/wp-login.php", 401),
        ("/files/..%2f..%2fetc/passwd", 400),
    ] {
        assert_eq!(site.ask(Ask::get(target).from("192.0.2.9")).status(), status, "{target}");
    }
    assert_eq!(site.ask(Ask::get("/").from("192.0.2.9")).status(), 200, "five are forgiven");
    assert_eq!(site.ask(Ask::get("/phpmyadmin/").from("192.0.2.9")).status(), 401);
    refused(&site, Ask::get("/").from("192.0.2.9"), 403, "banned");
}

#[test]
fn violations_behind_count_in_front_and_the_sixth_bans() {
    let site = Site::new();
    site.ask(Ask::get("/api/feed").from("192.0.2.9"));
    for _ in 0..6 {
        refused(&site, Ask::get("/api/feed").from("192.0.2.9"), 429, "quota-exceeded");
    }
    refused(&site, Ask::get("/").from("192.0.2.9"), 403, "banned");
    assert_eq!(site.auto_ban.unban_ip("192.0.2.9", "test").unwrap().len(), 1);
    assert_eq!(site.ask(Ask::get("/").from("192.0.2.9")).status(), 200);
}
