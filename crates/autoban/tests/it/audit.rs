//! A2: a person's change and its record hold together, or not at all.

use palisade_autoban::{BanError, BanOrder, BanTarget};
use palisade_core::ViolationKind::Suspicious;

use crate::{Bench, HOUR, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

fn bot() -> BanTarget {
    BanTarget::ip(BOT.0).unwrap()
}

fn order() -> BanOrder {
    BanOrder::by("alice").reason("ticket 4711")
}

#[test]
fn a2_a_plan_says_exactly_what_will_change_and_changes_nothing() {
    let bench = Bench::new(|settings| settings);
    let plan = bench.auto_ban.plan_ban(&bot(), order()).unwrap();
    let [change] = plan.changes() else { panic!("one change") };
    let told = change.clone();
    assert_eq!(bench.asks(BOT), "");
    drop(plan);
    assert_eq!(bench.asks(BOT), "", "the record was refused");
    bench.auto_ban.plan_ban(&bot(), order()).unwrap().put_in_force().unwrap().settle();
    assert_eq!(bench.auto_ban.in_force(), [told]);
}

#[test]
fn a2_a_ban_whose_record_fails_is_undone_to_the_ban_that_was_there() {
    let bench = Bench::new(|settings| settings);
    for before in [None, Some(HOUR)] {
        if let Some(time) = before {
            bench.auto_ban.ban_ip(BOT.0, BanOrder::by("bob").lasting(time)).unwrap();
        }
        let was = bench.auto_ban.bans();
        let in_force = bench.auto_ban.plan_ban(&bot(), order()).unwrap().put_in_force().unwrap();
        assert_eq!(bench.auto_ban.bans().ips[0].by, "alice", "it is in force while it is recorded");
        drop(in_force);
        assert_eq!(bench.auto_ban.bans(), was);
    }
}

#[test]
fn a2_a_lift_whose_record_fails_is_undone_with_the_same_ends_and_violations() {
    let bench = Bench::new(|settings| settings);
    bench.auto_ban.ban_ip("2001:db8::/64", BanOrder::by("bob").lasting(HOUR)).unwrap();
    bench.auto_ban.ban_ip("2001:db8::1", BanOrder::by("bob")).unwrap();
    bench.violates(Who("2001:db8:0:1::1", None), Suspicious, 5);
    let sorted = || {
        let mut bans = bench.auto_ban.bans().ips;
        bans.sort_by(|a, b| a.value.cmp(&b.value));
        bans
    };
    let was = sorted();
    let plan = bench.auto_ban.plan_lift(&BanTarget::ip("2001:db8::1").unwrap(), "alice");
    assert_eq!(plan.changes().len(), 2, "every ban that applies to the address");
    let in_force = plan.put_in_force().unwrap();
    assert_eq!(bench.asks(Who("2001:db8::1", None)), "");
    drop(in_force);
    assert_eq!(sorted(), was);
    assert_eq!(bench.auto_ban.violations().tracked, 1);
    let plan = bench.auto_ban.plan_lift(&BanTarget::ip("2001:db8::1").unwrap(), "alice");
    assert_eq!(plan.put_in_force().unwrap().settle().len(), 2);
    assert_eq!(sorted(), []);
}

#[test]
fn a2_what_others_did_in_the_meantime_stays_if_it_lasts_longer() {
    let bench = Bench::new(|settings| settings);
    bench.auto_ban.ban_ip(BOT.0, BanOrder::by("bob").lasting(HOUR)).unwrap();
    let lifted = bench.auto_ban.plan_lift(&bot(), "alice").put_in_force().unwrap();
    bench.violates(BOT, Suspicious, 6);
    drop(lifted);
    assert_eq!(bench.auto_ban.bans().ips[0].by, "auto-ban", "for ever is longer than an hour");
    let banned = bench.auto_ban.plan_ban(&bot(), order()).unwrap().put_in_force().unwrap();
    bench.auto_ban.unban_ip(BOT.0, "carol").unwrap();
    drop(banned);
    assert_eq!(bench.asks(BOT), "", "carol lifted it");
}

#[test]
fn a2_an_undo_always_finds_room_and_takes_none() {
    let bench = Bench::new(|settings| settings.max_bans(1));
    bench.auto_ban.ban_ip(BOT.0, BanOrder::by("bob")).unwrap();
    for _ in 0..3 {
        let lifted = bench.auto_ban.plan_lift(&bot(), "alice").put_in_force().unwrap();
        assert_eq!(bench.auto_ban.ban_user("mallory", order()), Err(BanError::NoRoom));
        drop(lifted);
        assert_eq!(bench.asks(BOT), "banned");
        let replaced = bench.auto_ban.plan_ban(&bot(), order()).unwrap().put_in_force().unwrap();
        drop(replaced);
        assert_eq!(bench.auto_ban.bans().ips[0].by, "bob");
    }
    bench.auto_ban.unban_ip(BOT.0, "alice").unwrap();
    bench.auto_ban.ban_user("mallory", order()).unwrap();
    let plan = bench.auto_ban.plan_ban(&bot(), order()).unwrap();
    assert!(matches!(plan.put_in_force(), Err(BanError::NoRoom)));
    assert_eq!(bench.asks(BOT), "");
}

#[test]
fn a2_what_was_undone_is_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = Bench::new(|settings| settings.file(&path));
    let in_force = bench.auto_ban.plan_ban(&bot(), order()).unwrap().put_in_force().unwrap();
    // Another change has the file written in between.
    bench.auto_ban.ban_user("mallory", order()).unwrap();
    bench.auto_ban.flush().unwrap();
    drop(in_force);
    bench.auto_ban.flush().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(BOT.0) && text.contains("mallory"), "{text}");
}
