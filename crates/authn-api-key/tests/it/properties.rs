//! Laws that hold for every text and every history.

use std::time::Duration;

use palisade_authn_api_key::{ApiKeys, KeyFault, KeyFormat, NewKey};
use proptest::{collection::vec, prelude::*, string::string_regex};

use crate::{Bench, HOUR, live};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is sent, it is judged without a panic, and it is not good.
    #[test]
    fn no_text_that_was_not_issued_is_good(text in "\\PC{0,120}", near in "[a-z0-9_]{0,100}") {
        let bench = Bench::in_memory();
        drop(bench.issue());
        for text in [text, near] {
            prop_assert!(live().read(&text).is_err());
            prop_assert!(bench.keys.verify(&text, bench.clock.now()).is_err());
        }
    }

    #[test]
    fn no_bytes_are_good(bytes in vec(any::<u8>(), 0..120)) {
        prop_assert!(live().read(&String::from_utf8_lossy(&bytes)).is_err());
    }

    /// What is issued in any format is read in it, and is of others in every other one.
    #[test]
    fn a_key_that_is_issued_is_read(
        prefix in "[a-z][a-z0-9]{0,15}",
        environment in "[a-z][a-z0-9]{0,15}",
        other in "[a-z][a-z0-9]{0,15}",
    ) {
        let format = KeyFormat::new(&prefix, &environment).unwrap();
        let keys = ApiKeys::builder(format.clone()).build().unwrap();
        let issued = keys.create(NewKey::owned_by("exporter")).unwrap();
        let (text, id) = (issued.text.expose(), issued.key.id);
        prop_assert_eq!(format.read(text), Ok(id));
        prop_assume!(other != environment);
        let other = KeyFormat::new(&prefix, &other).unwrap();
        prop_assert_eq!(other.read(text), Err(KeyFault::Foreign(id)));
    }

    /// A scanner that goes by the pattern finds what is written like a key, and the checksum tells the rest.
    #[test]
    fn what_matches_the_pattern_is_written_like_a_key(text in string_regex(&live().pattern()).unwrap()) {
        prop_assert_eq!(live().read(&text), Err(KeyFault::Checksum));
    }

    /// One character changed, left out or put in, or two neighbours swapped: no typo gets as far as a lookup.
    #[test]
    fn every_typo_is_found_by_the_text_alone(place in 0_usize..62, other in "[0-9a-z_A-Z -]") {
        let issued = Bench::in_memory().issue();
        let good = issued.text.expose();
        let is_typo = |bad: &str| {
            bad == good || matches!(live().read(bad), Err(KeyFault::Malformed | KeyFault::Checksum))
        };
        let mut changed = good.to_owned();
        changed.replace_range(place..=place, &other);
        prop_assert!(is_typo(&changed), "{changed}");
        let mut shorter = good.to_owned();
        shorter.remove(place);
        prop_assert!(is_typo(&shorter), "{shorter}");
        let mut longer = good.to_owned();
        longer.insert_str(place, &other);
        prop_assert!(is_typo(&longer), "{longer}");
        let mut swapped: Vec<char> = good.chars().collect();
        swapped.swap(place, place.saturating_sub(1));
        let swapped: String = swapped.into_iter().collect();
        prop_assert!(is_typo(&swapped), "{swapped}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is made, disabled and rotated, a restart finds the same keys.
    #[test]
    fn a_restart_finds_the_same_keys(
        orders in vec(("[a-z]\\PC{0,40}", "\\PC{0,20}", vec("[a-z]\\PC{0,10}", 0..3), proptest::option::of(0_u64..9)), 0..6),
        disabled in 0_usize..3,
        rotated in 0_usize..3,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api-keys.json");
        let bench = Bench::on(&path);
        for (owner, name, roles, seconds) in orders {
            let order = roles.into_iter().fold(NewKey::owned_by(owner).name(name), NewKey::role);
            let order = match seconds {
                Some(seconds) => order.lasting(Duration::from_secs(seconds)),
                None => order,
            };
            drop(bench.keys.create(order).unwrap());
        }
        for key in bench.keys.list().into_iter().take(disabled) {
            bench.keys.disable(key.id).unwrap();
        }
        for key in bench.keys.list().into_iter().rev().take(rotated) {
            drop(bench.keys.rotate(key.id, HOUR).unwrap());
        }
        prop_assert_eq!(Bench::on(&path).keys.list(), bench.keys.list());
    }
}
