//! Countries.

use palisade_blocklist::{BlocklistPolicy, SharedBlocklist};
use palisade_test_support::{Ask, SecurityLog};

use crate::{context, from, is_blocked, later, list, now};

#[test]
fn entries_about_countries_that_ended_make_nobodys_country_matter() {
    let list = list(
        r#"{"blockedCountries": [{"value": "AQ", "expires": "2026-01-01T00:00:10Z"}], "safeIPs": ["192.0.2.2"]}"#,
    );
    assert!(list.blocks_countries(now()) && list.blocks_countries(later(9)));
    assert!(!list.blocks_countries(later(10)));
    let shared = SharedBlocklist::new(list);
    let [one, safe] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
    assert!(shared.needs_country(one, now()));
    assert!(!shared.needs_country(safe, now()) && !shared.needs_country(one, later(10)));
}

#[test]
fn where_nobody_knows_countries_each_list_that_blocks_some_is_told_of() {
    let log = SecurityLog::start();
    let shared = SharedBlocklist::new(list(r#"{"blockedCountries": ["KP"]}"#));
    assert!(!shared.has_vain_countries(now()));
    shared.without_countries();
    assert!(shared.has_vain_countries(now()));
    let told = || log.of("blocklist.countries-unknown").len();
    assert_eq!(told(), 1);
    shared.replace(list("{}"));
    assert_eq!((told(), shared.has_vain_countries(now())), (1, false));
    shared.replace(list(r#"{"blockedCountries": ["KP", "AQ"]}"#));
    assert_eq!((told(), shared.has_vain_countries(now())), (2, true));
}

#[test]
fn a_known_country_is_refused_in_any_letter_case_and_an_unknown_one_passes() {
    let list =
        list(r#"{"blockedCountries": ["kp", {"value": "AQ", "expires": "2025-01-01T00:00:00Z"}]}"#)
            .into();
    assert!(!is_blocked(&from("192.0.2.1", &list)), "the country is not known");
    for (country, blocked) in [("KP", true), ("DE", false), ("AQ", false)] {
        let context = context("192.0.2.1");
        context.learn_country(country.parse().unwrap());
        let answer = Ask::get("/").context(&context).policies(BlocklistPolicy::new(list.clone()));
        assert_eq!(is_blocked(&answer), blocked, "{country}");
    }
    assert_eq!(list.hits().countries, 1);
}
