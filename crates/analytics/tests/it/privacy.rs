//! How much of an address is kept.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use palisade_analytics::{Addresses, Config, Filter, RecordedAddress};
use palisade_test_support::Ask;

use crate::{
    faulty::Faulty,
    scene::{Scene, until},
};

const DAY: Duration = Duration::from_secs(86_400);

fn hashed() -> Scene {
    Scene::with(Config::new().addresses(Addresses::DailyHash))
}

fn kept(scene: &Scene, address: &str) -> RecordedAddress {
    scene.send_all([Ask::get("/x").from(address)]);
    scene.records().last().unwrap().address.unwrap()
}

fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

#[test]
fn e8_only_the_network_of_an_address_is_kept_where_so_configured() {
    let scene = Scene::with(Config::new().addresses(Addresses::Network));
    for (address, network) in [
        ("203.0.113.9", "203.0.113.0"),
        ("::ffff:203.0.113.10", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
    ] {
        assert_eq!(kept(&scene, address).to_string(), network);
        assert_eq!(scene.analytics.as_kept(ip(address)).to_string(), network);
    }
}

#[test]
fn e8_of_an_address_a_pseudonym_is_kept_that_is_the_same_all_day_and_another_tomorrow() {
    let scene = hashed();
    let morning = kept(&scene, "203.0.113.9");
    assert!(matches!(morning, RecordedAddress::Pseudonym(_)), "{morning}");
    scene.clock.advance(DAY - Duration::from_secs(1));
    assert_eq!(kept(&scene, "203.0.113.9"), morning, "the same day");
    assert_eq!(kept(&scene, "::ffff:203.0.113.9"), morning, "the same address");
    assert_ne!(kept(&scene, "203.0.113.8"), morning, "another address");
    scene.clock.advance(Duration::from_secs(1));
    let tomorrow = kept(&scene, "203.0.113.9");
    assert_ne!(tomorrow, morning, "midnight by UTC");
    // The old key is destroyed: also a clock that is set back does not bring it back.
    scene.clock.step_wall(scene.clock.now().wall() - DAY);
    assert!(![morning, tomorrow].contains(&kept(&scene, "203.0.113.9")));
}

#[test]
fn e8_a_restart_draws_another_key() {
    assert_ne!(kept(&hashed(), "203.0.113.9"), kept(&hashed(), "203.0.113.9"));
}

#[test]
fn e8_nothing_that_is_stored_or_shown_holds_the_address() {
    let seen = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&seen);
    let config = Config::new().addresses(Addresses::DailyHash).observer(Arc::new(
        move |records: &[Arc<palisade_analytics::Record>]| {
            for record in records {
                let json = serde_json::to_string(&**record).unwrap();
                sink.lock().unwrap().push_str(&format!("{record:?} {record} {json}\n"));
            }
        },
    ));
    let scene = Scene::with(config);
    scene.send_all([Ask::get("/x").from("203.0.113.9"), Ask::get("/x").from("2001:db8::77:88")]);
    let stored = format!("{:?} {:?}", scene.records(), scene.analytics);
    // Also while whole addresses wait.
    scene.send_all((0..50).map(|_| Ask::get("/x").from("203.0.113.9")));
    let stored = format!("{stored} {:?}", scene.analytics);
    let seen = seen.lock().unwrap();
    for text in [&*seen, &stored] {
        assert!(text.contains("/x"), "{text}");
        for part in ["203.0.113", "2001:db8", "77:88"] {
            assert!(!text.contains(part), "{text}");
        }
    }
}

#[test]
fn todays_records_of_an_address_are_found_by_what_is_kept_of_it() {
    let scene = hashed();
    for address in ["203.0.113.9", "203.0.113.9", "203.0.113.8"] {
        kept(&scene, address);
    }
    let of = |address| {
        let filter = Filter::new().address(scene.analytics.as_kept(ip(address)));
        scene.analytics.store().summary(&filter).unwrap().requests
    };
    assert_eq!((of("203.0.113.9"), of("::ffff:203.0.113.8"), of("203.0.113.7")), (2, 1, 0));
    scene.clock.advance(DAY);
    assert_eq!(of("203.0.113.9"), 0, "nobody can find yesterday's");
}

#[test]
fn who_looks_on_for_days_finds_an_address_on_each_of_them() {
    let scene = hashed();
    let finds = |address: &str| {
        let record = scene.records().pop().unwrap();
        scene.analytics.is_kept_of(&record, ip(address))
    };
    for _day in 0..3 {
        kept(&scene, "203.0.113.9");
        assert!(finds("203.0.113.9") && finds("::ffff:203.0.113.9") && !finds("203.0.113.8"));
        scene.clock.advance(DAY);
        assert!(!finds("203.0.113.9"), "nobody can find yesterday's");
    }
}

#[test]
fn pseudonyms_do_not_meet_and_read_back_as_they_are_written() {
    let scene = hashed();
    let addresses = (0..20_000_u32).map(|n| IpAddr::from((0xcb00_0000 + n).to_be_bytes()));
    let pseudonyms: HashSet<_> =
        addresses.map(|address| scene.analytics.as_kept(address)).collect();
    assert_eq!(pseudonyms.len(), 20_000);
    for pseudonym in pseudonyms.iter().take(100) {
        let text = pseudonym.to_string();
        assert_eq!(text.len(), 33, "{text}");
        assert_eq!(text.parse::<RecordedAddress>().unwrap(), *pseudonym);
    }
}

#[test]
fn a_day_ends_also_while_nobody_asks() {
    let store = Faulty::new();
    let config = Config::new().store(Arc::clone(&store) as _).addresses(Addresses::DailyHash);
    let scene = Scene::with(config);
    until(|| store.prunes() == 1);
    let today = scene.analytics.as_kept(ip("203.0.113.9"));
    scene.clock.advance(DAY);
    // The thread looks at the clock by itself: at the day first, then at the store.
    until(|| store.prunes() == 2);
    scene.clock.step_wall(scene.clock.now().wall() - DAY);
    assert_ne!(scene.analytics.as_kept(ip("203.0.113.9")), today, "that key is gone");
}
