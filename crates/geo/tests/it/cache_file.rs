//! What was said is known after a restart, and a file that cannot be ours is not believed.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    time::Duration,
};

use palisade_core::{BoxFuture, Locate as _, Location, ManualClock, Whereabouts};
use palisade_geo::{Geo, LocationProvider, ProviderError};
use palisade_test_support::SecurityLog;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{
    at, country,
    fake::{Does, Fake},
    locate, settled, until,
};

const HOUR: Duration = Duration::from_secs(3600);

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache").join("geoip.json");
    (folder, path)
}

fn geo(path: &Path, fake: &Fake, clock: &ManualClock) -> Geo {
    let builder = Geo::builder().provider(fake.clone()).cache_file(path);
    builder.clock(clock.clock()).build().unwrap()
}

/// A file with three answers, written at the start of 2026.
async fn written(path: &Path) {
    let clock = ManualClock::new();
    let fake =
        Fake::that(Does::Answers(Some(country("DE").region("Land \"Berlin\"").city("Köln"))));
    let geo = geo(path, &fake, &clock);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    locate(&geo, "2a00:1450::1");
    settled(&geo).await;
    fake.now(Does::Answers(None));
    locate(&geo, "9.9.9.9");
    settled(&geo).await;
    geo.flush().unwrap();
}

/// A file with these entries, and the checksum that they have.
fn forged(entries: &str) -> String {
    let checksum = crc32fast::hash(entries.as_bytes());
    format!(r#"{{"version":1,"checksum":"{checksum:08x}","entries":{entries}}}"#)
}

fn put(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_restart_asks_nobody_again() {
    let (_folder, path) = place();
    written(&path).await;
    let (fake, clock) = (Fake::that(Does::Hangs), ManualClock::new());
    let geo = geo(&path, &fake, &clock);
    let place = country("DE").region("Land \"Berlin\"").city("Köln");
    assert_eq!(locate(&geo, "8.8.8.8"), at(place.clone()));
    assert_eq!(locate(&geo, "2a00:1450::ffff"), at(place));
    assert_eq!(locate(&geo, "9.9.9.9"), Whereabouts::Nowhere);
    assert_eq!((fake.calls(), geo.status().entries), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn ages_survive_a_restart() {
    let (_folder, path) = place();
    written(&path).await;
    let clock = ManualClock::new();
    clock.advance(HOUR * 25);
    let fake = Fake::in_country("AT");
    let again = geo(&path, &fake, &clock);
    assert!(
        matches!(locate(&again, "8.8.8.8"), Whereabouts::At(old) if old.country == country("DE").country)
    );
    settled(&again).await;
    assert_eq!(locate(&again, "8.8.8.8"), at(country("AT")), "a day old: it was asked for again");
    again.flush().unwrap();
    // A month later, what nobody asked for since is gone.
    clock.advance(HOUR * 24 * 30 - HOUR * 25);
    let late = geo(&path, &Fake::that(Does::Hangs), &clock);
    assert_eq!(late.status().entries, 1);
    assert_eq!(locate(&late, "9.9.9.9"), Whereabouts::NotYet);
}

#[tokio::test(start_paused = true)]
async fn it_is_written_within_a_minute_and_when_the_last_handle_goes() {
    let (_folder, path) = place();
    let fake = Fake::in_country("DE");
    let first = geo(&path, &fake, &ManualClock::new());
    locate(&first, "8.8.8.8");
    settled(&first).await;
    assert!(!path.exists());
    tokio::time::advance(Duration::from_secs(60)).await;
    until("the file", || path.exists()).await;
    let before = fs::read_to_string(&path).unwrap();
    assert!(before.contains("8.8.8.8") && before.contains("\"DE\""), "{before}");
    locate(&first, "9.9.9.9");
    settled(&first).await;
    drop(first);
    until("the end", || fs::read_to_string(&path).unwrap().contains("9.9.9.9")).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_forgotten_on_the_disk_too() {
    let (_folder, path) = place();
    written(&path).await;
    let geo = geo(&path, &Fake::that(Does::Hangs), &ManualClock::new());
    assert_eq!(geo.status().entries, 3);
    geo.forget();
    until("the file", || !fs::read_to_string(&path).unwrap().contains("8.8.8.8")).await;
    assert_eq!(geo.status().entries, 0);
}

#[tokio::test(start_paused = true)]
async fn e7_a_poisoned_cache_file_is_dropped_as_a_whole_with_a_warning() {
    let (_folder, path) = place();
    written(&path).await;
    let good = fs::read_to_string(&path).unwrap();
    let row = r#"{"network":"8.8.8.8","at":1767225600,"country":"KP"}"#;
    let with = |other: &str| format!("[{row},{other}]");
    let at = r#""at":1767225600"#;
    let row_of = |row: String| forged(&with(&row)).into_bytes();
    let cases = [
        ("is wrong", good.replace("DE", "KP").into_bytes()),
        ("is wrong", good.replace("8.8.8.8", "8.8.8.9").into_bytes()),
        ("version 2", good.replace("\"version\":1", "\"version\":2").into_bytes()),
        ("line 1", good.as_bytes()[..good.len() - 9].to_vec()),
        ("line", Vec::new()),
        ("line", vec![0xff, 0xfe]),
        ("line", "[".repeat(100_000).into_bytes()),
        ("line", row_of(format!(r#"{{"network":"1.1.1.1",{at},"x":1}}"#))),
        ("no sense", row_of(format!(r#"{{"network":"10.0.0.1",{at}}}"#))),
        ("no sense", row_of(format!(r#"{{"network":"2a00:1450::/48",{at}}}"#))),
        ("no sense", row_of(format!(r#"{{"network":"x",{at}}}"#))),
        ("no sense", row_of(format!(r#"{{"network":"1.1.1.1",{at},"country":"DEU"}}"#))),
        ("larger than", vec![b' '; (32 << 20) + 1]),
    ];
    for (expected, poison) in cases {
        put(&path, poison);
        let log = SecurityLog::start();
        let geo = geo(&path, &Fake::that(Does::Hangs), &ManualClock::new());
        assert_eq!(geo.status().entries, 0, "{expected}");
        assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::NotYet, "{expected}");
        let told = log.of("geo.cache.dropped");
        assert!(
            told.len() == 1 && told[0].starts_with("WARN") && told[0].contains(expected),
            "{expected}: {told:?}"
        );
    }
    // Not one of them was an accident of this test: a forged file that looks like ours is ours.
    put(&path, forged(&format!("[{row}]")));
    let geo = geo(&path, &Fake::that(Does::Hangs), &ManualClock::new());
    assert_eq!(locate(&geo, "8.8.8.8"), crate::at(country("KP")));
}

#[tokio::test(start_paused = true)]
async fn e7_an_answer_from_the_future_is_asked_for_again() {
    let (_folder, path) = place();
    put(&path, forged(r#"[{"network":"8.8.8.8","at":99999999999,"country":"KP"}]"#));
    let (fake, clock) = (Fake::that(Does::Fails(ProviderError::Connection)), ManualClock::new());
    let geo = geo(&path, &fake, &clock);
    for _ in 0..2 {
        clock.advance(HOUR);
        assert_eq!(locate(&geo, "8.8.8.8"), at(country("KP")), "it is kept meanwhile");
        settled(&geo).await;
    }
    assert_eq!(fake.calls(), 2);
    fake.now(Does::Answers(Some(country("DE"))));
    clock.advance(HOUR);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")));
}

/// Takes a second for each answer.
#[derive(Debug)]
struct Slow;

impl LocationProvider for Slow {
    fn ask(&self, _: IpAddr) -> BoxFuture<Result<Option<Location>, ProviderError>> {
        Box::pin(async {
            let never = std::future::pending::<()>();
            drop(tokio::time::timeout(Duration::from_secs(1), never).await);
            Ok(Some(country("DE")))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_written_also_while_there_is_always_another_question() {
    let (_folder, path) = place();
    let clock = ManualClock::new();
    let builder = Geo::builder().provider(Slow).cache_file(&path).clock(clock.clock());
    let geo = builder.calls_per_minute(6_000).build().unwrap();
    let began = std::time::Instant::now();
    // More each second than are answered in one.
    for number in (0_u32..).step_by(10) {
        for each in number..number + 10 {
            geo.locate(Ipv4Addr::from_bits(0x2000_0000 + each).into());
        }
        clock.advance(Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        if path.exists() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it is never written");
        assert!(geo.status().in_flight > 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_written_shows_and_is_tried_again() {
    let (_folder, path) = place();
    // A file where the folder should be.
    fs::write(path.parent().unwrap(), "").unwrap();
    let log = SecurityLog::start();
    let fake = Fake::in_country("DE");
    let geo = geo(&path, &fake, &ManualClock::new());
    assert_eq!(log.of("geo.cache.dropped").len(), 1, "nor could it be read");
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    geo.flush().unwrap_err();
    geo.flush().unwrap_err();
    assert!(geo.status().unwritable && geo.is_degraded());
    assert_eq!(log.of("geo.cache.unwritable").len(), 1, "told once");
    fs::remove_file(path.parent().unwrap()).unwrap();
    geo.flush().unwrap();
    assert!(!geo.is_degraded() && path.exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Whatever one byte of a file becomes: either all of it is believed, and says what it said, or nothing.
    #[test]
    fn a_changed_byte_is_harmless_or_drops_the_file(place_of_byte in 0_usize..300, byte: u8) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (_folder, path) = place();
            written(&path).await;
            let mut bytes = fs::read(&path).unwrap();
            let index = place_of_byte % bytes.len();
            bytes[index] = byte;
            fs::write(&path, bytes).unwrap();
            let geo = geo(&path, &Fake::that(Does::Hangs), &ManualClock::new());
            let entries = geo.status().entries;
            prop_assert!(entries == 0 || entries == 3);
            let known = locate(&geo, "9.9.9.9") == Whereabouts::Nowhere;
            prop_assert_eq!(known, entries == 3);
            Ok(())
        })?;
    }

    /// No file ends the program.
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_folder, path) = place();
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            let geo = geo(&path, &Fake::that(Does::Hangs), &ManualClock::new());
            prop_assert_eq!(geo.status().entries, 0);
            Ok(())
        })?;
    }
}
