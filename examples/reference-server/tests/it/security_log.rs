//! The security log of a running server.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::blocking::Client;

use serde_json::{Value, json};

use crate::server::{Server, command, until};

pub(crate) const FILE: (&str, &str) = ("SECURITY_LOG_FILE", "security.log");

pub(crate) fn path(server: &Server) -> PathBuf {
    server.folder.path().join("security.log")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The events of this name in the file, once there are any.
pub(crate) fn of(server: &Server, event: &str) -> Vec<Value> {
    let read = || {
        let text = fs::read_to_string(path(server)).unwrap_or_default();
        // The last line may be in the middle of being written.
        let all = lines(text.rsplit_once('\n').map_or("", |(whole, _)| whole));
        all.into_iter().filter(|line| line["event"] == event).collect::<Vec<_>>()
    };
    until(event, || !read().is_empty());
    read()
}

#[test]
fn each_kind_of_fact_is_an_event_of_its_own_with_what_the_document_asks_for() {
    let settings =
        [FILE, ("LOG_LEVEL", "error"), ("TRUSTED_PROXIES", "127.0.0.1"), ("RATE_LIMIT_MAX", "3")];
    let server = Server::start(&settings);
    let (admin, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let from = |address: &str, path: &str| {
        let request = server.request("GET", path).header("x-forwarded-for", address.to_owned());
        request.header("user-agent", "probe/1")
    };

    let wrong = from("198.51.100.1", "/api/feed").bearer_auth("not.a.token").send().unwrap();
    assert_eq!(wrong.status(), 401);
    let failed = &of(&server, "auth.failed")[0];
    assert_eq!(
        (&failed["client_ip"], &failed["user_agent"]),
        (&json!("198.51.100.1"), &json!("probe/1"))
    );
    assert_eq!((&failed["status"], &failed["path"]), (&json!(401), &json!("/api/feed")));

    assert_eq!(
        from("198.51.100.2", "/api/admin/bans").bearer_auth(&bob).send().unwrap().status(),
        403
    );
    let denied = &of(&server, "access.denied")[0];
    assert_eq!((&denied["user_id"], &denied["code"]), (&json!("bob"), &json!("insufficient-role")));

    while from("198.51.100.3", "/api/feed").send().unwrap().status() != 429 {}
    let exceeded = &of(&server, "rate-limit.exceeded")[0];
    assert_eq!(
        (&exceeded["key_kind"], &exceeded["key"]),
        (&json!("address"), &json!("198.51.100.3"))
    );
    assert_eq!((&exceeded["threshold"], &exceeded["code"]), (&json!(3), &json!("quota-exceeded")));
    assert!(exceeded["limit"].is_string() && exceeded["reason"].is_string(), "{exceeded}");

    let order = json!({ "ip": "198.51.100.4", "reason": "a test" });
    let banned = server.request("POST", "/api/admin/bans/ban-ip").bearer_auth(&admin).json(&order);
    assert!(banned.send().unwrap().status().is_success());
    let added = &of(&server, "ban.added")[0];
    assert_eq!((&added["banned"], &added["by"]), (&json!("198.51.100.4"), &json!("alice")));
    assert_eq!((&added["outcome"], &added["reason"]), (&json!("banned"), &json!("a test")));
    assert_eq!(added["target"], "palisade::security", "nothing takes its place");
    let action = &of(&server, "admin.action")[0];
    assert_eq!((&action["user_id"], &action["on"]), (&json!("alice"), &added["banned"]));

    assert_eq!(from("198.51.100.4", "/api/feed").send().unwrap().status(), 403);
    let blocked = &of(&server, "request.blocked")[0];
    assert_eq!(
        (&blocked["client_ip"], &blocked["code"]),
        (&json!("198.51.100.4"), &json!("banned"))
    );

    let order = json!({ "ip": "198.51.100.4" });
    let lifted =
        server.request("POST", "/api/admin/bans/unban-ip").bearer_auth(&admin).json(&order);
    assert!(lifted.send().unwrap().status().is_success());
    assert_eq!(of(&server, "ban.lifted")[0]["outcome"], "lifted");

    let config = server.folder.path().join("config");
    fs::create_dir_all(&config).unwrap();
    let loaded = of(&server, "blocklist.loaded").len();
    fs::write(config.join("blocklist.json"), r#"{"blockedIPs":["198.51.100.5"]}"#).unwrap();
    until("the new list", || of(&server, "blocklist.loaded").len() > loaded);
    fs::write(config.join("blocklist.json"), "{").unwrap();
    assert_eq!(of(&server, "blocklist.refused")[0]["level"], "ERROR");
    assert!(
        !server.log().contains("auth.failed"),
        "the console has what LOG_LEVEL says: {}",
        server.log()
    );
}

#[test]
fn what_is_folded_and_what_is_said_at_the_end_is_in_the_file_when_the_server_has_stopped() {
    let server = Server::start(&[FILE, ("RATE_LIMIT_MAX", "1"), ("AUTO_BAN_ENABLED", "false")]);
    let refused = (0..20).filter(|_| server.get("/api/feed").status() == 429).count();
    let folder = server.stop();
    let lines = lines(&fs::read_to_string(folder.path().join("security.log")).unwrap());
    let told: Vec<_> = lines.iter().filter(|line| line["event"] == "rate-limit.exceeded").collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert_eq!(
        (&told[1]["folded"], &told[1]["client_ip"]),
        (&json!(refused - 1), &json!("127.0.0.1"))
    );
}

#[test]
fn e5_a_path_an_agent_or_a_header_cannot_write_a_line_of_its_own_in_either_format() {
    for format in ["pretty", "json"] {
        let server = Server::unlimited(&[FILE, ("LOG_FORMAT", format), ("LOG_LEVEL", "trace")]);
        let agent = "x\u{9b}31m\u{202e}\u{2028}forged \"},{\"level\":\"INFO\"";
        let forged = "\u{202e}\u{9b}forged";
        let request = server
            .request("GET", "/api/feed?forged%0a%1b[2J\u{2066}")
            .header("user-agent", agent.as_bytes());
        let request = request
            .header("x-forwarded-for", forged.as_bytes())
            .header("referer", forged.as_bytes());
        assert_eq!(request.bearer_auth("not.a.token").send().unwrap().status(), 401);
        let raw = crate::malformed::raw(
            &server,
            "GET /\u{202e}forged HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        );
        assert!(raw.starts_with("HTTP/1.1 4"), "{raw}");
        let failed = &of(&server, "auth.failed")[0];
        assert_eq!(failed["user_agent"], agent, "nothing is lost of it");
        until("the console", || server.log().contains("auth.failed"));
        let folder = server.stop();
        for name in ["stderr.log", "security.log"] {
            let log = fs::read_to_string(folder.path().join(name)).unwrap();
            let deceives = |c: char| c != '\n' && palisade::core::OneLine::deceives(c);
            assert!(!log.contains(deceives), "{format} {name}: {log}");
            assert!(log.lines().all(|line| !line.starts_with("forged")), "{format} {name}: {log}");
        }
        if format == "json" {
            drop(lines(&fs::read_to_string(folder.path().join("stderr.log")).unwrap()));
        }
    }
}

#[test]
fn e6_what_a_client_writes_into_the_log_bans_nobody() {
    let settings = [FILE, ("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_THRESHOLD", "5")];
    let server = Server::start(&settings);
    // What tools that read logs count by: an address, and a line that says that it failed.
    let agent = "198.51.100.9 - auth.failed client_ip=198.51.100.9 \"client_ip\":\"198.51.100.9\" from 198.51.100.9";
    for _ in 0..3 {
        let request = server.request("GET", "/api/feed").header("user-agent", agent);
        assert_eq!(request.bearer_auth("not.a.token").send().unwrap().status(), 401);
    }
    assert!(!of(&server, "auth.failed").is_empty());
    let admin = server.token("alice", &["admin"]);
    let bans = server.get_as(&admin, "/api/admin/bans").text().unwrap();
    let counted = server.get_as(&admin, "/api/admin/bans/violations").text().unwrap();
    assert!(!bans.contains("198.51.100.9") && !counted.contains("198.51.100.9"), "{bans}{counted}");
    assert!(counted.contains("127.0.0.1"), "{counted}");
}

#[test]
fn a_file_that_cannot_be_written_to_or_a_size_without_a_file_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |settings: &[(&str, &str)], part: &str| {
        let (fine, _, errors) = crate::server::run(folder.path(), &[], settings);
        assert!(!fine && errors.contains(part), "{errors}");
    };
    fails(&[("SECURITY_LOG_FILE", "no/such/folder/x")], "no/such/folder/x");
    fails(&[("SECURITY_LOG_FILES", "3")], "needs SECURITY_LOG_FILE");
    fails(&[FILE, ("SECURITY_LOG_MAX_SIZE", "1KB")], "at least 64KB");
}

/// Sends SIGTERM, and waits until it ended.
fn stop(mut child: Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    until("its end", || child.try_wait().unwrap().is_some());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_console_that_nobody_reads_stops_no_request_and_not_the_end() {
    for format in ["pretty", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(folder.path());
        let settings = [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")];
        // Every request is several lines.
        command.envs(settings).env("LOG_FORMAT", format).env("LOG_LEVEL", "trace");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let base = said.trim().rsplit_once(' ').unwrap().1.to_owned();
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        for number in 0..1000 {
            let asked = client.get(format!("{base}/api/feed")).bearer_auth("not.a.token").send();
            assert_eq!(
                asked.unwrap_or_else(|error| panic!("{format} {number}: {error}")).status(),
                401
            );
        }
        assert_eq!(client.get(format!("{base}/healthz")).send().unwrap().status(), 200);
        stop(child);
    }
}

#[test]
fn lines_go_to_standard_output_if_it_is_said_and_all_are_there_at_the_end() {
    for format in ["pretty", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(folder.path());
        command.env("LOG_FORMAT", format).env("LOG_STREAM", "stdout");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("http://127.0.0.1:") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "it did not start");
        }
        let base = line.trim().rsplit_once(' ').unwrap().1.to_owned();
        let asked = Client::new().get(format!("{base}/api/feed")).bearer_auth("not.a.token");
        assert_eq!(asked.send().unwrap().status(), 401);
        let mut errors = child.stderr.take().unwrap();
        stop(child);
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("auth.failed"), "{format}: {rest}");
        rest.clear();
        errors.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "nothing is said elsewhere");
    }
}
