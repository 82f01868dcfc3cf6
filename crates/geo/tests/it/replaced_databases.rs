//! A database that is replaced is in force, and a bad one is not.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use palisade_core::{Clock, Locate, ManualClock, Whereabouts};
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

/// Waits until the watch of another file saw what happened after this began: others had the time to see what happened before.
fn another_watch_looks() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    let _watch = file.watch_every(Duration::from_millis(50)).unwrap();
    for _ in 0..2 {
        place.replace(&data("GeoIP2-City-Test.mmdb"));
        until("another rename", || has_city(&file));
        place.replace(&data("GeoIP2-Country-Test.mmdb"));
        until("and another", || !has_city(&file));
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
    another_watch_looks();
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
    another_watch_looks();
    assert_eq!(file.status().unwrap().loads, 2);
}

#[test]
fn what_is_no_fault_of_the_file_is_tried_again_after_a_minute_and_names_the_folder() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let (copies, clock) = (place.folder.path().join("copies"), ManualClock::new());
    fs::create_dir(&copies).unwrap();
    let file = MaxmindFile::open(&place.path, &copies, clock.clock()).unwrap();
    let _watch = file.watch_every(Duration::from_millis(1)).unwrap();
    fs::remove_dir(&copies).unwrap();
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    until("the error", || file.is_degraded());
    let error = file.status().unwrap().error.unwrap();
    assert!(error.contains(copies.to_str().unwrap()), "{error}");
    assert!(!error.contains("db.mmdb"), "{error}");
    // The folder is back, and the file as it was: nothing tells of it.
    fs::create_dir(&copies).unwrap();
    another_watch_looks();
    assert_eq!(file.status().unwrap().loads, 2, "not at every look");
    clock.advance(Duration::from_secs(60));
    until("the good one", || has_city(&file) && !file.is_degraded());
}

#[test]
fn what_is_wrong_is_told_once_however_often_it_is_tried() {
    let log = SecurityLog::start();
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let copies = place.folder.path().join("copies");
    fs::create_dir(&copies).unwrap();
    let file = MaxmindFile::open(&place.path, &copies, Clock::system()).unwrap();
    let fails = || file.reload().unwrap_err();
    fs::remove_dir(&copies).unwrap();
    for _ in 0..3 {
        fails();
    }
    assert_eq!(file.status().unwrap().loads, 4, "it was tried each time");
    assert_eq!(log.of("geo.database.refused").len(), 1, "{:?}", log.lines());
    // Another file, and another fault, are.
    place.replace(&data("GeoIP2-City-Test.mmdb"));
    fails();
    fs::create_dir(&copies).unwrap();
    place.replace(&data("README.md"));
    fails();
    assert_eq!(log.of("geo.database.refused").len(), 3, "{:?}", log.lines());
}

/// So many zeros that it takes a while to find out that they are no database.
#[cfg(target_os = "linux")]
fn put_a_slow_file(place: &Place) {
    let slow = fs::File::create(place.folder.path().join("slow")).unwrap();
    slow.set_len(256 << 20).unwrap();
    fs::rename(place.folder.path().join("slow"), &place.path).unwrap();
}

/// Files of this process that lie in the folder: open ones, and mapped ones.
#[cfg(target_os = "linux")]
fn in_use(place: &Place) -> (usize, usize) {
    let folder = place.folder.path().to_str().unwrap();
    let open = fs::read_dir("/proc/self/fd").unwrap().filter(|entry| {
        let target = entry.as_ref().ok().and_then(|entry| fs::read_link(entry.path()).ok());
        // Not the watched folder itself.
        target.is_some_and(|target| target.to_str().unwrap().contains(&format!("{folder}/")))
    });
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    (open.count(), maps.lines().filter(|line| line.contains(folder)).count())
}

#[cfg(target_os = "linux")]
#[test]
fn e7_while_a_large_file_is_read_nobody_who_asks_how_it_is_doing_waits() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    let geo = Geo::builder().database(file.clone()).build().unwrap();
    put_a_slow_file(&place);
    std::thread::scope(|scope| {
        scope.spawn(|| file.reload().unwrap_err());
        until("the reading", || in_use(&place).0 > 0);
        for _ in 0..10 {
            assert_eq!(geo.status().databases.len(), 1);
            assert!(!geo.is_degraded() && file.locate(ip(LONDON)).is_some());
        }
        assert_eq!(file.status().unwrap().loads, 1, "it is being read still");
    });
    assert!(geo.is_degraded());
}

#[cfg(target_os = "linux")]
#[test]
fn who_stops_watching_does_not_wait_for_a_file_that_is_being_read() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    let watch = file.watch_every(Duration::from_millis(1)).unwrap();
    put_a_slow_file(&place);
    until("the reading", || in_use(&place).0 > 0);
    drop(watch);
    assert_eq!(file.status().unwrap().loads, 1, "it is being read still");
    until("the end", || file.status().unwrap().loads == 2);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_watch_too_what_was_replaced_takes_no_memory() {
    let place = Place::with("GeoIP2-Country-Test.mmdb");
    let file = place.open();
    assert_eq!(in_use(&place).1, 1, "this test sees what is mapped");
    for _ in 0..10 {
        file.reload().unwrap();
    }
    assert!(in_use(&place).1 <= 2, "{:?}", in_use(&place));
    assert!(file.locate(ip(LONDON)).is_some());
}
