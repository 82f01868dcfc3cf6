//! Files that hold a mistake: the start stops, and says where and what is expected.

use std::fs;

use palisade_authn_api_key::ApiKeys;
use serde_json::{Value, json};

use crate::{Bench, live};

const KEY: &str = "4kq0v7m2x9rt";

/// A file with one key, after `change`.
fn document(change: impl FnOnce(&mut Value)) -> String {
    let mut json = json!({"version": 1, "keys": [{
        "key": {"id": KEY, "owner": "exporter", "created": "2026-01-01T00:00:00Z"},
        "secrets": {"current": format!("sha256:{}", "0".repeat(64))},
    }]});
    change(&mut json);
    json.to_string()
}

/// What the start says to a file with this content.
fn told(content: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-keys.json");
    fs::write(&path, content).unwrap();
    let told = ApiKeys::builder(live()).max_keys(2).file(&path).build().unwrap_err().to_string();
    assert!(told.contains("api-keys.json"), "{told}");
    told
}

fn check(content: impl AsRef<[u8]>, expected: &str) {
    let told = told(content);
    assert!(told.contains(expected), "`{expected}` is not in: {told}");
}

#[test]
fn a_good_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-keys.json");
    fs::write(&path, document(|_| {})).unwrap();
    assert_eq!(Bench::on(&path).keys.list()[0].id.as_str(), KEY);
}

#[test]
fn a_file_that_is_no_list_of_keys_stops_the_start() {
    check("", "json:1:0` is not a valid file of API keys: expected JSON that parses: EOF");
    check("{\"version\":1,\n\"keys\":[\n{}}", "json:3:");
    check("null", "expected an object with `version` and `keys`");
    check("{}", "expected a field `version`");
    check("{\"version\":1}", "expected a field `keys`");
    check("{\"version\":2,\"keys\":[]}", "expected version 1; it is of another version");
    check("{\"version\":1,\"version\":1,\"keys\":[]}", "expected `version` once");
    check("{\"version\":1,\"keys\":[],\"more\":1}", "expected `version` or `keys`");
    check(b"\xff", "it is not UTF-8");
}

#[test]
fn a_key_that_makes_no_sense_stops_the_start() {
    let key = |name: &'static str, value: Value| {
        document(move |json| json["keys"][0]["key"][name] = value)
    };
    check(key("id", json!("4KQ0V7M2X9RT")), "12 digits of Crockford's base32 in lower case");
    check(key("created", json!("yesterday")), "expected a time as in RFC 3339");
    check(key("expires", json!(1_767_225_600)), "expected a string");
    check(key("owner", json!("")), "json: key 4kq0v7m2x9rt` is not a valid file of API keys");
    check(key("owner", json!("")), "expected an owner of 1 to 256 bytes");
    check(key("scopes", json!(["a b"])), "expected scopes without spaces");
    check(key("roles", json!("admin")), "expected a sequence");
    check(key("enabled", json!(true)), "`disabled`");
    check(key("oldSecretUntil", json!("2026-01-01T00:00:00Z")), "oldSecretUntil` beside `old`");
    let secrets = |secrets: Value| document(move |json| json["keys"][0]["secrets"] = secrets);
    check(secrets(json!({})), "expected a field `current`");
    check(secrets(json!({"current": "sha256:00"})), "expected `sha256:` and 64 hexadecimal digits");
    check(secrets(json!({"current": "0".repeat(64)})), "expected `sha256:` and 64");
}

#[test]
fn two_keys_of_one_id_and_more_keys_than_there_is_room_for_stop_the_start() {
    let many =
        |count: usize| document(|json| json["keys"] = json!(vec![json["keys"][0].clone(); count]));
    check(many(2), "expected every id once");
    check(many(3), "expected at most 2 keys");
}

/// A key where none belongs: the contents of files whose mistake is `told` with it.
fn w5_repeats(told: fn(&str) -> String) -> Vec<String> {
    let issued = Bench::in_memory().issue();
    let text = issued.text.expose();
    let contents = [
        text.to_owned(),
        json!(text).to_string(),
        json!({ text: 1 }).to_string(),
        json!({"version": text}).to_string(),
        document(|json| json["keys"][0] = json!(text)),
        document(|json| json["keys"][0]["key"]["id"] = json!(text)),
        document(|json| json["keys"][0]["key"]["owner"] = json!(format!("{text}\n"))),
        document(|json| json["keys"][0]["key"]["created"] = json!(text)),
        document(|json| json["keys"][0]["key"][text] = json!(1)),
        document(|json| json["keys"][0]["secrets"]["current"] = json!(text)),
    ];
    contents.iter().map(|content| told(content)).filter(|told| told.contains("acme")).collect()
}

fn ours(content: &str) -> String {
    told(content)
}

/// Hands on what the parser says.
fn quotes_the_file(content: &str) -> String {
    serde_json::from_str::<u32>(content).unwrap_err().to_string()
}

#[test]
fn w5_no_mistake_repeats_what_may_be_a_key() {
    assert_eq!(w5_repeats(ours), Vec::<String>::new());
}

#[test]
fn w5_finds_who_quotes_the_file() {
    assert_ne!(w5_repeats(quotes_the_file), Vec::<String>::new());
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-keys.json");
    fs::File::create(&path).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    let told = ApiKeys::builder(live()).file(&path).build().unwrap_err().to_string();
    assert!(told.contains("larger than"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_link_or_a_folder_stops_the_start_and_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (path, elsewhere) = (folder.path().join("api-keys.json"), folder.path().join("elsewhere"));
    fs::write(&elsewhere, document(|_| {})).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    let told = ApiKeys::builder(live()).file(&path).build().unwrap_err().to_string();
    assert!(told.contains("a link, a folder or a device"), "{told}");
    assert!(ApiKeys::builder(live()).file(folder.path()).build().is_err());
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn keys_without_room_for_one_are_a_mistake() {
    assert!(ApiKeys::builder(live()).max_keys(0).build().is_err());
}
