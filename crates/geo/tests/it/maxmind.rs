//! Every record of `MaxMind`'s test databases, looked up, gives what the databases were made of.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::Arc,
};

use palisade_core::{Clock, Locate, Location, Whereabouts};
use palisade_geo::{Geo, LocationDatabase, MaxmindFile};
use serde_json::Value;
use tempfile::TempDir;

use crate::ip;

pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The database of this name, and the folder of its copy.
pub(crate) fn open(name: &str) -> (MaxmindFile, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (MaxmindFile::open(data(name), folder.path(), Clock::system()).unwrap(), folder)
}

/// A network as the source writes it: first address in the tree of IPv6, where IPv4 is `::/96`, and length.
fn network(text: &str) -> (u128, u32) {
    let (address, prefix) = text.split_once('/').unwrap();
    let prefix: u32 = prefix.parse().unwrap();
    match ip(address) {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), prefix + 96),
        IpAddr::V6(v6) => (v6.to_bits(), prefix),
    }
}

fn last((first, prefix): (u128, u32)) -> u128 {
    first | u128::MAX.checked_shr(prefix).unwrap_or(0)
}

fn contains(network: (u128, u32), address: u128) -> bool {
    (network.0..=last(network)).contains(&address)
}

fn address(bits: u128) -> IpAddr {
    match u32::try_from(bits) {
        Ok(v4) => Ipv4Addr::from_bits(v4).into(),
        Err(_) => Ipv6Addr::from_bits(bits).into(),
    }
}

fn expected(record: &Value) -> Option<Location> {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let mut location = Location::new().country(text("/country/iso_code")?.parse().unwrap());
    if let Some(region) = text("/subdivisions/0/names/en") {
        location = location.region(region);
    }
    if let Some(city) = text("/city/names/en") {
        location = location.city(city);
    }
    Some(location)
}

/// Both ends of every network of a database.
pub(crate) fn ends(name: &str) -> Vec<IpAddr> {
    let text = fs::read_to_string(data("source-data").join(format!("{name}.json"))).unwrap();
    let source: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&text).unwrap();
    let networks = source.iter().flat_map(|records| records.keys()).map(|key| network(key));
    networks.flat_map(|network| [address(network.0), address(last(network))]).collect()
}

/// Compares, and returns how many records there are, with how many regions and cities.
fn agrees(name: &str) -> [usize; 3] {
    let (file, _folder) = open(&format!("{name}.mmdb"));
    let text = fs::read_to_string(data("source-data").join(format!("{name}.json"))).unwrap();
    let source: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&text).unwrap();
    let records: Vec<_> =
        source.iter().flatten().map(|(key, record)| (network(key), record)).collect();
    let mut counts = [0; 3];
    for (within, _) in &records {
        for end in [within.0, last(*within)] {
            // Networks lie within each other: the closest one decides.
            let around = records.iter().filter(|(network, _)| contains(*network, end));
            let closest = around.max_by_key(|(network, _)| network.1).unwrap();
            let wanted = expected(closest.1).map(Arc::new);
            assert_eq!(file.locate(address(end)), wanted, "{name} {}", address(end));
            // A second time, from what was kept decoded.
            assert_eq!(file.locate(address(end)), wanted);
            let wanted = wanted.as_deref();
            counts[0] += usize::from(wanted.is_some());
            counts[1] += usize::from(wanted.is_some_and(|it| it.region.is_some()));
            counts[2] += usize::from(wanted.is_some_and(|it| it.city.is_some()));
        }
    }
    counts
}

#[test]
fn every_record_of_the_city_database_is_what_it_was_made_of() {
    let [records, regions, cities] = agrees("GeoIP2-City-Test");
    assert!(records > 450 && regions > 25 && cities > 25, "{records} {regions} {cities}");
}

#[test]
fn every_record_of_the_country_database_is_what_it_was_made_of() {
    let [records, regions, cities] = agrees("GeoIP2-Country-Test");
    assert!(records > 600 && regions == 0 && cities == 0, "{records} {regions} {cities}");
}

#[test]
fn with_a_database_the_first_request_knows() {
    let (file, _folder) = open("GeoIP2-City-Test.mmdb");
    let geo = Geo::builder().database(file).build().unwrap();
    let london = Location::new().country("GB".parse().unwrap());
    let london = london.region("England").city("London");
    assert_eq!(crate::locate(&geo, "81.2.69.142"), Whereabouts::At(Arc::new(london.clone())));
    assert_eq!(
        crate::locate(&geo, "::ffff:81.2.69.142"),
        Whereabouts::At(Arc::new(london.clone()))
    );
    assert_eq!(crate::locate(&geo, "2002:5102:458e::1"), Whereabouts::At(Arc::new(london)), "6to4");
    for nowhere in ["127.0.0.1", "10.0.0.1", "8.8.8.8", "fe80::1"] {
        assert_eq!(geo.locate(ip(nowhere)), Whereabouts::Nowhere, "{nowhere}");
    }
}

#[test]
fn the_status_tells_what_it_is() {
    let (file, _folder) = open("GeoIP2-City-Test.mmdb");
    let status = file.status().unwrap();
    assert_eq!((status.kind.as_str(), status.loads, status.error), ("GeoIP2-City", 1, None));
    let built = status.built.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((1_500_000_000..2_000_000_000).contains(&built), "{built}");
}
