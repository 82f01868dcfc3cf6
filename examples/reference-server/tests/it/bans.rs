//! Six violations within ten seconds.

use std::{fs, net::IpAddr};

use serde_json::{Value, json};

use crate::server::{Server, problem};

/// One request a minute: whoever asks again at once violates the limit.
const STRICT: [(&str, &str); 2] = [("RATE_LIMIT_MAX", "1"), ("RATE_LIMIT_WINDOW_MS", "60000")];

fn provoke(server: &Server) {
    assert_eq!(server.get("/api/feed").status(), 200);
    for _ in 0..6 {
        assert_eq!(problem(server.get("/api/feed")).1, "quota-exceeded");
    }
}

#[test]
fn six_violations_ban_the_address_a_restart_keeps_the_ban_and_an_admin_lifts_it() {
    let server = Server::start(&STRICT);
    provoke(&server);
    let (status, code, _) = problem(server.get("/"));
    assert_eq!((status, &*code), (403, "banned"), "the address is banned everywhere");

    let folder = server.stop();
    let file: Value =
        serde_json::from_slice(&fs::read(folder.path().join("config/ban.json")).unwrap()).unwrap();
    assert!(file.to_string().contains("127.0.0.1"), "{file}");

    let server = Server::start_in(folder, &STRICT);
    assert_eq!(problem(server.get("/")).1, "banned", "a restart keeps it");
    assert!(server.log().contains("bans=1"), "it says how many there are: {}", server.log());
    // The admin comes from an address of his own.
    let own = IpAddr::from([127, 0, 0, 2]);
    let elsewhere = reqwest::blocking::Client::builder().local_address(own).build().unwrap();
    let unban = elsewhere
        .post(server.url("/api/admin/bans/unban-ip"))
        .bearer_auth(server.token("alice", &["admin"]))
        .json(&json!({ "ip": "127.0.0.1" }))
        .send()
        .unwrap();
    assert_eq!(unban.json::<Value>().unwrap(), json!({ "ip": "127.0.0.1", "lifted": true }));
    assert_eq!(server.get("/").status(), 200, "the admin lifted it");
    let folder = server.stop();
    assert!(
        !fs::read_to_string(folder.path().join("config/ban.json")).unwrap().contains("127.0.0.1")
    );
}

#[test]
fn a_ban_survives_a_kill_once_it_is_on_disk() {
    let server = Server::start(&STRICT);
    provoke(&server);
    assert_eq!(problem(server.get("/")).1, "banned");
    let file = server.folder.path().join("config/ban.json");
    // The file is written beside the requests; it is there within moments.
    let there = (0..10_000).any(|_| {
        std::thread::yield_now();
        drop(server.get("/healthz"));
        fs::read_to_string(&file).is_ok_and(|content| content.contains("127.0.0.1"))
    });
    assert!(there, "the ban never reached the disk");
    let server = Server::start_in(server.kill(), &STRICT);
    assert_eq!(problem(server.get("/")).1, "banned");
}

#[test]
fn p13_a_bans_own_refusals_are_not_counted() {
    let server = Server::start(&[&STRICT[..], &[("TRUSTED_PROXIES", "127.0.0.1")]].concat());
    let from = |address: &'static str, path: &str| {
        server.request("GET", path).header("x-forwarded-for", address)
    };
    for _ in 0..20 {
        drop(from("198.51.100.9", "/api/feed").send().unwrap());
    }
    assert_eq!(problem(from("198.51.100.9", "/").send().unwrap()).1, "banned");
    let admin = server.token("alice", &["admin"]);
    let view: Value = from("192.0.2.7", "/api/admin/bans/violations")
        .bearer_auth(&admin)
        .send()
        .unwrap()
        .error_for_status()
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(view["offenders"], json!([]), "nothing is held against who is banned: {view}");
    let bans: Value = from("192.0.2.8", "/api/admin/bans")
        .bearer_auth(server.token("root", &["admin"]))
        .send()
        .unwrap()
        .json()
        .unwrap();
    assert!(bans.to_string().contains("198.51.100.9"), "{bans}");
}

#[test]
fn repeated_bad_tokens_ban_the_address() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    for _ in 0..6 {
        assert_eq!(server.get_as("not.a.token", "/api/feed").status(), 401);
    }
    assert_eq!(problem(server.get("/")).1, "banned");
}

#[test]
fn asking_without_a_token_is_no_violation() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    for _ in 0..20 {
        assert_eq!(server.get("/api/me").status(), 401);
    }
    assert_eq!(server.get("/").status(), 200);
}

#[test]
fn p2_a_spoofed_header_bans_nobody_else() {
    let server = Server::start(&STRICT);
    for _ in 0..7 {
        drop(
            server
                .request("GET", "/api/feed")
                .header("x-forwarded-for", "203.0.113.80")
                .send()
                .unwrap(),
        );
    }
    assert_eq!(problem(server.get("/")).1, "banned", "the peer is banned");
    let folder = server.stop();
    let file = fs::read_to_string(folder.path().join("config/ban.json")).unwrap();
    assert!(!file.contains("203.0.113.80"), "the spoofed address is not: {file}");
}
