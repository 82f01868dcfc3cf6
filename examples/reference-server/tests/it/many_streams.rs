//! A thousand streams, of which three hundred are never read.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    clients::SOURCES,
    connections::{connect_from, runtime, sockets},
    server::{Server, problem, until},
};

const ALL: usize = 1000;
const DEAD: usize = 300;
const ALIVE: usize = ALL - DEAD;
const USERS: usize = 16;
/// Requests at a time: less than may wait for a reader.
const ROUND: u64 = 100;
const ROUNDS: u64 = 12;

/// What a reader has seen.
#[derive(Debug, Default)]
struct Seen {
    /// Requests of this test.
    requests: AtomicU64,
    /// Events.
    events: AtomicU64,
}

/// Those that never read, until this is dropped.
struct Dead(Child);

impl Dead {
    fn open(server: &Server, tokens: &[String]) -> Self {
        let port = server.base.rsplit_once(':').unwrap().1;
        let script = format!("{SOURCES}/never_reads.py");
        let count = DEAD.to_string();
        let mut child = Command::new("python3")
            .args([&*script, port, &count, "/api/analytics/stream", &tokens.join(",")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("python3: {error}; install python3"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "open");
        Self(child)
    }
}

impl Drop for Dead {
    fn drop(&mut self) {
        // Our own child, by its handle.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Memory that the process holds, in KiB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn head(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// Reads a stream to its end: each event follows the one before, and none is said to be missing.
fn reads(mut stream: BufReader<TcpStream>, seen: &Seen) {
    let (mut line, mut last) = (Vec::new(), None);
    loop {
        line.clear();
        match stream.read_until(b'\n', &mut line) {
            Ok(_) if line.ends_with(b"\n") => {}
            // The end, perhaps in the middle of a line.
            _ => return,
        }
        if line.starts_with(b"id: ") {
            let id = std::str::from_utf8(&line).unwrap().trim().rsplit_once('-').unwrap().1;
            let number: u64 = id.parse().unwrap();
            if last == Some(number) {
                // No event: where a client goes on stands with each comment too.
                continue;
            }
            assert!(last.is_none_or(|last| number == last + 1), "{number} follows {last:?}");
            last = Some(number);
            seen.events.fetch_add(1, Ordering::Relaxed);
        } else if line.starts_with(b"data: ") && line.len() > 800 {
            seen.requests.fetch_add(1, Ordering::Relaxed);
        }
        assert!(!line.starts_with(b"event: lagged"), "something is missing behind {last:?}");
    }
}

/// Asks for what is not there, by a long name, so many times.
fn ask(server: &Server, socket: &mut TcpStream) {
    let path = format!("/api/{}", "x".repeat(500));
    let agent = "y".repeat(256);
    let one = format!("GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\n\r\n");
    socket.write_all(one.repeat(ROUND as usize).as_bytes()).unwrap();
    let (mut read, mut answers) = (BufReader::new(socket), 0);
    let mut line = String::new();
    while answers < ROUND {
        line.clear();
        assert!(read.read_line(&mut line).unwrap() > 0, "{}", server.log());
        answers += u64::from(line.contains("HTTP/1.1 404"));
    }
}

fn start() -> Server {
    let settings = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUTO_BAN_ENABLED", "false"),
        ("MAX_CONNECTIONS_PER_IP", "2000"),
        ("STREAMS_PER_USER", "64"),
        ("STREAM_PATIENCE_MS", "500"),
        ("SEND_TIMEOUT_MS", "15000"),
        ("MIN_BYTES_PER_SECOND", "0"),
        ("LOG_LEVEL", "error"),
    ];
    Server::start_by(&["sh", "-c", "ulimit -n 4096 && exec \"$0\""], &settings)
}

#[test]
#[cfg(target_os = "linux")]
fn e2_of_a_thousand_streams_three_hundred_never_read_and_the_others_miss_nothing() {
    let server = start();
    let tokens: Vec<_> =
        (0..USERS).map(|user| server.token(&format!("admin-{user}"), &["admin"])).collect();
    let (runtime, empty, before) = (runtime(), memory(&server), sockets(&server));
    let dead = Dead::open(&server, &tokens);
    let seen: Arc<Vec<Seen>> = Arc::new((0..ALIVE).map(|_| Seen::default()).collect());
    let readers: Vec<_> = (0..ALIVE)
        .map(|number| {
            let from = format!("127.0.2.{}", number % 200 + 1);
            let mut socket = connect_from(&runtime, &from, &server);
            let token = &tokens[number % USERS];
            socket.write_all(head("/api/analytics/stream", token).as_bytes()).unwrap();
            let mut stream = BufReader::new(socket);
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            assert!(line.contains("200"), "{line}");
            stream.get_ref().set_read_timeout(None).unwrap();
            let own = stream.get_ref().try_clone().unwrap();
            let seen = Arc::clone(&seen);
            let thread = thread::Builder::new().stack_size(128 << 10);
            (own, thread.spawn(move || reads(stream, &seen[number])).unwrap())
        })
        .collect();
    let refused = server.get_as(&tokens[0], "/api/analytics/stream");
    assert_eq!(problem(refused).1, "temporarily-unavailable", "all places are taken");
    let opened = memory(&server);

    let (started, mut most) = (Instant::now(), 0);
    let mut socket = connect_from(&runtime, "127.0.0.2", &server);
    for round in 1..=ROUNDS {
        ask(&server, &mut socket);
        until("every event at everybody who reads", || {
            thread::park_timeout(Duration::from_millis(1));
            seen.iter().all(|seen| seen.requests.load(Ordering::Relaxed) >= round * ROUND)
        });
        most = most.max(memory(&server));
    }
    let took = started.elapsed();
    until("the places of those who never read are free", || {
        let other = server.request("GET", "/api/analytics/stream").bearer_auth(&tokens[0]);
        other.timeout(Duration::from_secs(20)).send().unwrap().status() == 200
    });
    let (free, open) = (started.elapsed(), sockets(&server) - before);
    until("their connections are closed", || {
        thread::park_timeout(Duration::from_millis(20));
        sockets(&server) <= before + ALIVE + 5
    });
    let gone = started.elapsed();
    let last = memory(&server);
    println!(
        "{ALIVE} readers took {} events each within {took:?}; the places of {DEAD} who never read were free after {free:?}, with {open} connections open, and those were closed after {gone:?}; \
         KiB in memory: {empty} before, {opened} with all open, {most} at most, {last} at last",
        ROUND * ROUNDS
    );
    for (own, reader) in readers {
        own.shutdown(std::net::Shutdown::Both).unwrap();
        reader.join().expect("no event is missing");
    }
    let counted = seen.iter().map(|seen| seen.requests.load(Ordering::Relaxed));
    assert!(counted.into_iter().all(|count| count == ROUND * ROUNDS), "each request once");
    assert!(most < opened + (64 << 10), "what is not read costs no memory");
    drop(dead);
}
