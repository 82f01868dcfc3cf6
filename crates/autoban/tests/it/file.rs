//! Bans on disk.

use std::{fs, path::Path};

use palisade_autoban::{AutoBan, BanOrder};
use palisade_core::ViolationKind::{RateLimit, Suspicious};

use crate::{Bench, HOUR, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

fn on(path: &Path) -> Bench {
    Bench::new(|settings| settings.file(path))
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_restart_keeps_every_ban_with_all_that_is_known_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/ban.json");
    let before = {
        let bench = on(&path);
        bench.violates(BOT, Suspicious, 6);
        bench.violates(Who("2001:db8::1", None), Suspicious, 6);
        bench.violates(Who("198.51.100.1", Some("al\"ice\n")), RateLimit, 6);
        bench
            .auto_ban
            .ban_token("secret", BanOrder::by("root").reason("leaked").lasting(HOUR))
            .unwrap();
        bench.auto_ban.bans()
        // Dropping the last handle writes what is not on disk yet.
    };
    let bench = on(&path);
    let mut after = bench.auto_ban.bans();
    after.ips.sort_by(|a, b| b.value.cmp(&a.value));
    let mut expected = before;
    expected.ips.sort_by(|a, b| b.value.cmp(&a.value));
    assert_eq!(after, expected);
    assert_eq!(bench.asks(BOT), "banned");
    assert_eq!(bench.asks(Who("192.0.2.1", Some("al\"ice\n"))), "banned");
    assert!(!fs::read_to_string(&path).unwrap().contains("secret"));
}

#[test]
fn the_file_has_the_documented_shape_and_a_ban_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = on(&path);
    bench.violates(BOT, Suspicious, 6);
    bench.auto_ban.flush().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "{\"version\":1,\n\"bannedIPs\":[\n{\"value\":\"203.0.113.9\",\"reason\":\"too many violations\",\
         \"since\":\"2026-01-01T00:00:00Z\",\"by\":\"auto-ban\",\"offences\":1,\"evidence\":{\"violations\":{\"suspicious\":6},\"weight\":6,\
         \"first\":\"2026-01-01T00:00:00Z\",\"last\":\"2026-01-01T00:00:00Z\"}}],\n\
         \"bannedUserIds\":[],\n\"bannedTokens\":[]}\n"
    );
    assert!(bench.auto_ban.status().is_healthy());
}

#[test]
fn a_lifted_ban_and_one_that_ended_leave_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = Bench::new(|settings| settings.file(&path).ban_duration(HOUR));
    bench.violates(BOT, Suspicious, 6);
    bench.violates(Who("198.51.100.1", None), Suspicious, 6);
    bench.auto_ban.unban_ip(BOT.0, "alice").unwrap();
    bench.auto_ban.flush().unwrap();
    assert_eq!(json(&path)["bannedIPs"][0]["value"], "198.51.100.1");
    bench.clock.advance(HOUR);
    bench.auto_ban.cleanup(bench.clock.now());
    bench.auto_ban.flush().unwrap();
    assert_eq!(json(&path)["bannedIPs"], serde_json::json!([]));
}

#[test]
fn plain_entries_are_read_and_no_token_stays_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let old = r#"{"bannedIPs": ["203.0.113.9", "::ffff:1.2.3.4"], "bannedUserIds": ["mallory"], "bannedTokens": ["raw-token"]}"#;
    fs::write(&path, old).unwrap();
    let bench = on(&path);
    assert_eq!(bench.asks(BOT), "banned");
    assert_eq!(bench.asks(Who("1.2.3.4", None)), "banned");
    assert_eq!(bench.asks(Who("192.0.2.1", Some("mallory"))), "banned");
    bench.auto_ban.flush().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("raw-token") && text.contains("sha256:"), "{text}");
    assert_eq!(json(&path)["bannedUserIds"][0]["by"], "file");
}

#[test]
fn a_write_that_fails_shows_and_heals_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config").join("ban.json");
    // A file stands where the folder should be.
    fs::write(folder.path().join("config"), "").unwrap();
    let Err(_) = AutoBan::builder().file(&path).build() else {
        panic!("a path that cannot be read is told at the start");
    };
    fs::remove_file(folder.path().join("config")).unwrap();
    let bench = on(&path);
    fs::write(folder.path().join("config"), "").unwrap();
    bench.violates(BOT, Suspicious, 6);
    assert!(bench.auto_ban.flush().is_err());
    assert_eq!(bench.asks(BOT), "banned", "the ban is in force all the same");
    assert!(!bench.auto_ban.status().is_healthy());
    fs::remove_file(folder.path().join("config")).unwrap();
    bench.auto_ban.flush().unwrap();
    assert!(bench.auto_ban.status().is_healthy());
    assert_eq!(json(&path)["bannedIPs"][0]["value"], "203.0.113.9");
}

#[test]
fn without_a_file_flush_has_nothing_to_do() {
    let bench = Bench::new(|settings| settings);
    bench.violates(BOT, Suspicious, 6);
    bench.auto_ban.flush().unwrap();
    assert_eq!(bench.auto_ban.status().file, None);
}
