//! 4 000 lines of a real access log, replayed through a trusted proxy.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::server::Server;

/// One line of the log, in the combined format.
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
