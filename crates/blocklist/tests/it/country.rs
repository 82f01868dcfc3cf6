//! Countries.

use palisade_blocklist::BlocklistPolicy;
use palisade_test_support::Ask;

use crate::{context, from, is_blocked, list};

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
