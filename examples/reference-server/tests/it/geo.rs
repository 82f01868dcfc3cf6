//! Where clients are: by a database file, and by a provider on a socket of this machine.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::server::{Server, run, until};

/// In `MaxMind`'s test database: London, Linköping, and nobody.
const GB: &str = "81.2.69.142";
const SE: &str = "89.160.20.112";
const NOWHERE: &str = "8.8.8.8";

fn data(name: &str) -> PathBuf {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/geo/tests/data"));
    root.join(name)
}

/// A folder with a blocklist that blocks Great Britain, and with the database.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    let list = r#"{"blockedCountries": ["GB"]}"#;
    fs::write(folder.path().join("config/blocklist.json"), list).unwrap();
    fs::copy(data("GeoIP2-City-Test.mmdb"), folder.path().join("db.mmdb")).unwrap();
    folder
}

/// Limits and bans are out of the way, and clients say by a header who they are.
fn start(folder: TempDir, settings: &[(&str, &str)]) -> Server {
    let usual = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUTO_BAN_ENABLED", "false"),
        ("TRUSTED_PROXIES", "127.0.0.1/32"),
        ("CLIENT_IP_HEADER", "x-forwarded-for"),
    ];
    Server::start_in(folder, &[&usual, settings].concat())
}

/// Status and code of the answer to a client from `address`.
fn ask(server: &Server, address: &str) -> (u16, String) {
    let answer = server.request("GET", "/").header("x-forwarded-for", address).send().unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn ready(server: &Server) -> (u16, Value) {
    let answer = server.get("/readyz");
    (answer.status().as_u16(), answer.json::<Value>().unwrap())
}

/// A provider who says that everybody is in Great Britain, once he is told to say anything.
pub(crate) struct Vendor {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    silent: Arc<Mutex<Vec<TcpStream>>>,
}

impl Vendor {
    pub(crate) fn start(answers: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, silent) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<_>>>::default());
        let vendor = Self { address, asked: Arc::clone(&asked), silent: Arc::clone(&silent) };
        // It ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut buffer = [0; 4096];
                if stream.read(&mut buffer).unwrap_or(0) == 0 {
                    continue;
                }
                asked.fetch_add(1, Ordering::SeqCst);
                if answers.is_empty() {
                    silent.lock().unwrap().push(stream);
                    continue;
                }
                let length = answers.len();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                drop(write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{answers}"));
            }
        });
        vendor
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

pub(crate) const GREAT_BRITAIN: &str =
    r#"{"country": {"isoAlpha2": "GB"}, "location": {"city": "London"}}"#;

#[test]
fn with_a_database_the_first_request_of_a_blocked_country_is_refused() {
    let server = start(folder(), &[("GEOIP_DB", "db.mmdb")]);
    let alice = server.token("alice", &["admin"]);
    let flushed = server.request("POST", "/api/flush-cache").bearer_auth(&alice).send().unwrap();
    let flushed: Value = flushed.json().unwrap();
    assert_eq!(
        flushed["flushed"],
        serde_json::json!(["verified-tokens", "content"]),
        "of a file nothing is"
    );
    assert_eq!(ask(&server, GB), (403, "blocked".to_owned()));
    assert_eq!(ask(&server, SE).0, 200);
    assert_eq!(ask(&server, NOWHERE).0, 200);
    assert_eq!((ready(&server).0, &ready(&server).1["parts"]["geo"]), (200, &"ok".into()));
    let figures = server.get_as(&alice, "/metrics").text().unwrap();
    let built = figures.lines().find_map(|line| {
        line.strip_prefix("palisade_geo_database_built_timestamp_seconds ")?.parse::<f64>().ok()
    });
    assert!(built.is_some_and(|built| built > 1.5e9), "{built:?}");
    // What replaces it is no database: it changes nothing but what is told.
    fs::write(server.folder.path().join("db.mmdb"), "nonsense").unwrap();
    until("the bad file", || ready(&server).1["parts"]["geo"] == "degraded");
    assert_eq!(ready(&server).0, 200, "nobody is refused for having no country");
    assert_eq!(ask(&server, GB).0, 403);
    assert!(server.log().contains("geo.database.refused"), "{}", server.log());
    let beside = server.folder.path().join("beside");
    fs::copy(data("GeoIP2-Country-Test.mmdb"), &beside).unwrap();
    fs::rename(&beside, server.folder.path().join("db.mmdb")).unwrap();
    until("the good file", || ready(&server).1["parts"]["geo"] == "ok");
    assert_eq!(ask(&server, GB).0, 403);
}

#[test]
fn without_a_source_there_is_no_part_and_country_rules_mean_nothing() {
    let server = start(folder(), &[]);
    assert_eq!(ask(&server, GB).0, 200);
    assert_eq!(ready(&server).1["parts"]["geo"], Value::Null);
    assert!(!server.folder.path().join("cache").exists());
    // That they mean nothing is told: at the start, at each list, and to who asks.
    let told = || server.log().matches("blocklist.countries-unknown").count();
    assert_eq!(told(), 1, "{}", server.log());
    assert_eq!(ready(&server).1["mistakes"]["countries"]["setting"], "GEOIP_DB");
    let list = server.folder.path().join("config/blocklist.json");
    fs::write(&list, r#"{"blockedCountries": ["GB", "SE"]}"#).unwrap();
    until("the second list", || told() == 2);
    let (fine, out, errors) = run(server.folder.path(), &["check-config"], &[]);
    assert!(fine && out.contains("blocks 2 countries, and nobody knows them"), "{out}{errors}");
    fs::write(&list, "{}").unwrap();
    until("the third one", || ready(&server).1["mistakes"].is_null());
}

#[test]
fn e7_a_vendor_hears_of_nobody_who_is_blocked_or_of_whom_nobody_needs_to_know() {
    let vendor = Vendor::start(GREAT_BRITAIN);
    let (url, folder) = (vendor.url(), folder());
    let list = folder.path().join("config/blocklist.json");
    fs::write(&list, r#"{"blockedIPs": ["9.9.9.9"]}"#).unwrap();
    let server = start(folder, &[("GEOIP_URL", &url), ("ANALYTICS", "off")]);
    for last in 0..20 {
        assert_eq!(ask(&server, "9.9.9.9").0, 403);
        assert_eq!(ask(&server, &format!("8.8.8.{last}")).0, 200);
        let health = server.request("GET", "/healthz");
        let health = health.header("x-forwarded-for", format!("8.8.4.{last}")).send().unwrap();
        assert_eq!(health.status(), 200);
    }
    assert_eq!(vendor.asked(), 0);
    // Now somebody needs to know, and still not of who is blocked.
    let rules = r#"{"blockedIPs": ["9.9.9.9"], "blockedCountries": ["GB"]}"#;
    fs::write(list_of(&server), rules).unwrap();
    until("the country", || ask(&server, "8.8.8.8") == (403, "blocked".to_owned()));
    for _ in 0..5 {
        assert_eq!(ask(&server, "9.9.9.9").0, 403);
    }
    assert_eq!(vendor.asked(), 1);
}

fn list_of(server: &Server) -> PathBuf {
    server.folder.path().join("config/blocklist.json")
}

/// All files below a folder that hold this text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| {
        if path.is_dir() {
            return holding(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        if holds { vec![path] } else { Vec::new() }
    });
    below.collect()
}

#[test]
fn e7_where_addresses_are_not_kept_whole_no_file_holds_one() {
    let vendor = Vendor::start(GREAT_BRITAIN);
    let url = vendor.url();
    let visit = |folder: TempDir, records: (&str, &str)| {
        let server = start(folder, &[("GEOIP_URL", &url), records]);
        let known = || ask(&server, "8.8.4.77").0 == 403;
        until("the country", known);
        // What it keeps of locations is written at the end.
        server.stop()
    };
    let whole = visit(folder(), ("ANALYTICS_ADDRESSES", "whole"));
    let cache = whole.path().join("cache/geoip.json");
    assert!(holding(whole.path(), "8.8.4.77").contains(&cache));
    // What was kept under other settings.
    let folder = || {
        let folder = folder();
        fs::create_dir(folder.path().join("cache")).unwrap();
        fs::copy(&cache, folder.path().join("cache/geoip.json")).unwrap();
        folder
    };
    let daily_hash = ("ANALYTICS_ADDRESSES", "daily-hash");
    for records in [("ANALYTICS_ADDRESSES", "network"), daily_hash, ("ANALYTICS", "off")] {
        let folder = visit(folder(), records);
        let mut held = holding(folder.path(), "8.8.4.77");
        // The log is asked for separately.
        held.retain(|path| !path.ends_with("stderr.log"));
        assert_eq!(held, [] as [PathBuf; 0], "{records:?}");
    }
    // Also where nobody is asked any more.
    let server = start(folder(), &[daily_hash]);
    assert!(!server.folder.path().join("cache/geoip.json").exists());
}

#[test]
fn a_provider_is_asked_once_in_the_background_and_a_restart_asks_nobody() {
    let vendor = Vendor::start(GREAT_BRITAIN);
    let url = vendor.url();
    let settings = [("GEOIP_URL", url.as_str()), ("GEOIP_KEY", "a-key")];
    let server = start(folder(), &settings);
    assert_eq!(ask(&server, NOWHERE).0, 200, "the first request has no country");
    until("the country", || ask(&server, NOWHERE) == (403, "blocked".to_owned()));
    assert_eq!(ask(&server, "127.0.0.1").0, 200);
    assert_eq!(ask(&server, "10.0.0.1").0, 200);
    assert_eq!(vendor.asked(), 1);
    assert!(!server.log().contains("a-key"));
    let server = start(server.stop(), &settings);
    assert_eq!(ask(&server, NOWHERE).0, 403, "it is in cache/geoip.json");
    assert_eq!(vendor.asked(), 1);
    // What an admin flushes is asked for again.
    let alice = server.token("alice", &["admin"]);
    let flushed = server.request("POST", "/api/flush-cache").bearer_auth(alice).send().unwrap();
    let flushed: Value = flushed.json().unwrap();
    assert_eq!(flushed["flushed"], serde_json::json!(["verified-tokens", "content", "locations"]));
    assert_eq!(ask(&server, NOWHERE).0, 200);
    until("the country again", || ask(&server, NOWHERE).0 == 403);
    assert_eq!(vendor.asked(), 2);
}

#[test]
fn e7_while_the_provider_never_answers_requests_are() {
    let vendor = Vendor::start("");
    let url = vendor.url();
    let server = start(folder(), &[("GEOIP_URL", url.as_str())]);
    for last in 0..50 {
        assert_eq!(ask(&server, &format!("8.8.8.{last}")).0, 200);
    }
    until("a call", || vendor.asked() > 0);
    until("the breaker", || ready(&server).1["parts"]["geo"] == "degraded");
    assert_eq!((ready(&server).0, ready(&server).1["status"].as_str()), (200, Some("degraded")));
    assert!(server.log().contains("geo.degraded"));
    for last in 0..50 {
        assert_eq!(ask(&server, &format!("8.8.8.{last}")).0, 200);
    }
    // Four are asked at a time, and two more may begin before the third failure. One that began may come late.
    assert!(vendor.asked() <= 6, "none while it is open: {}", vendor.asked());
    assert!(!vendor.silent.lock().unwrap().is_empty(), "they hang still");
}

#[test]
fn with_deny_an_unknown_country_is_refused_while_countries_are_blocked() {
    let settings = [("GEOIP_DB", "db.mmdb"), ("GEOIP_UNKNOWN", "deny")];
    let server = start(folder(), &settings);
    assert_eq!(ask(&server, NOWHERE), (403, "blocked.unknown-country".to_owned()));
    assert_eq!(ask(&server, GB), (403, "blocked".to_owned()));
    assert_eq!(ask(&server, SE).0, 200);
    assert_eq!(ask(&server, "10.0.0.1").0, 200);
    fs::write(server.folder.path().join("config/blocklist.json"), "{}").unwrap();
    until("the list that blocks nobody", || ask(&server, NOWHERE).0 == 200);
}

#[test]
fn mistakes_in_what_is_said_of_locations_stop_the_start_and_show_no_key() {
    let folder = folder();
    let check = |settings: &[(&str, &str)], expected: &str| {
        let (fine, out, errors) = run(folder.path(), &["check-config"], settings);
        assert!(!fine && errors.contains(expected), "{expected}: {out}{errors}");
        assert!(!errors.contains("s3cret"), "{errors}");
    };
    check(&[("GEOIP_URL", "bigdatacloud")], "needs GEOIP_KEY");
    check(&[("GEOIP_URL", "http://vendor.example/?key=s3cret")], "GEOIP_URL");
    check(&[("GEOIP_URL", "http://127.0.0.1"), ("GEOIP_KEY", "s3cret s3cret")], "GEOIP_KEY");
    check(&[("GEOIP_KEY", "s3cret")], "needs GEOIP_URL");
    check(&[("GEOIP_CALLS_PER_MINUTE", "10")], "needs GEOIP_URL");
    check(&[("GEOIP_URL", "http://127.0.0.1"), ("GEOIP_CALLS_PER_MINUTE", "0")], "1 to 6000");
    check(&[("GEOIP_UNKNOWN", "deny")], "needs GEOIP_DB or GEOIP_URL");
    check(&[("GEOIP_DB", "gone.mmdb")], "GEOIP_DB gone.mmdb");
    let asn = data("GeoLite2-ASN-Test.mmdb");
    check(&[("GEOIP_DB", asn.to_str().unwrap())], "not of cities or countries");
    let (fine, out, errors) = run(folder.path(), &["check-config"], &[("GEOIP_DB", "db.mmdb")]);
    assert!(fine && out.contains("locations of clients: db.mmdb (GeoIP2-City)"), "{out}{errors}");
    for (records, kept) in [("on", "kept in CACHE_DIR"), ("off", "kept in memory alone")] {
        let settings = [("GEOIP_URL", "http://127.0.0.1"), ("ANALYTICS", records)];
        let (fine, out, errors) = run(folder.path(), &["check-config"], &settings);
        assert!(fine && out.contains(kept), "{out}{errors}");
    }
}
