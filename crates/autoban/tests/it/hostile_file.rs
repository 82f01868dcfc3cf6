//! P16: a file that is huge, truncated, a link, or written by two.

use std::{
    fs,
    path::{Path, PathBuf},
};

use palisade_autoban::{AutoBan, BanOrder};
use palisade_core::ViolationKind::Suspicious;
use tempfile::TempDir;

use crate::{Bench, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    (folder, path)
}

/// Starts with this file, and checks that it is the safe mode: the file kept, no bans known, banning works.
fn starts_in_safe_mode(path: &Path, content: &[u8], why: &str) {
    fs::write(path, content).unwrap();
    let bench = Bench::new(|settings| settings.file(path).max_bans(100));
    let status = bench.auto_ban.status();
    assert!(!status.is_healthy());
    let safe_mode = status.file.unwrap().safe_mode.unwrap();
    assert!(safe_mode.reason.contains(why), "{}", safe_mode.reason);
    assert_eq!(fs::read(&safe_mode.kept_aside).unwrap(), content, "nothing of the file is lost");
    assert!(safe_mode.kept_aside.to_string_lossy().contains("ban.json.corrupt-1767225600"));
    assert_eq!(bench.auto_ban.bans(), palisade_autoban::BanList::default());
    bench.violates(BOT, Suspicious, 6);
    assert_eq!(bench.asks(BOT), "banned");
    drop(bench);
    let again = Bench::new(|settings| settings.file(path));
    assert!(again.auto_ban.status().is_healthy(), "the next start is a normal one");
    assert_eq!(again.asks(BOT), "banned");
    drop(again);
    fs::remove_file(path).unwrap();
}

#[test]
fn p16_a_truncated_file_at_any_byte_is_kept_aside() {
    let (_folder, path) = place();
    {
        let bench = Bench::new(|settings| settings.file(&path));
        bench.violates(BOT, Suspicious, 6);
    }
    let whole = fs::read(&path).unwrap();
    for len in (0..whole.len() - 2).step_by(16) {
        starts_in_safe_mode(&path, &whole[..len], "EOF");
    }
}

#[test]
fn p16_a_file_that_says_something_else_is_kept_aside() {
    let (_folder, path) = place();
    for (content, why) in [
        (&b"\0\0\0\0\0\0\0\0"[..], "line 1"),
        (b"null", "expected an object"),
        (br#"{"version": 2}"#, "another version"),
        (br#"{"bannedIps": []}"#, "unknown"),
        (br#"{"bannedIPs": [], "bannedIPs": []}"#, "twice"),
        (br#"{"bannedIPs": ["localhost"]}"#, "address"),
        (br#"{"bannedIPs": [{"value": "192.0.2.1"}]}"#, "missing field"),
        (br#"{"bannedUserIds": [""]}"#, "256"),
        (br#"{"bannedTokens": ["sha256:00"]}"#, "hexadecimal"),
        (br#"{"bannedUserIds": [{"value":"a","since":"yesterday","by":"x"}]}"#, "RFC 3339"),
        (br#"{"bannedUserIds": [{"value":"a","since":"2026-01-01T00:00:00Z","by":"x","more":1}]}"#, "expected"),
        (br#"{"bannedIPs": [{"value":"192.0.2.1","issuer":"x","since":"2026-01-01T00:00:00Z","by":"x"}]}"#, "only users"),
        (br#"{"bannedUserIds": [{"value":"a","offences":-1,"since":"2026-01-01T00:00:00Z","by":"x"}]}"#, "expected u32"),
        (br#"{"bannedUserIds": [{"value":"a","since":"2026-01-01T00:00:00Z","by":"x","evidence":{"violations":{},"first":"2026-01-01T00:00:00Z","last":"2026-01-01T00:00:00Z","routes":["1","2","3","4","5","6","7","8","9"]}}]}"#, "more than 8 routes"),
        (br#"{"pastBans": {}}"#, "expected a list"),
        (br#"{"pastBans": [{"target":{"kind":"ip","value":"localhost"},"offences":1,"ended":"2026-01-01T00:00:00Z"}]}"#, "neither an address"),
        (br#"{"pastBans": [{"target":{"kind":"ip","value":"192.0.2.1"},"ended":"2026-01-01T00:00:00Z"}]}"#, "missing field"),
    ] {
        starts_in_safe_mode(&path, content, why);
    }
    let long = "x".repeat(257);
    for (value, issuer) in [("a", &*long), (&*long, "a")] {
        let content = format!(
            r#"{{"bannedUserIds": [{{"value":"{value}","issuer":"{issuer}","since":"2026-01-01T00:00:00Z","by":"x"}}]}}"#
        );
        starts_in_safe_mode(&path, content.as_bytes(), "256 bytes");
    }
}

#[test]
fn p16_more_memories_than_there_is_room_for_are_no_mistake() {
    let (_folder, path) = place();
    let many: Vec<_> = (0..150)
        .map(|number| {
            format!(
                r#"{{"target":{{"kind":"user","value":"user-{number}"}},"offences":1,"ended":"2026-01-01T00:00:00Z"}}"#
            )
        })
        .collect();
    fs::write(&path, format!("{{\"pastBans\": [{}]}}", many.join(","))).unwrap();
    let bench = Bench::new(|settings| settings.file(&path).max_bans(100));
    assert!(bench.auto_ban.status().is_healthy());
}

#[test]
fn p16_no_reason_repeats_what_may_be_a_token() {
    let (_folder, path) = place();
    let token = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
    for content in [
        format!(r#"{{"bannedTokens": "{token}"}}"#),
        format!(r#"{{"bannedTokens": ["{token} x"]}}"#),
        format!(r#"{{"bannedTokens": [{{"{token}": 1}}]}}"#),
        format!(r#"{{"bannedIPs": ["{token}"]}}"#),
        format!(
            r#"{{"bannedUserIds": [{{"value":"a","issuer":"{token}{token}{token}{token}{token}{token}{token}{token}{token}","since":"2026-01-01T00:00:00Z","by":"x"}}]}}"#
        ),
        format!(r#"{{"pastBans": [{{"target":{{"kind":"ip","value":"{token}"}}}}]}}"#),
        format!(r#"{{"pastBans": [{{"target":{{"kind":"token","value":"{token}"}}}}]}}"#),
        format!(r#"{{"pastBans": [{{"target":{{"kind":"{token}","value":"a"}}}}]}}"#),
        format!(r#"{{"version": "{token}"}}"#),
        format!(r#"{{"{token}": 1}}"#),
    ] {
        fs::write(&path, &content).unwrap();
        let status = Bench::new(|settings| settings.file(&path)).auto_ban.status();
        let told = status.file.unwrap().safe_mode.unwrap().reason;
        assert!(!told.contains("eyJ"), "{told}");
    }
}

#[test]
fn p16_a_file_with_too_many_bans_or_bytes_is_kept_aside() {
    let (_folder, path) = place();
    let many: Vec<_> = (0..101).map(|number| format!("\"user-{number}\"")).collect();
    starts_in_safe_mode(
        &path,
        format!("{{\"bannedUserIds\": [{}]}}", many.join(",")).as_bytes(),
        "more than 100 bans",
    );
    fs::File::create(&path).unwrap().set_len(80 * 1024 * 1024 + 1).unwrap();
    let bench = Bench::new(|settings| settings.file(&path));
    let reason = bench.auto_ban.status().file.unwrap().safe_mode.unwrap().reason;
    assert!(reason.contains("larger than"), "{reason}");
}

#[cfg(unix)]
#[test]
fn p16_a_link_or_a_folder_stops_the_start_and_is_not_touched() {
    let (folder, path) = place();
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "{}").unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    let told = AutoBan::builder().file(&path).build().unwrap_err().to_string();
    assert!(told.contains("a regular file, no link"), "{told}");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert!(AutoBan::builder().file(folder.path()).build().is_err());
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert!(AutoBan::builder().file(&path).build().is_err());
}

#[test]
fn p16_with_two_writers_the_file_is_always_one_of_theirs() {
    let (_folder, path) = place();
    let write = |name: &'static str| {
        let path = path.clone();
        move || {
            let bench = Bench::new(|settings| settings.file(&path));
            for number in 0..30 {
                bench.auto_ban.ban_user(&format!("{name}-{number}"), BanOrder::by(name)).unwrap();
                bench.auto_ban.flush().unwrap();
                let text = fs::read(&path).unwrap();
                serde_json::from_slice::<serde_json::Value>(&text).unwrap();
            }
        }
    };
    let writers = [std::thread::spawn(write("one")), std::thread::spawn(write("two"))];
    for writer in writers {
        writer.join().unwrap();
    }
    let bench = Bench::new(|settings| settings.file(&path));
    assert!(bench.auto_ban.status().is_healthy());
    assert!(bench.auto_ban.bans().users.len() >= 30);
}
