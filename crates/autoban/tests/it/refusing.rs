//! What the banned are told.

use http::{StatusCode, header};
use palisade_autoban::{AutoBanPolicy, BanOrder};
use palisade_core::{Rejection, SecurityContext, ViolationKind::RateLimit};
use palisade_test_support::Ask;

use crate::{Bench, HOUR, Who, code};

const BOT: Who<'_> = Who("203.0.113.9", None);

#[test]
fn the_banned_get_403_with_nothing_internal() {
    let bench = Bench::new(|settings| settings);
    bench.violates(BOT, RateLimit, 6);
    let answer = bench.send(Ask::get("/"), &bench.context(BOT), None);
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        answer.headers().get(header::RETRY_AFTER),
        None,
        "a ban for ever has no end to wait for"
    );
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.violation_kind(), None);
    assert_eq!(rejection.public_detail(), None);
    assert_eq!(rejection.private_reason(), Some("address 203.0.113.9, banned by auto-ban"));
    assert_eq!(rejection.policy(), Some("auto-ban"));
}

#[test]
fn a_ban_with_an_end_says_when_and_is_over_then() {
    let bench = Bench::new(|settings| settings.ban_duration(HOUR));
    bench.violates(BOT, RateLimit, 6);
    bench.clock.advance(HOUR / 4);
    let answer = bench.send(Ask::get("/"), &bench.context(BOT), None);
    assert_eq!(answer.headers()[header::RETRY_AFTER], "2700");
    bench.clock.advance(HOUR / 4 * 3);
    assert_eq!(bench.asks(BOT), "", "whoever obeys Retry-After is let in");
    assert!(bench.auto_ban.bans().ips.is_empty());
}

#[test]
fn of_two_bans_the_one_that_lasts_longer_is_told() {
    let bench = Bench::new(|settings| settings);
    let order = |time| BanOrder::by("test").lasting(time);
    bench.auto_ban.ban_ip("2001:db8::/64", order(HOUR)).unwrap();
    bench.auto_ban.ban_ip("2001:db8::/56", order(HOUR / 2)).unwrap();
    let answer = bench.send(Ask::get("/"), &bench.context(Who("2001:db8::1", None)), None);
    assert_eq!(answer.headers()[header::RETRY_AFTER], "3600");
}

#[test]
fn a_banned_token_is_refused_wherever_it_comes_from() {
    let bench = Bench::new(|settings| settings);
    let token = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
    bench.auto_ban.ban_token(token, BanOrder::by("alice")).unwrap();
    let present = |ask: Ask| code(&bench.send(ask, &bench.context(BOT), None));
    assert_eq!(present(Ask::get("/").bearer(token)), "banned");
    assert_eq!(present(Ask::get("/").header("x-api-key", token)), "banned");
    assert_eq!(present(Ask::get("/").bearer("another")), "");
    assert_eq!(present(Ask::get("/")), "");
    let list = format!("{:?}", bench.auto_ban.bans());
    assert!(list.contains("sha256:") && !list.contains("eyJ"), "{list}");
}

#[test]
fn a_banned_user_is_refused_behind_authentication() {
    let bench = Bench::new(|settings| settings);
    bench.auto_ban.ban_user("mallory", BanOrder::by("alice").lasting(HOUR)).unwrap();
    let mallory = bench.context(Who("203.0.113.9", Some("mallory")));
    let answer = bench.send(Ask::get("/"), &mallory, None);
    assert_eq!(code(&answer), "banned");
    assert_eq!(answer.headers()[header::RETRY_AFTER], "3600");
    assert_eq!(answer.extensions().get::<Rejection>().unwrap().policy(), Some("banned-users"));
    assert_eq!(bench.asks(Who("203.0.113.9", Some("Mallory"))), "", "byte for byte");
    assert_eq!(bench.asks(Who("203.0.113.9", None)), "");
}

#[test]
fn without_a_client_address_bans_of_addresses_refuse_and_no_bans_pass() {
    let bench = Bench::new(|settings| settings);
    let ask = || {
        let context = SecurityContext::new(bench.clock.now());
        Ask::get("/").context(&context).policies(AutoBanPolicy::new(bench.auto_ban.clone()))
    };
    assert_eq!(ask().status(), StatusCode::OK);
    bench.auto_ban.ban_ip("203.0.113.9", BanOrder::by("alice")).unwrap();
    assert_eq!(ask().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(code(&ask()), "client-address-unknown");
}
