//! `slowhttptest`, which people attack servers with to see whether they stand: in its header, body and read modes.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    connections::sockets,
    server::{Server, until},
};

const CONNECTIONS: &str = "200";

/// Runs it, and gives what it says at the end.
fn attack(server: &Server, mode: &[&str]) -> String {
    let mut command = Command::new("slowhttptest");
    // All connections within a second; ends by itself when they are closed, or after the time of `-l`.
    command.args(mode).args(["-c", CONNECTIONS, "-r", CONNECTIONS, "-l", "12", "-p", "2"]);
    let output = command.output().expect("slowhttptest, of the Debian package of that name");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}");
    assert_eq!(server.get("/healthz").status(), 200);
    // Without colours.
    let mut plain = String::new();
    for (number, part) in shown.split('\u{1b}').enumerate() {
        plain.push_str(if number == 0 {
            part
        } else {
            part.split_once('m').map_or(part, |(_, text)| text)
        });
    }
    plain
}

/// Each report says that others were served, and the last that no connection is left.
fn stood(report: &str) {
    let available: Vec<_> =
        report.lines().filter(|line| line.contains("service available")).collect();
    assert!(!available.is_empty(), "{report}");
    assert!(available.iter().all(|line| line.contains("YES")), "{report}");
    assert!(report.contains("No open connections left"), "{report}");
}

/// How many seconds it took until no connection was left.
fn seconds(report: &str) -> u32 {
    let line = report.lines().rev().find(|line| line.contains("Test ended on")).unwrap();
    line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[test]
fn h10_slowhttptest_with_slow_heads_is_closed_in_time_and_others_are_served() {
    let server = Server::unlimited(&[("HEADER_TIMEOUT_MS", "2000")]);
    let report = attack(&server, &["-H", "-i", "1", "-x", "24", "-u", &server.url("/")]);
    stood(&report);
    assert!((2..=6).contains(&seconds(&report)), "{report}");
}

#[test]
fn h10_slowhttptest_with_slow_bodies_is_closed_in_time_and_others_are_served() {
    let server = Server::unlimited(&[("BODY_TIMEOUT_MS", "2000")]);
    // It has no option for headers of one's own, but writes this one out as it is.
    let admin = server.token("alice", &["admin"]);
    let accept = format!("*/*\r\nAuthorization: Bearer {admin}");
    let url = server.url("/api/admin/bans/unban-ip");
    let report = attack(
        &server,
        &["-B", "-i", "1", "-s", "8192", "-t", "POST", "-x", "10", "-u", &url, "-m", &accept],
    );
    assert!(server.log().contains("body.refused"), "bodies were waited for");
    stood(&report);
    assert!((2..=6).contains(&seconds(&report)), "{report}");
}

#[test]
fn h10_slowhttptest_that_hardly_reads_is_let_go_and_others_are_served() {
    // Its answers fit into the system's buffers, so the server is done with them, and waits for requests.
    let server = Server::unlimited(&[("KEEP_ALIVE_TIMEOUT_MS", "2000")]);
    let before = sockets(&server);
    let url = server.url("/post/1.pdf");
    let mode = ["-X", "-w", "10", "-y", "20", "-n", "1", "-z", "5", "-k", "10", "-u", &url];
    let report = thread::scope(|scope| {
        let attack = scope.spawn(|| attack(&server, &mode));
        until("they are there", || sockets(&server) >= before + 100);
        let there = Instant::now();
        // It asks itself now and then whether others are served.
        until("they are let go", || sockets(&server) <= before + 5);
        let took = there.elapsed();
        assert!(took < Duration::from_secs(8), "after 12 s they leave by themselves: {took:?}");
        attack.join().unwrap()
    });
    let available: Vec<_> =
        report.lines().filter(|line| line.contains("service available")).collect();
    assert!(!available.is_empty() && available.iter().all(|line| line.contains("YES")), "{report}");
}
