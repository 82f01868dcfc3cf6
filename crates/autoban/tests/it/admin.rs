//! What the admin API asks: bans, lifted bans, statistics.

use std::time::Duration;

use palisade_autoban::{BanError, BanOrder};
use palisade_core::ViolationKind::{RateLimit, Suspicious};

use crate::{Bench, HOUR, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

#[test]
fn a_lifted_ban_is_over_at_once_and_the_violations_are_forgotten() {
    let bench = Bench::new(|settings| settings);
    bench.violates(BOT, RateLimit, 6);
    assert!(!bench.auto_ban.unban_ip("203.0.113.9", "alice").unwrap().is_empty());
    assert!(
        bench.auto_ban.unban_ip("203.0.113.9", "alice").unwrap().is_empty(),
        "there is none any more"
    );
    bench.violates(BOT, RateLimit, 5);
    assert_eq!(bench.asks(BOT), "");
    // Lifting forgives the violations too, even of one not banned yet.
    assert!(bench.auto_ban.unban_ip("203.0.113.9", "alice").unwrap().is_empty());
    assert_eq!(bench.auto_ban.violations().tracked, 0);
}

#[test]
fn the_ban_of_a_user_is_lifted_by_his_id_alone() {
    let bench = Bench::new(|settings| settings);
    let alice = Who("203.0.113.9", Some("alice"));
    bench.violates(alice, RateLimit, 6);
    assert!(bench.auto_ban.unban_ip("203.0.113.9", "root").unwrap().is_empty());
    assert_eq!(bench.auto_ban.unban_user("alice", "root").len(), 1);
    assert!(bench.auto_ban.unban_user("alice", "root").is_empty());
    assert_eq!(bench.asks(alice), "");
}

#[test]
fn an_ipv6_address_lifts_every_ban_that_applies_to_it() {
    let bench = Bench::new(|settings| settings);
    bench.violates(Who("2001:db8::1", None), Suspicious, 6);
    bench.auto_ban.ban_ip("2001:db8::5", BanOrder::by("alice")).unwrap();
    bench.auto_ban.ban_ip("2001:db8::/48", BanOrder::by("alice")).unwrap();
    bench.auto_ban.ban_ip("2001:db8::6", BanOrder::by("alice")).unwrap();
    assert!(!bench.auto_ban.unban_ip("2001:db8::5", "alice").unwrap().is_empty());
    assert_eq!(bench.asks(Who("2001:db8::5", None)), "");
    let left: Vec<_> = bench.auto_ban.bans().ips.into_iter().map(|ban| ban.value).collect();
    assert_eq!(left, ["2001:db8::6"]);
    // Violations count under the /64, and are forgotten by an address in it.
    bench.violates(Who("2001:db8::1", None), Suspicious, 5);
    assert!(bench.auto_ban.unban_ip("2001:db8::1", "alice").unwrap().is_empty());
    assert_eq!(bench.auto_ban.violations().tracked, 0);
}

#[test]
fn the_ban_of_a_token_is_lifted_by_the_token_or_its_digest() {
    let bench = Bench::new(|settings| settings);
    for by_digest in [false, true] {
        bench.auto_ban.ban_token("secret", BanOrder::by("alice")).unwrap();
        let value = bench.auto_ban.bans().tokens[0].value.clone();
        let named = if by_digest { &*value } else { "secret" };
        assert_eq!(bench.auto_ban.unban_token(named, "alice").unwrap().len(), 1);
    }
    let error = bench.auto_ban.unban_token("sha256:secret", "alice").unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn what_names_nobody_is_told() {
    let bench = Bench::new(|settings| settings);
    for text in ["", "localhost", "203.0.113.0/24", "2001:db8::/32", "2001:db8::1/64", "1.2.3.4:80"]
    {
        assert!(
            matches!(bench.auto_ban.ban_ip(text, BanOrder::by("alice")), Err(BanError::Value(_))),
            "{text}"
        );
        assert!(
            matches!(bench.auto_ban.unban_ip(text, "alice"), Err(BanError::Value(_))),
            "{text}"
        );
    }
    assert!(bench.auto_ban.ban_user(&"x".repeat(257), BanOrder::by("alice")).is_err());
    assert!(bench.auto_ban.ban_token("two words", BanOrder::by("alice")).is_err());
}

#[test]
fn an_admin_replaces_a_ban_and_auto_ban_never_shortens_one() {
    let bench = Bench::new(|settings| settings.ban_duration(HOUR));
    let order = |time| BanOrder::by("alice").reason("ticket 4711").lasting(time);
    bench.auto_ban.ban_ip(BOT.0, order(HOUR * 5)).unwrap();
    for _ in 0..6 {
        bench.auto_ban.report(&bench.context(BOT), Suspicious);
    }
    assert_eq!(bench.auto_ban.bans().ips[0].by, "alice", "the longer ban stays");
    bench.auto_ban.ban_ip(BOT.0, order(HOUR / 2)).unwrap();
    bench.clock.advance(HOUR / 2);
    assert_eq!(bench.asks(BOT), "");
    bench.auto_ban.ban_ip(BOT.0, order(Duration::MAX)).unwrap();
    assert_eq!(bench.auto_ban.bans().ips[0].until, None, "past the calendar is for ever");
}

#[test]
fn lists_and_statistics_are_json_in_the_documented_names() {
    let bench = Bench::new(|settings| settings);
    bench.violates(Who("203.0.113.1", None), Suspicious, 2);
    bench.violates(Who("203.0.113.2", Some("bob")), RateLimit, 4);
    bench.violates(BOT, RateLimit, 6);
    bench.auto_ban.ban_user("mallory", BanOrder::by("alice").reason("ticket 4711")).unwrap();
    let bans = serde_json::to_value(bench.auto_ban.bans()).unwrap();
    assert_eq!(bans["bannedIPs"][0]["value"], "203.0.113.9");
    assert_eq!(bans["bannedUserIds"][0]["reason"], "ticket 4711");
    assert_eq!(bans["bannedTokens"], serde_json::json!([]));
    let stats = serde_json::to_value(bench.auto_ban.violations()).unwrap();
    assert_eq!(
        (&stats["tracked"], &stats["threshold"], &stats["windowMs"]),
        (&2.into(), &5.into(), &10_000.into())
    );
    assert_eq!(stats["offenders"][0]["value"], "bob", "the most violations first");
    assert_eq!(stats["offenders"][0]["kind"], "user");
    assert_eq!(stats["offenders"][1]["violations"], serde_json::json!({"suspicious": 2}));
    bench.clock.advance(Duration::from_secs(10));
    assert!(bench.auto_ban.violations().offenders.is_empty());
    bench.auto_ban.cleanup(bench.clock.now());
    assert_eq!(bench.auto_ban.violations().tracked, 0);
}
