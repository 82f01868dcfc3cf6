//! P17: many addresses, each new.

use std::{net::Ipv4Addr, time::Duration};

use palisade_core::ViolationKind::Suspicious;

use crate::{Bench, Who};

const SLOW: Who<'_> = Who("203.0.113.9", None);

fn flood(bench: &Bench, from: u32, count: u32, times: usize) {
    for number in from..from + count {
        let addr = Ipv4Addr::from(0x0b00_0000 + number).to_string();
        let context = bench.context(Who(&addr, None));
        (0..times).for_each(|_| bench.auto_ban.report(&context, Suspicious));
    }
}

#[test]
fn p17_a_slow_attacker_who_violated_twice_is_not_driven_out_by_a_flood_of_new_addresses() {
    let bench = Bench::new(|settings| settings.max_keys(200));
    bench.violates(SLOW, Suspicious, 2);
    for turn in 0..4 {
        bench.clock.advance(Duration::from_millis(1900));
        flood(&bench, turn * 10_000, 10_000, 1);
        bench.violates(SLOW, Suspicious, 1);
    }
    assert_eq!(bench.asks(SLOW), "banned");
    assert!(bench.auto_ban.violations().tracked <= 200);
}

#[test]
fn p17_a_flood_of_addresses_that_violate_twice_does_not_keep_new_ones_from_being_counted() {
    let bench = Bench::new(|settings| settings.max_keys(200));
    flood(&bench, 0, 10_000, 2);
    // A quarter of the places is for those who are new: as many others may come between two violations.
    bench.violates(SLOW, Suspicious, 1);
    flood(&bench, 20_000, 49, 1);
    bench.violates(SLOW, Suspicious, 5);
    assert_eq!(bench.asks(SLOW), "banned");
}

#[test]
fn p17_banned_addresses_stay_banned_through_200_000_others() {
    let bench = Bench::new(|settings| settings.max_keys(5000));
    flood(&bench, 0, 300, 6);
    flood(&bench, 1000, 200_000, 1);
    for number in (0..300_u32).step_by(7) {
        let addr = Ipv4Addr::from(0x0b00_0000 + number).to_string();
        assert_eq!(bench.asks(Who(&addr, None)), "banned", "{addr}");
    }
    let stats = bench.auto_ban.violations();
    assert!(stats.tracked <= 5000 && stats.offenders.len() <= 1000);
    assert_eq!(usize::try_from(stats.forgotten).unwrap() + stats.tracked, 200_000);
    // All is over after the window, whatever list it stands in.
    bench.clock.advance(Duration::from_secs(10));
    bench.auto_ban.cleanup(bench.clock.now());
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    flood(&bench, 0, 300, 1);
    flood(&bench, 500_000, 5000, 3);
    assert!(bench.auto_ban.violations().tracked > 4000, "given up places are used again");
}

#[test]
fn p17_keys_in_any_order_are_found_again() {
    // A part of one place, of two, of three: the smallest lists there are.
    for places in 1..=9 {
        let bench = Bench::new(|settings| settings.max_keys(places));
        for round in 0..50_u32 {
            flood(&bench, round % 7, 3, 2);
            assert!(bench.auto_ban.violations().tracked <= places);
        }
        bench.violates(SLOW, Suspicious, 6);
        assert_eq!(bench.asks(SLOW), "banned", "{places}");
    }
}
