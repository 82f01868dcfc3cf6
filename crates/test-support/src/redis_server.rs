//! Starts a real `redis-server` on a free port, and does to it what a network and an operator may do.
#![expect(
    clippy::format_push_string,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "without its server a test fails, here and with the reason"
)]

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// A `redis-server` of this test's own. It ends with this value.
#[derive(Debug)]
pub struct RedisServer {
    child: Child,
    port: u16,
    folder: PathBuf,
    settings: Vec<String>,
}

/// Stands between a client and a server, and delays every answer.
#[derive(Debug)]
pub struct SlowProxy {
    addr: SocketAddr,
    delay_ms: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

/// How often it is looked whether something has happened, and how many times before it is given up.
const TURN: Duration = Duration::from_millis(5);
const TURNS: u32 = 4000;

/// Asks until it is so, for 20 s at most: what is waited for happens elsewhere.
///
/// # Panics
///
/// If it never is.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..TURNS {
        if is_so() {
            return;
        }
        thread::park_timeout(TURN);
    }
    panic!("it never came: {what}");
}

// === impl RedisServer ===

impl RedisServer {
    /// Starts one that keeps nothing on disk, and waits until it answers.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one with settings as its command line has them, such as `["--maxmemory", "1mb"]`.
    pub fn with(settings: &[&str]) -> Self {
        let port = free_port();
        let folder =
            std::env::temp_dir().join(format!("palisade-redis-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let settings: Vec<_> = settings.iter().map(ToString::to_string).collect();
        let child = spawn(port, &folder, &settings);
        let server = Self { child, port, folder, settings };
        server.await_answer();
        server
    }

    /// Starts a sentinel that watches a master by the name of `main`, and replaces it half a second after it died.
    pub fn sentinel_of(master: &Self) -> Self {
        let (port, folder) = (free_port(), folder());
        let (ip, watched) = (Ipv4Addr::LOCALHOST, master.port);
        let lines = format!(
            "port {port}\nbind {ip}\ndir {}\nsentinel monitor main {ip} {watched} 1\n\
             sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n",
            folder.display()
        );
        let file = folder.join("sentinel.conf");
        std::fs::write(&file, lines).unwrap();
        let child = run(Command::new("redis-server").arg(file).arg("--sentinel"));
        let server = Self { child, port, folder, settings: Vec::new() };
        server.await_answer();
        server
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.addr())
    }

    /// Stops its process where it stands (SIGSTOP): connections stay open and nobody answers.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port, with nothing in it.
    pub fn restart(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        self.child = spawn(self.port, &self.folder, &self.settings);
        self.await_answer();
    }

    /// Makes it a replica of a master that is not there, which takes no writes.
    pub fn read_only(&self) {
        self.command(&["REPLICAOF", "127.0.0.1", "1"]);
    }

    /// Makes it a master again.
    pub fn writable(&self) {
        self.command(&["REPLICAOF", "NO", "ONE"]);
    }

    /// Sends a command on a connection of its own. Returns the answer as it stands on the wire: of a bulk string its header and
    /// its text, of an array its header alone.
    pub fn command(&self, words: &[&str]) -> String {
        self.try_command(words).unwrap()
    }

    /// The number that a command answers with.
    pub fn number(&self, words: &[&str]) -> i64 {
        let answer = self.command(words);
        answer.trim_start_matches(':').trim().parse().unwrap_or_else(|_| panic!("{answer}"))
    }

    /// How many commands of this name it has run since the start.
    pub fn calls_of(&self, command: &str) -> u64 {
        let stats = self.command(&["INFO", "commandstats"]);
        let field = format!("cmdstat_{command}:calls=");
        let number = stats.split(&field).nth(1).and_then(|rest| rest.split(',').next());
        number.map_or(0, |number| number.parse().unwrap())
    }

    /// A proxy in front of it that delays every answer.
    pub fn slow(&self, delay: Duration) -> SlowProxy {
        SlowProxy::start(self.addr(), delay)
    }

    fn try_command(&self, words: &[&str]) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.addr())?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut text = format!("*{}\r\n", words.len());
        for word in words {
            text.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        stream.write_all(text.as_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn await_answer(&self) {
        until("an answer of redis-server", || {
            let answer = self.try_command(&["PING"]).unwrap_or_default();
            answer.starts_with("+PONG") || answer.starts_with("-NOAUTH")
        });
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

fn spawn(port: u16, folder: &Path, settings: &[String]) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder);
    command.args(["--logfile", "redis.log", "--enable-debug-command", "yes"]).args(settings);
    run(&mut command)
}

fn run(command: &mut Command) -> Child {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    silent.spawn().unwrap_or_else(|error| {
        panic!(
            "these tests need `redis-server` 7 on the path (apt-get install redis-server): {error}"
        )
    })
}

/// A folder that no other server has.
fn folder() -> PathBuf {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let name = format!("palisade-redis-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _left_behind = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A port that nobody listens on, nor on the one 10 000 above it, where a cluster's nodes talk to each other.
pub(crate) fn free_port() -> u16 {
    for _ in 0..100 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if let Some(bus) = port.checked_add(10_000)
            && TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok()
        {
            return port;
        }
    }
    panic!("there is no free port");
}

// === impl SlowProxy ===

impl SlowProxy {
    fn start(server: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let delay_ms = Arc::new(AtomicU64::new(u64::try_from(delay.as_millis()).unwrap()));
        let ended = Arc::new(AtomicBool::new(false));
        let (delay, end) = (Arc::clone(&delay_ms), Arc::clone(&ended));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), false) = (client, end.load(Ordering::Relaxed)) else { return };
                let Ok(upstream) = TcpStream::connect(server) else { continue };
                let (Ok(asked), Ok(answers)) = (client.try_clone(), upstream.try_clone()) else {
                    continue;
                };
                let delay = Arc::clone(&delay);
                thread::spawn(move || carry(asked, upstream, &AtomicU64::new(0)));
                thread::spawn(move || carry(answers, client, &delay));
            }
        });
        Self { addr, delay_ms, ended }
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.addr)
    }

    /// Delays every answer from now on by this.
    pub fn delays(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Drop for SlowProxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _woken = TcpStream::connect(self.addr);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, delay_ms: &AtomicU64) {
    let mut bytes = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut bytes)
        && let Some(bytes) = bytes.get(..read)
    {
        let delay = delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            // It is what this does: an answer that takes its time.
            thread::park_timeout(Duration::from_millis(delay));
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _closed = to.shutdown(Shutdown::Both);
    let _closed = from.shutdown(Shutdown::Both);
}
