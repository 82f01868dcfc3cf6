//! Every store has a bound, and what happens there helps no attacker.

use std::time::Duration;

use palisade_autoban::{AutoBan, BanError, BanOrder};
use palisade_core::ViolationKind::{RateLimit, Suspicious};

use crate::{Bench, HOUR, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

#[test]
fn p17_a_flood_of_new_addresses_lifts_no_ban_and_the_map_stays_bounded() {
    let bench = Bench::new(|settings| settings.max_keys(50));
    bench.violates(BOT, Suspicious, 6);
    for high in 0..20_u8 {
        for low in 0..=255_u8 {
            bench.violates(Who(&format!("198.18.{high}.{low}"), None), Suspicious, 1);
        }
    }
    assert_eq!(bench.asks(BOT), "banned");
    let stats = bench.auto_ban.violations();
    assert_eq!((stats.tracked, stats.capacity, stats.forgotten), (50, 50, 20 * 256 - 50));
}

#[test]
fn p17_the_one_whose_last_violation_is_the_oldest_is_forgotten_first() {
    let bench = Bench::new(|settings| settings.max_keys(3));
    let who = |last: u8| format!("198.51.100.{last}");
    bench.violates(BOT, Suspicious, 3);
    for last in 0..3 {
        bench.violates(Who(&who(last), None), Suspicious, 1);
        bench.violates(BOT, Suspicious, 1);
    }
    // It violated between all others, so it was never the oldest.
    assert_eq!(bench.asks(BOT), "banned");
    let tracked = bench.auto_ban.violations().offenders;
    assert_eq!(tracked.len(), 2, "{tracked:?}");
    assert!(tracked.iter().all(|offender| offender.value != who(0)), "{tracked:?}");
}

#[test]
fn p17_large_stores_are_bounded_over_all_their_parts() {
    let bench = Bench::new(|settings| settings.max_keys(2048));
    for number in 0..20_000 {
        bench.violates(Who("203.0.113.1", Some(&format!("user-{number}"))), RateLimit, 1);
    }
    let tracked = bench.auto_ban.violations().tracked;
    assert!((1500..=2048).contains(&tracked), "{tracked}");
}

#[test]
fn what_is_over_is_forgotten_as_new_violations_come() {
    let bench = Bench::new(|settings| settings);
    for last in 0..100 {
        bench.violates(Who(&format!("198.51.100.{last}"), None), Suspicious, 1);
    }
    bench.clock.advance(Duration::from_secs(10));
    // Others violate; each makes room in the part of the store it falls into.
    for last in 0..=255 {
        bench.violates(Who(&format!("192.0.2.{last}"), None), Suspicious, 1);
    }
    assert!(bench.auto_ban.violations().tracked < 256 + 20, "nobody called cleanup");
}

#[test]
fn p17_a_full_list_of_bans_takes_no_more_and_drops_none() {
    let bench = Bench::new(|settings| settings.max_bans(2).ban_duration(HOUR));
    let [first, second, third] =
        [Who("198.51.100.1", None), Who("198.51.100.2", None), Who("198.51.100.3", None)];
    for who in [first, second, third] {
        bench.violates(who, Suspicious, 6);
    }
    assert_eq!([first, second, third].map(|who| bench.asks(who)), ["banned", "banned", ""]);
    assert_eq!(bench.auto_ban.ban_user("mallory", BanOrder::by("alice")), Err(BanError::NoRoom));
    bench.auto_ban.ban_ip(first.0, BanOrder::by("alice")).unwrap();
    // What ended makes room once it is cleaned up.
    bench.clock.advance(HOUR);
    bench.auto_ban.cleanup(bench.clock.now());
    bench.violates(third, Suspicious, 6);
    assert_eq!([first, second, third].map(|who| bench.asks(who)), ["banned", "", "banned"]);
    bench.auto_ban.unban_ip(first.0, "alice").unwrap();
    bench.auto_ban.ban_user("mallory", BanOrder::by("alice")).unwrap();
}

#[test]
fn p17_who_fills_the_bans_with_ipv6_networks_leaves_room_for_other_bots_and_for_people() {
    let bench = Bench::new(|settings| settings.max_bans(8));
    let network = |number: usize| format!("2001:db8:0:{number}::1");
    for number in 0..20 {
        bench.violates(Who(&network(number), None), Suspicious, 6);
    }
    assert_eq!(bench.auto_ban.bans().ips.len(), 4, "half of them");
    for last in 0..20 {
        bench.violates(Who(&format!("198.51.100.{last}"), None), Suspicious, 6);
    }
    assert_eq!(bench.asks(Who("198.51.100.0", None)), "banned");
    assert_eq!(bench.auto_ban.bans().ips.len(), 7, "seven of eight");
    let alice = || BanOrder::by("alice");
    assert_eq!(bench.auto_ban.ban_ip("203.0.113.9", alice()), Ok(()));
    assert_eq!(bench.auto_ban.ban_ip("203.0.113.10", alice()), Err(BanError::NoRoom));
    // A person's ban in place of an automatic one, and one that is lifted, give the room of that back.
    assert_eq!(bench.auto_ban.ban_ip("198.51.100.0", alice()), Ok(()));
    assert_eq!(bench.auto_ban.unban_ip("203.0.113.9", "alice").unwrap().len(), 1);
    bench.violates(BOT, Suspicious, 6);
    assert_eq!(bench.asks(BOT), "banned");
    for number in 0..4 {
        let key = format!("2001:db8:0:{number}::/64");
        assert_eq!(bench.auto_ban.unban_ip(&key, "alice").unwrap().len(), 1);
    }
    bench.violates(Who(&network(9), None), Suspicious, 6);
    assert_eq!(bench.asks(Who(&network(9), None)), "banned");
}

#[test]
fn p17_what_an_older_server_banned_beyond_the_shares_is_in_force_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = Bench::new(|settings| settings.max_bans(8).file(&path));
    for number in 0..4 {
        bench.violates(Who(&format!("2001:db8:0:{number}::1"), None), Suspicious, 6);
    }
    drop(bench);
    let bench = Bench::new(|settings| settings.max_bans(4).file(&path));
    assert_eq!(bench.asks(Who("2001:db8:0:3::1", None)), "banned");
    assert_eq!(bench.auto_ban.status().banned_ips, 4);
}

#[test]
fn a_user_id_too_long_to_keep_is_counted_by_address() {
    let bench = Bench::new(|settings| settings);
    let (long, longest) = ("x".repeat(257), "x".repeat(256));
    bench.violates(Who("203.0.113.9", Some(&long)), RateLimit, 6);
    assert_eq!(bench.asks(BOT), "banned");
    bench.violates(Who("198.51.100.1", Some(&longest)), RateLimit, 6);
    assert_eq!(bench.auto_ban.bans().users[0].value, longest);
}

#[test]
fn a_setting_of_nothing_is_a_mistake() {
    let zero = Duration::ZERO;
    for builder in [
        AutoBan::builder().threshold(0),
        AutoBan::builder().window(zero),
        AutoBan::builder().ban_duration(zero),
        AutoBan::builder().cleanup_interval(zero),
        AutoBan::builder().max_keys(0),
        AutoBan::builder().max_bans(0),
    ] {
        let told = builder.build().unwrap_err().to_string();
        assert!(told.contains("more than zero"), "{told}");
    }
}
