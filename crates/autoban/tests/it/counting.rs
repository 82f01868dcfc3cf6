//! When violations become a ban, and of whom.

use std::time::Duration;

use palisade_core::ViolationKind::{self, AuthFailure, RateLimit, Suspicious};
use palisade_test_support::Ask;

use crate::{Bench, HOUR, Who};

const WINDOW: Duration = Duration::from_secs(10);
const BOT: Who<'_> = Who("203.0.113.9", None);

#[test]
fn the_sixth_violation_within_the_window_bans_and_the_fifth_does_not() {
    for kind in [RateLimit, AuthFailure, Suspicious] {
        let bench = Bench::new(|settings| settings);
        assert_eq!(bench.violates(BOT, kind, 5), "inside");
        assert_eq!(bench.asks(BOT), "", "five are forgiven");
        assert_eq!(bench.violates(BOT, kind, 1), "inside", "the sixth is answered as it was");
        assert_eq!(bench.asks(BOT), "banned");
        assert_eq!(bench.asks(Who("203.0.113.10", None)), "", "the neighbour is not");
    }
}

#[test]
fn kinds_add_up_and_the_ban_tells_them() {
    let bench = Bench::new(|settings| settings);
    bench.violates(BOT, RateLimit, 3);
    bench.clock.advance(Duration::from_secs(2));
    bench.violates(BOT, AuthFailure, 2);
    bench.clock.advance(Duration::from_secs(2));
    bench.violates(BOT, Suspicious, 1);
    let bans = bench.auto_ban.bans();
    let [ban] = &*bans.ips else { panic!("{bans:?}") };
    let json = serde_json::to_value(ban).unwrap();
    assert_eq!(json["value"], "203.0.113.9");
    assert_eq!(json["by"], "auto-ban");
    assert_eq!(
        json["evidence"]["violations"],
        serde_json::json!({"rate-limit": 3, "auth-failure": 2, "suspicious": 1})
    );
    assert_eq!(json["evidence"]["first"], "2026-01-01T00:00:00Z");
    assert_eq!(json["evidence"]["last"], "2026-01-01T00:00:04Z");
    assert_eq!(json["since"], json["evidence"]["last"]);
    assert_eq!(json.get("until"), None, "for ever is the documented default");
}

#[test]
fn the_window_slides() {
    let bench = Bench::new(|settings| settings);
    bench.violates(BOT, RateLimit, 3);
    bench.clock.advance(Duration::from_secs(6));
    bench.violates(BOT, RateLimit, 2);
    bench.clock.advance(Duration::from_secs(4));
    // The first three are ten seconds old and count no more; two are left.
    bench.violates(BOT, RateLimit, 3);
    assert_eq!(bench.asks(BOT), "");
    bench.violates(BOT, RateLimit, 1);
    assert_eq!(bench.asks(BOT), "banned");
}

#[test]
fn a_violation_counts_to_the_last_nanosecond_of_the_window() {
    for (wait, code) in [(WINDOW, ""), (WINDOW.saturating_sub(Duration::from_nanos(1)), "banned")] {
        let bench = Bench::new(|settings| settings);
        bench.violates(BOT, RateLimit, 5);
        bench.clock.advance(wait);
        bench.violates(BOT, RateLimit, 1);
        assert_eq!(bench.asks(BOT), code, "{wait:?}");
    }
}

#[test]
fn a_step_of_the_wall_clock_neither_adds_nor_drops_a_violation() {
    let bench = Bench::new(|settings| settings);
    bench.violates(BOT, RateLimit, 5);
    bench.clock.step_wall(std::time::UNIX_EPOCH + Duration::from_secs(4_000_000_000));
    bench.violates(BOT, RateLimit, 1);
    assert_eq!(bench.asks(BOT), "banned");
}

#[test]
fn a_used_up_quota_counts_against_the_user_and_all_else_against_the_address() {
    let alice = Who("203.0.113.9", Some("alice"));
    let (bob_there, alice_elsewhere) =
        (Who("203.0.113.9", Some("bob")), Who("198.51.100.1", Some("alice")));
    let bench = Bench::new(|settings| settings);
    bench.violates(alice, RateLimit, 6);
    assert_eq!((bench.asks(alice_elsewhere), bench.asks(bob_there)), ("banned", ""));
    for kind in [AuthFailure, Suspicious] {
        let bench = Bench::new(|settings| settings);
        bench.violates(alice, kind, 6);
        assert_eq!((bench.asks(alice_elsewhere), bench.asks(bob_there)), ("", "banned"));
    }
}

#[test]
fn p13_a_bans_own_refusals_are_never_counted() {
    let bench = Bench::new(|settings| settings.ban_duration(HOUR).window(HOUR * 10));
    bench.violates(BOT, RateLimit, 6);
    for _ in 0..100 {
        assert_eq!(bench.asks(BOT), "banned");
    }
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    // The same of a user, whose refusal the outer policy does see on the way out.
    let alice = Who("198.51.100.1", Some("alice"));
    bench.violates(alice, RateLimit, 6);
    for _ in 0..100 {
        assert_eq!(bench.asks(alice), "banned");
    }
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    bench.clock.advance(HOUR);
    assert_eq!(
        (bench.asks(BOT), bench.asks(alice)),
        ("", ""),
        "the ban ended in spite of the requests"
    );
}

#[test]
fn p14_a_success_resets_nothing() {
    let bench = Bench::new(|settings| settings);
    for _ in 0..6 {
        bench.violates(BOT, AuthFailure, 1);
        for _ in 0..10 {
            bench.asks(Who("203.0.113.9", Some("mallory")));
        }
    }
    assert_eq!(bench.asks(BOT), "banned");
}

#[test]
fn a_status_without_a_refusal_of_ours_is_no_violation() {
    let bench = Bench::new(|settings| settings);
    for _ in 0..50 {
        let context = bench.context(BOT);
        let policy = palisade_autoban::AutoBanPolicy::new(bench.auto_ban.clone());
        let mut answer = http::Response::new(()).into_parts().0;
        answer.status = http::StatusCode::TOO_MANY_REQUESTS;
        palisade_core::Policy::finish(&policy, &context, &mut answer);
    }
    assert_eq!((bench.asks(BOT), bench.auto_ban.violations().tracked), ("", 0));
}

#[test]
fn without_a_client_address_and_a_user_nothing_is_counted() {
    let bench = Bench::new(|settings| settings);
    for _ in 0..10 {
        let context = palisade_core::SecurityContext::new(bench.clock.now());
        assert_eq!(crate::code(&bench.send(Ask::get("/"), &context, Some(AuthFailure))), "inside");
    }
    assert_eq!(bench.auto_ban.violations().tracked, 0);
}

#[test]
fn a_detector_may_report_without_refusing() {
    let bench = Bench::new(|settings| settings.threshold(1));
    for _ in 0..2 {
        bench.auto_ban.report(&bench.context(BOT), ViolationKind::Suspicious);
    }
    assert_eq!(bench.asks(BOT), "banned");
}

#[test]
fn a_high_threshold_is_counted_too() {
    let bench = Bench::new(|settings| settings.threshold(1000));
    bench.violates(BOT, RateLimit, 1000);
    assert_eq!(bench.asks(BOT), "");
    bench.violates(BOT, RateLimit, 1);
    assert_eq!(bench.asks(BOT), "banned");
    assert_eq!(bench.auto_ban.bans().ips[0].evidence.as_ref().unwrap().violations.rate_limit, 1001);
}
