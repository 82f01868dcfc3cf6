//! The end of a server.

use std::{
    io::{BufRead, BufReader},
    time::Duration,
};

use serde_json::json;

use crate::server::Server;

#[test]
fn a_restart_ends_streams_and_exits_with_success() {
    let mut server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let stream = server.request("GET", "/api/analytics/stream").bearer_auth(&admin);
    let stream = stream.timeout(Duration::from_secs(20)).send().unwrap();
    let mut lines = BufReader::new(stream).lines();
    drop(server.get("/api/feed"));
    assert!(lines.any(|line| line.unwrap().contains("/api/feed")), "it runs");
    let answer = server.post_as(&admin, "/api/admin/system/restart", &json!({}));
    assert_eq!(answer.status(), 202);
    lines.for_each(|line| drop(line.unwrap()));
    assert!(server.wait());
    assert!(server.log().contains("stopped"));
}

#[test]
fn sigterm_stops_it_gracefully() {
    let server = Server::unlimited(&[]);
    assert_eq!(server.get("/healthz").status(), 200);
    server.stop();
}
