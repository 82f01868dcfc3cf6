//! Keys on disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use palisade_authn_api_key::{KeyError, NewKey};
use palisade_core::TokenDigest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Bench, HOUR};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/api-keys.json");
    (folder, path)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Puts a file where the folder is: nothing can be read or written there.
fn break_folder(path: &Path) {
    let folder = path.parent().unwrap();
    fs::remove_dir_all(folder).unwrap();
    fs::write(folder, "").unwrap();
}

#[test]
fn a_restart_keeps_every_key_with_all_that_is_known_of_it() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let order = NewKey::owned_by("al\"ice").name("ex\u{e9}mple").role("a b").scope("posts:read");
    let first = bench.keys.create(order.lasting(HOUR)).unwrap();
    let old = bench.issue();
    let new = bench.keys.rotate(old.key.id, HOUR).unwrap();
    let disabled = bench.issue();
    bench.keys.disable(disabled.key.id).unwrap();
    assert_eq!(bench.verdict(first.text.expose()), "ok");
    bench.keys.flush().unwrap();

    let again = Bench::on(&path);
    assert_eq!(again.keys.list(), bench.keys.list());
    for (issued, verdict) in [(&first, "ok"), (&old, "ok"), (&new, "ok"), (&disabled, "disabled")] {
        assert_eq!(again.verdict(issued.text.expose()), verdict);
    }
}

#[test]
fn the_file_has_the_documented_shape_and_a_key_a_line() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let order = NewKey::owned_by("exporter").name("nightly export").scope("posts:read");
    let old = bench.keys.create(order.lasting(HOUR)).unwrap();
    assert_eq!(bench.verdict(old.text.expose()), "ok");
    let new = bench.keys.rotate(old.key.id, 2 * HOUR).unwrap();
    bench.keys.disable(old.key.id).unwrap();
    let digest = |text: &str| format!("sha256:{}", TokenDigest::of(text));
    let key = json!({
        "id": old.key.id.as_str(), "name": "nightly export", "owner": "exporter", "scopes": ["posts:read"],
        "created": "2026-01-01T00:00:00Z", "expires": "2026-01-01T01:00:00Z", "disabled": "2026-01-01T00:00:00Z",
        "lastUsed": "2026-01-01T00:00:00Z", "oldSecretUntil": "2026-01-01T02:00:00Z",
    });
    let secrets = json!({"current": digest(new.text.expose()), "old": digest(old.text.expose())});
    assert_eq!(read(&path), json!({"version": 1, "keys": [{"key": key, "secrets": secrets}]}));
    drop(bench.issue());
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.starts_with("{\"version\":1,\n\"keys\":[\n{\"key\":{\"id\":"), "{text}");
    assert!(text.ends_with("}}]}\n"), "{text}");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = place();
    drop(Bench::on(&path).issue());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_key_that_cannot_be_written_is_not_made() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let issued = bench.issue();
    break_folder(&path);
    let told = bench.keys.create(NewKey::owned_by("exporter")).unwrap_err();
    assert!(matches!(told, KeyError::File(_)), "{told}");
    assert!(matches!(bench.keys.rotate(issued.key.id, HOUR), Err(KeyError::File(_))));
    assert_eq!(bench.keys.list(), [issued.key]);
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
}

#[test]
fn a_key_is_disabled_and_deleted_also_where_that_cannot_be_written() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let issued = bench.issue();
    break_folder(&path);
    assert!(matches!(bench.keys.disable(issued.key.id), Err(KeyError::File(_))));
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
    assert!(matches!(bench.keys.enable(issued.key.id), Err(KeyError::File(_))));
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
    assert!(matches!(bench.keys.delete(issued.key.id), Err(KeyError::File(_))));
    assert_eq!(bench.verdict(issued.text.expose()), "unknown");
}

#[test]
fn what_another_process_wrote_is_taken_over_and_never_overwritten() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let issued = tool.issue();
    assert_eq!(server.verdict(issued.text.expose()), "unknown");
    assert!(server.keys.reload().unwrap());
    assert!(!server.keys.reload().unwrap(), "nothing is new now");
    assert_eq!(server.verdict(issued.text.expose()), "ok");
    let later = tool.issue();
    drop(server.issue());
    assert!(tool.keys.reload().unwrap());
    assert_eq!(tool.keys.list(), server.keys.list());
    assert_eq!(tool.keys.list().len(), 3);
    assert_eq!(server.verdict(later.text.expose()), "ok", "also without a reload");
}

#[test]
fn a_reload_keeps_when_keys_were_used() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let issued = tool.issue();
    server.keys.reload().unwrap();
    assert_eq!(server.verdict(issued.text.expose()), "ok");
    tool.keys.disable(issued.key.id).unwrap();
    assert!(server.keys.reload().unwrap());
    assert_eq!(server.verdict(issued.text.expose()), "disabled");
    assert!(server.keys.list()[0].last_used.is_some());
}

#[test]
fn a_file_that_goes_bad_or_goes_away_changes_nothing() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let issued = bench.issue();
    fs::write(&path, "{").unwrap();
    assert!(bench.keys.reload().is_err());
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
    assert!(matches!(bench.keys.flush(), Err(KeyError::File(_))), "nor is it overwritten");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{");
    fs::remove_file(&path).unwrap();
    assert!(!bench.keys.reload().unwrap());
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
    bench.keys.flush().unwrap();
    assert_eq!(read(&path)["keys"][0]["key"]["id"], issued.key.id.as_str());
}
