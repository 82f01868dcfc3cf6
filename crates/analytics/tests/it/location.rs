//! Where clients are.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use palisade_analytics::{Addresses, Config, Record};
use palisade_core::{Country, Locate, Location, SecurityContext, Verdict, Whereabouts};
use palisade_test_support::Ask;

use crate::{
    faulty::{Does, Faulty},
    scene::{Inner, Scene, until},
};

/// Knows what it was told; of all else nothing yet. Writes down what it is asked.
#[derive(Debug, Default)]
struct Atlas {
    known: Mutex<HashMap<IpAddr, Whereabouts>>,
    asked: Mutex<Vec<IpAddr>>,
    /// How often it was to find out, and not only to say what it knows.
    to_find_out: AtomicUsize,
}

impl Locate for Atlas {
    fn locate(&self, address: IpAddr) -> Whereabouts {
        self.to_find_out.fetch_add(1, Ordering::SeqCst);
        self.known(address)
    }

    fn known(&self, address: IpAddr) -> Whereabouts {
        self.asked.lock().unwrap().push(address);
        assert_ne!(address, ip("192.0.2.66"), "an address that makes it panic, on purpose");
        self.known.lock().unwrap().get(&address).cloned().unwrap_or(Whereabouts::NotYet)
    }
}

impl Atlas {
    fn learn(&self, address: &str, whereabouts: Whereabouts) {
        self.known.lock().unwrap().insert(ip(address), whereabouts);
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

fn country(code: &str) -> Country {
    code.parse().unwrap()
}

fn berlin() -> Whereabouts {
    let berlin = Location::new().country(country("DE")).region("Berlin").city("Berlin");
    Whereabouts::At(Arc::new(berlin))
}

fn scene(config: Config) -> (Scene, Arc<Atlas>) {
    let atlas = Arc::new(Atlas::default());
    (Scene::with(config.locator(Arc::clone(&atlas) as _)), atlas)
}

fn city(record: &Record) -> Option<&str> {
    record.location.as_deref()?.city.as_deref()
}

/// Lets the thread ask again once, and waits until it did.
fn ask_again(scene: &Scene, atlas: &Atlas) {
    let before = atlas.asked();
    scene.clock.advance(Duration::from_millis(100));
    until(|| atlas.asked() > before || scene.analytics.status().locating == 0);
}

#[test]
fn what_is_known_at_once_is_in_the_record_from_the_start() {
    let (scene, atlas) = scene(Config::new());
    atlas.learn("203.0.113.9", berlin());
    let record = scene.record_of(Ask::get("/x").from("203.0.113.9"));
    let json = serde_json::to_value(&*record).unwrap();
    assert_eq!([&json["country"], &json["region"], &json["city"]], ["DE", "Berlin", "Berlin"]);
    assert_eq!(scene.analytics.status().locating, 0);
}

#[test]
fn what_is_known_later_is_added_to_what_is_stored_and_nobody_waited_for_it() {
    let (scene, atlas) = scene(Config::new().addresses(Addresses::Network));
    let record = scene.record_of(Ask::get("/x").from("203.0.113.9"));
    assert_eq!(record.location, None);
    until(|| scene.analytics.status().locating == 1);
    ask_again(&scene, &atlas);
    assert_eq!(scene.analytics.status().locating, 1);
    atlas.learn("203.0.113.9", berlin());
    ask_again(&scene, &atlas);
    until(|| scene.analytics.status().locating == 0);
    assert_eq!(atlas.to_find_out.load(Ordering::SeqCst), 1, "asked once, and then only looked at");
    let record = scene.only();
    assert_eq!(city(&record), Some("Berlin"));
    assert_eq!(
        record.address.unwrap().to_string(),
        "203.0.113.0",
        "all of it was asked, and not kept"
    );
    assert!(atlas.asked.lock().unwrap().iter().all(|address| *address == ip("203.0.113.9")));
}

#[test]
fn meanwhile_the_country_counts_that_the_request_knows() {
    let (scene, atlas) = scene(Config::new());
    let inner = Inner(|context: &SecurityContext| {
        context.learn_country(country("AT"));
        Verdict::Pass
    });
    drop(scene.send_through(scene.policy(), inner, Ask::get("/x").from("203.0.113.9")));
    let known = scene.only().location.clone().unwrap();
    assert_eq!(*known, Location::new().country(country("AT")));
    atlas.learn("203.0.113.9", berlin());
    until(|| scene.analytics.status().locating == 1);
    ask_again(&scene, &atlas);
    until(|| city(&scene.only()) == Some("Berlin"));
}

#[test]
fn nobody_is_asked_for_longer_than_five_seconds_nor_about_what_nobody_knows() {
    let (scene, atlas) = scene(Config::new());
    atlas.learn("10.0.0.1", Whereabouts::Nowhere);
    scene.send_all([Ask::get("/x").from("10.0.0.1")]);
    scene.analytics.flush();
    assert_eq!((atlas.asked(), scene.analytics.status().locating), (1, 0));

    scene.send_all([Ask::get("/x").from("203.0.113.9")]);
    until(|| scene.analytics.status().locating == 1);
    scene.clock.advance(Duration::from_secs(5));
    until(|| scene.analytics.status().locating == 0);
    let asked = atlas.asked();
    scene.clock.advance(Duration::from_secs(5));
    scene.send_all([Ask::get("/y").from("10.0.0.1")]);
    scene.analytics.flush();
    assert_eq!(atlas.asked(), asked + 1, "about the new one alone");
}

#[test]
fn records_that_wait_for_a_location_are_bounded_and_those_beyond_are_counted() {
    let (scene, atlas) = scene(Config::new());
    scene.send_all(
        (0..5000).map(|n| Ask::get("/x").from(&format!("203.0.{}.{}", n / 250, n % 250))),
    );
    scene.analytics.flush();
    let status = scene.analytics.status();
    assert_eq!((status.locating, status.unlocated), (4096, 904));
    assert_eq!(scene.records().len(), 5000, "they are stored all the same");
    drop(atlas);
}

#[test]
fn at_the_end_all_are_asked_about_once_more() {
    let (scene, atlas) = scene(Config::new());
    scene.send_all([Ask::get("/x").from("203.0.113.9")]);
    scene.analytics.flush();
    atlas.learn("203.0.113.9", berlin());
    scene.analytics.shutdown();
    assert_eq!(city(&scene.only()), Some("Berlin"));
}

#[test]
fn who_panics_when_asked_knows_nothing_and_stops_nobody() {
    let (scene, atlas) = scene(Config::new());
    atlas.learn("203.0.113.9", berlin());
    scene.send_all([Ask::get("/1").from("192.0.2.66"), Ask::get("/2").from("203.0.113.9")]);
    let records = scene.records();
    assert_eq!((records[0].location.as_ref(), city(&records[1])), (None, Some("Berlin")));
}

#[test]
fn what_the_store_does_not_keep_waits_for_nothing() {
    let (store, atlas) = (Faulty::new(), Arc::new(Atlas::default()));
    let config = Config::new().store(Arc::clone(&store) as _).locator(Arc::clone(&atlas) as _);
    let scene = Scene::with(config);
    store.does(Does::Fail);
    scene.send_all([Ask::get("/x")]);
    scene.analytics.flush();
    assert_eq!((scene.analytics.status().locating, scene.analytics.lost()), (0, 1));
}
