//! A broken file is an error, never a panic, and neither is a lookup in one that looks whole.

use std::{fs, path::Path};

use palisade_core::Clock;
use palisade_geo::{LocationDatabase, MaxmindFile};
use proptest::prelude::*;

use crate::maxmind::data;

fn message(path: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let error = MaxmindFile::open(path, folder.path(), Clock::system());
    let error = error.map(|_| path.display().to_string()).unwrap_err().to_string();
    assert!(!error.contains('\n') && error.len() < 600, "{error}");
    error
}

#[test]
fn every_broken_file_is_an_error() {
    let mut files = 0;
    let mut folders = vec![data("bad-data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "mmdb") {
                message(&path);
                files += 1;
            }
        }
    }
    assert_eq!(files, 24);
}

#[test]
fn what_is_not_a_database_of_places_says_so() {
    assert!(
        message(&data("GeoLite2-ASN-Test.mmdb"))
            .contains("a database of `GeoLite2-ASN`, not of cities or countries")
    );
    assert!(
        message(&data("bad-data/GeoIP2-City-Test-Broken-Double-Format.mmdb")).contains("double")
    );
    message(&data("libmaxminddb-uint64-max-epoch.mmdb"));
    message(&data("README.md"));
    message(&data("gone.mmdb"));
    message(&data("source-data"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Whatever bytes of a database change: it is refused, or every lookup in it comes to an end.
    #[test]
    fn changed_bytes_never_panic(
        country: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
        addresses in prop::collection::vec(any::<std::net::IpAddr>(), 64),
    ) {
        let name = if country { "GeoIP2-Country-Test.mmdb" } else { "GeoIP2-City-Test.mmdb" };
        let mut bytes = fs::read(data(name)).unwrap();
        for (index, byte) in changes {
            *index.get_mut(&mut bytes) = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changed.mmdb");
        fs::write(&path, bytes).unwrap();
        if let Ok(file) = MaxmindFile::open(&path, folder.path(), Clock::system()) {
            for address in addresses {
                drop(file.locate(address));
            }
            // All that there is in IPv4, by its first eight bits and those in between.
            for bits in (0..=u32::MAX).step_by(1 << 16) {
                drop(file.locate(std::net::Ipv4Addr::from_bits(bits).into()));
            }
        }
    }
}
