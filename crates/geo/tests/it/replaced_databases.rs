//! A database that is replaced is in force, and a bad one is not.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use palisade_core::{Clock, Locate, Whereabouts};
use palisade_geo::{Geo, LocationDatabase, MaxmindFile};
use palisade_test_support::SecurityLog;
use tempfile::TempDir;

use crate::{country, ip, maxmind::data};

/// The first is in both databases, and has a city in one of them.
const LONDON: &str = "81.2.69.142";

struct Place {
    folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn with(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db.mmdb");
        fs::copy(data(name), &path).unwrap();
        Self { folder, path }
    }

    fn open(&self) -> MaxmindFile {
        MaxmindFile::open(&self.path, self.folder.path(), Clock::system()).unwrap()
    }

    /// As `geoipupdate` does.
    fn replace(&self, by: &Path) {
        let beside = self.folder.path().join("beside");
        fs::copy(by, &beside).unwrap();
        fs::rename(&beside, &self.path).unwrap();
    }
}

fn has_city(file: &MaxmindFile) -> bool {
    file.locate(ip(LONDON)).unwrap().city.is_some()
}

/// Waits until it is so, far longer than it takes.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never came: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_good_file_replaces_the_database_and_a_bad_one_changes_nothing_but_the_status() {
    let log = SecurityLog::start();
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    let geo = Geo::builder().database(file.clone()).build().unwrap();
    assert!(!has_city(&file));
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    file.reload().unwrap();
    assert!(has_city(&file));
    assert_eq!(file.status().unwrap().kind, "GeoIP2-City");
    for bad in
        ["bad-data/GeoIP2-City-Test-Invalid-Node-Count.mmdb", "GeoLite2-ASN-Test.mmdb", "README.md"]
    {
        place.replace(&data(bad));
        let error = file.reload().unwrap_err();
        assert!(has_city(&file), "{bad}");
        assert_eq!(file.status().unwrap().error.as_deref(), Some(error.message()));
        assert!(geo.is_degraded() && geo.status().is_degraded());
    }
    fs::remove_file(&place.path).unwrap();
    file.reload().unwrap_err();
    assert!(has_city(&file), "gone");
    place.replace(&data("GeoIP2-Country-Test.mmdb"));
    file.reload().unwrap();
    assert!(!has_city(&file) && !geo.is_degraded());
    let counts = (log.of("geo.database.loaded").len(), log.of("geo.database.refused").len());
    assert_eq!(counts, (3, 4));
}

#[test]
fn e7_a_file_that_is_overwritten_or_truncated_harms_no_lookup() {
    let place = Place::with("GeoIP2-City-Test.mmdb");
    let file = place.open();
    let geo = Geo::builder().database(file).build().unwrap();
    // In place: the same inode. A mapping of it would be gone, and a lookup in it SIGBUS.
    fs::write(&place.path, vec![0xff; 10]).unwrap();
    let boxford = geo.locate(ip("2.125.160.216"));
    assert!(matches!(boxford, Whereabouts::At(place) if place.country == country("GB").country));
    fs::OpenOptions::new().write(true).open(&place.path).unwrap().set_len(0).unwrap();
    assert_ne!(geo.locate(ip("89.160.20.112")), Whereabouts::Nowhere);
    assert_ne!(geo.locate(ip("175.16.199.1")), Whereabouts::Nowhere);
}

#[test]
fn the_watch_sees_a_rename_a_file_written_in_place_and_one_that_comes_back() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    let watch = file.watch_every(Duration::from_millis(50)).unwrap();
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    until("the rename", || has_city(&file));
    fs::write(&place.path, fs::read(data("GeoIP2-Country-Test.mmdb")).unwrap()).unwrap();
    until("the write", || !has_city(&file));
    fs::remove_file(&place.path).unwrap();
    until("the error", || file.status().unwrap().error.is_some());
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    until("the file that is back", || has_city(&file) && file.status().unwrap().error.is_none());
    drop(watch);
    let loads = file.status().unwrap().loads;
    place.replace(&data("GeoIP2-Country-Test.mmdb"));
    assert!(has_city(&file) && file.status().unwrap().loads == loads, "nobody watches any more");
}

#[test]
fn events_alone_show_a_rename() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    // The next look by itself is an hour away.
    let _watch = file.watch_every(Duration::from_secs(3600)).unwrap();
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    until("the rename", || has_city(&file));
    place.replace(&data("GeoIP2-Country-Test.mmdb"));
    until("the second one", || !has_city(&file));
}

#[test]
fn a_bad_file_is_tried_once_and_not_at_every_look() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    let _watch = file.watch_every(Duration::from_millis(1)).unwrap();
    place.replace(&data("README.md"));
    until("the error", || file.status().unwrap().error.is_some());
    let loads = file.status().unwrap().loads;
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    until("the good one", || has_city(&file));
    assert!(file.status().unwrap().loads <= loads + 2);
}
