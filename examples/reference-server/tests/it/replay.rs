//! 4 000 lines of a real access log, replayed through a trusted proxy: without limits, and with limits and bans.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    net::Ipv4Addr,
};

use serde_json::{Value, json};

use crate::server::Server;

/// One line of the log, in the combined format.
#[derive(Clone, Copy)]
struct Line<'a> {
    address: &'a str,
    method: &'a str,
    target: &'a str,
    agent: &'a str,
}

fn lines(log: &str) -> Vec<Line<'_>> {
    log.lines()
        .map(|line| {
            let quoted: Vec<&str> = line.split('"').collect();
            let mut request = quoted[1].split(' ');
            let (method, target) = (request.next().unwrap(), request.next().unwrap());
            Line {
                address: line.split(' ').next().unwrap(),
                method,
                target,
                agent: quoted[quoted.len() - 2],
            }
        })
        .collect()
}

/// Whether the documentation says that analytics leave this path out: static files, documentation, widgets.
fn left_out(target: &str) -> bool {
    let path = target.split('?').next().unwrap();
    let files = [
        "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico",
        "woff", "woff2", "ttf", "otf", "eot", "mp4", "webm",
    ];
    let file = path.rsplit('/').next().unwrap();
    let prefixes = ["/docs", "/reference", "/swagger", "/scalar", "/widgets", "/assets", "/static"];
    let below = |prefix: &&str| path == *prefix || path.starts_with(&format!("{prefix}/"));
    file.rsplit_once('.')
        .is_some_and(|(_, end)| files.iter().any(|file| end.eq_ignore_ascii_case(file)))
        || prefixes.iter().any(below)
}

#[test]
fn a_real_log_is_answered_line_by_line_and_counted_by_address() {
    let log = include_str!("../data/apache-combined-4000.log");
    let lines = lines(log);
    assert_eq!(lines.len(), 4000);
    let server = Server::unlimited(&[("TRUSTED_PROXIES", "127.0.0.0/8")]);

    let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
    let mut statuses: HashMap<u16, u64> = HashMap::new();
    let mut socket = Socket::open(&server);
    for line in &lines {
        let status = socket.ask(line);
        *statuses.entry(status).or_default() += 1;
        // What is refused as ambiguous never reaches the analytics.
        if status != 400 && !left_out(line.target) {
            *expected.entry(line.address).or_default() += 1;
        }
    }
    assert_eq!(statuses.values().sum::<u64>(), 4000, "every line got an answer: {statuses:?}");
    assert!(statuses.keys().all(|status| [200, 400, 404, 405].contains(status)), "{statuses:?}");
    assert!(
        statuses.get(&400).copied().unwrap_or(0) < 40,
        "few real paths are ambiguous: {statuses:?}"
    );

    let admin = server.token("alice", &["admin"]);
    let answer: Value =
        server.get_as(&admin, "/api/analytics?countBy=address&limit=10000").json().unwrap();
    assert_eq!(answer["totals"]["dropped"], 0);
    let counted: BTreeMap<&str, u64> = answer["counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["value"].as_str().unwrap(), row["count"].as_u64().unwrap()))
        .filter(|(address, _)| *address != "127.0.0.1")
        .collect();
    assert_eq!(counted, expected);
    assert!(expected.len() > 300, "{} addresses", expected.len());
}

/// So many requests an address may send, and so many of those beyond are tolerated, in a time that no test takes.
const QUOTA: u64 = 12;
const TOLERATED: u64 = 3;

/// What an independent count of the log expects of one address.
#[derive(Debug, Default)]
struct Expected {
    admitted: u64,
    violations: u64,
    refused: u64,
}

impl Expected {
    /// The status of the next request, by the rules as the documents say them.
    fn next(&mut self, path: &str) -> u16 {
        // Two parsers could read these differently; text that is no UTF-8 is what no honest client sends, hence a violation.
        if path.contains("//") || path.contains(';') {
            self.violations += u64::from(path.contains("%E8%F1"));
            return 400;
        }
        if self.violations > TOLERATED {
            self.refused += 1;
            return 403;
        }
        if self.admitted < QUOTA {
            self.admitted += 1;
            // All that this log has of what scanners try; there is none of it here.
            let is_scanner = path.contains("/wp-admin") || path.contains("/wp-login.php");
            self.violations += u64::from(is_scanner);
            return 404;
        }
        self.violations += 1;
        429
    }
}

#[test]
fn the_refusals_and_bans_of_a_replayed_log_are_those_that_an_independent_count_expects() {
    let log = include_str!("../data/apache-combined-4000.log");
    let (quota, tolerated) = (QUOTA.to_string(), TOLERATED.to_string());
    let server = Server::start(&[
        ("TRUSTED_PROXIES", "127.0.0.0/8"),
        ("RATE_LIMIT_MAX", &quota),
        ("RATE_LIMIT_WINDOW_MS", "86400000"),
        ("AUTO_BAN_THRESHOLD", &tolerated),
        ("AUTO_BAN_WINDOW_MS", "86400000"),
    ]);
    let mut expected: HashMap<String, Expected> = HashMap::new();
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    let mut socket = Socket::open(&server);
    for (number, line) in lines(log).into_iter().enumerate() {
        // The site of the log as an API: limits are for that alone.
        let target = format!("/api{}", line.target);
        // Half of them twice, as IPv6 clients of one network each: its last part is another one every time.
        let [a, b, c, d] = line.address.parse::<Ipv4Addr>().unwrap().octets();
        let network = format!("2001:db8:{a:x}{b:02x}:{c:x}{d:02x}::");
        let v6 = format!("{network}{:x}", number + 1);
        let clients = [(line.address, line.address), (&network, &v6)];
        for (key, address) in clients.into_iter().take(1 + usize::from(d % 2)) {
            let path = target.split('?').next().unwrap();
            let expected = expected.entry(key.to_owned()).or_default().next(path);
            let status = socket.ask(&Line { address, target: &target, ..line });
            assert_eq!(status, expected, "line {}: {address} {target}", number + 1);
            *statuses.entry(status).or_default() += 1;
        }
    }
    assert!(statuses[&429] > 200 && statuses[&403] > 1000, "{statuses:?}");

    let bans: Value =
        server.get_as(&server.token("alice", &["admin"]), "/api/admin/bans").json().unwrap();
    assert_eq!((&bans["bannedUserIds"], &bans["bannedTokens"]), (&json!([]), &json!([])));
    let banned: BTreeMap<&str, u64> = bans["bannedIPs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ban| {
            let kinds = ban["evidence"]["violations"].as_object().unwrap();
            let violations = kinds.values().filter_map(Value::as_u64).sum();
            (ban["value"].as_str().unwrap().trim_end_matches("/64"), violations)
        })
        .collect();
    let counted: BTreeMap<&str, u64> = expected
        .iter()
        .filter(|(_, address)| address.violations > TOLERATED)
        .map(|(key, address)| (key.as_str(), address.violations))
        .collect();
    assert_eq!(banned, counted);
    assert!(counted.len() > 40, "{} bans", counted.len());
    let file = fs::read_to_string(server.stop().path().join("config/ban.json")).unwrap();
    assert_eq!(file.matches("\"evidence\"").count(), counted.len(), "each is on disk");
}

/// One connection that sends each line's target byte for byte: an HTTP client would tidy it up first.
struct Socket {
    stream: std::io::BufReader<std::net::TcpStream>,
}

impl Socket {
    fn open(server: &Server) -> Self {
        let stream =
            std::net::TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: std::io::BufReader::new(stream) }
    }

    /// Sends one line and reads the whole answer, so that the connection can be used again.
    fn ask(&mut self, line: &Line<'_>) -> u16 {
        use std::io::{BufRead, Read, Write};
        let Line { address, method, target, agent } = line;
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: log.example\r\nX-Forwarded-For: {address}\r\nUser-Agent: {agent}\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            assert!(
                self.stream.read_line(&mut line).unwrap() > 0,
                "closed at {method} {target}: {head:?}"
            );
            if line == "\r\n" {
                break;
            }
            head.push(line.trim().to_ascii_lowercase());
        }
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .iter()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        if *method != "HEAD" {
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).unwrap();
        }
        status
    }
}
