//! A server that is killed while files are written: each file is one version of it, whole, and none that was answered is lost.

use std::{
    collections::BTreeMap,
    fs,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{self, Cursor, Read},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use palisade_test_support::PostgresServer;
use reqwest::blocking::{Body, Client, Response};
use serde_json::json;

use crate::{
    server::{Server, until},
    vfs_files::{file, objects},
    vfs_rules::{grant, mount},
};

/// So many files are written, each by so many at once.
const FILES: usize = 4;
const WRITERS: usize = 2;
/// So often the server is killed meanwhile.
const KILLS: usize = 12;
/// How long versions are: within one chunk, at the end of one, over several, and over several parts of an upload.
const LENGTHS: [usize; 11] =
    [40, 5 << 20, 700, 65_536, 300_000, 65_537, 32, 2_200_000, 131_072, 1_048_577, 9_001];

/// One try to write a version of a file.
#[derive(Debug)]
struct Attempt {
    number: u64,
    began: u64,
    /// When it was answered, or was known to have failed.
    ended: Option<u64>,
    /// As it was answered with 2xx.
    tag: Option<String>,
}

/// What a file was seen to be at some time.
#[derive(Debug)]
struct Seen {
    number: u64,
    tag: String,
    at: u64,
}

#[derive(Debug, Default)]
struct File {
    attempts: Vec<Attempt>,
    seen: Option<Seen>,
}

/// What was sent so far, which says when to kill.
#[derive(Debug, Default)]
struct Sent {
    bytes: AtomicU64,
    wholes: AtomicU64,
}

/// The content of a version on its way.
struct Sending {
    content: Cursor<Vec<u8>>,
    sent: Arc<Sent>,
}

/// Where the server is, which is another place after each start, and what was asked of it.
struct Place {
    base: RwLock<String>,
    bob: String,
    files: [Mutex<File>; FILES],
    sent: Arc<Sent>,
    time: AtomicU64,
    is_over: AtomicBool,
    /// Answers that are no 2xx.
    refusals: Mutex<BTreeMap<u16, usize>>,
}

/// The bytes of a version: every few of them tell of which.
fn content(file: usize, number: u64) -> Vec<u8> {
    let length = LENGTHS[usize::try_from(number).unwrap() % LENGTHS.len()];
    let mut content = Vec::with_capacity(length + 32);
    for block in 0..u64::try_from(length.div_ceil(32)).unwrap() {
        for word in [number, u64::try_from(file).unwrap(), block, !block] {
            content.extend_from_slice(&word.to_le_bytes());
        }
    }
    content.truncate(length);
    content
}

fn path(file: usize) -> String {
    format!("docs/folder/{file}.bin")
}

fn tag(answer: &Response) -> String {
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

fn random(below: u64) -> u64 {
    RandomState::new().build_hasher().finish() % below
}

// === impl Sending ===

impl Read for Sending {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        let length = u64::try_from(self.content.get_ref().len()).unwrap();
        self.sent.bytes.fetch_add(u64::try_from(read).unwrap(), Ordering::SeqCst);
        if read > 0 && self.content.position() == length {
            self.sent.wholes.fetch_add(1, Ordering::SeqCst);
        }
        Ok(read)
    }
}

// === impl File ===

impl File {
    /// Whether this version may be what is there: nobody was told of a later one, and none was seen.
    fn judge(&self, number: u64, tag: &str) -> Result<(), String> {
        let found = self.attempts.iter().find(|attempt| attempt.number == number);
        let attempt = found.ok_or("nobody sent it")?;
        let ended = attempt.ended.unwrap_or(u64::MAX);
        let later = |other: &&Attempt| other.tag.is_some() && other.began > ended;
        if let Some(later) = self.attempts.iter().find(later) {
            return Err(format!("{} was answered later", later.number));
        }
        match &self.seen {
            Some(seen) if seen.number == number && seen.tag != tag => {
                return Err(format!("it had the tag {}", seen.tag));
            }
            Some(seen) if seen.number != number && ended < seen.at => {
                return Err(format!("{} was seen after it", seen.number));
            }
            _ => {}
        }
        let with_tag = self.attempts.iter().find(|other| other.tag.as_deref() == Some(tag));
        match (&attempt.tag, with_tag) {
            (Some(told), _) if told != tag => Err(format!("it was told to have {told}")),
            (None, Some(other)) => Err(format!("that is the tag of {}", other.number)),
            _ => Ok(()),
        }
    }
}

// === impl Place ===

impl Place {
    fn tick(&self) -> u64 {
        self.time.fetch_add(1, Ordering::SeqCst)
    }

    /// Writes one version after the other until it is over.
    fn write(&self, file: usize) {
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        while !self.is_over.load(Ordering::SeqCst) {
            // While it is started again, this waits.
            let url = format!("{}/api/vfs/{}", *self.base.read().unwrap(), path(file));
            let (number, attempt) = self.begin(file);
            let content = content(file, number);
            let length = u64::try_from(content.len()).unwrap();
            let sending = Sending { content: Cursor::new(content), sent: Arc::clone(&self.sent) };
            // Some say how long they are, some do not.
            let body =
                if random(3) > 0 { Body::sized(sending, length) } else { Body::new(sending) };
            let answer = client.put(url).bearer_auth(&self.bob).body(body).send().ok();
            if let Some(refusal) = answer.as_ref().filter(|answer| !answer.status().is_success()) {
                let status = refusal.status().as_u16();
                *self.refusals.lock().unwrap().entry(status).or_default() += 1;
            }
            let good = answer.filter(|answer| answer.status().is_success());
            let ended = self.tick();
            let attempts = &mut self.files[file].lock().unwrap().attempts;
            attempts[attempt].ended = Some(ended);
            attempts[attempt].tag = good.as_ref().map(tag);
        }
    }

    /// The number of the next version, and of the try.
    fn begin(&self, file: usize) -> (u64, usize) {
        let attempts = &mut self.files[file].lock().unwrap().attempts;
        let (attempt, began) = (attempts.len(), self.tick());
        let number = u64::try_from(attempt).unwrap();
        attempts.push(Attempt { number, began, ended: None, tag: None });
        (number, attempt)
    }

    /// Waits until some more was sent: so many bytes, or so many bodies to their end.
    fn await_more(&self, kill: usize) {
        let Sent { bytes, wholes } = &*self.sent;
        let (counter, more) = if kill.is_multiple_of(2) {
            (bytes, random(16 << 20))
        } else {
            (wholes, 1 + random(30))
        };
        let wanted = counter.load(Ordering::SeqCst) + more;
        until("it is sent", || counter.load(Ordering::SeqCst) >= wanted);
        // What was sent is written, and known, some milliseconds later.
        thread::park_timeout(Duration::from_micros(random(25_000)));
    }

    /// Reads each file, whole and a range of it, while nobody writes. How many of them nobody was told of.
    fn look(&self, server: &Server) -> usize {
        let looked = (0..FILES).map(|number| {
            let mut known = self.files[number].lock().unwrap();
            let was_answered = known.attempts.iter().any(|attempt| attempt.tag.is_some());
            let answer = file(server, "GET", &self.bob, &path(number)).send().unwrap();
            if answer.status() == 404 && !was_answered && known.seen.is_none() {
                return 0;
            }
            assert_eq!(answer.status(), 200, "{number}: {:?}", known.attempts.last());
            let (tag, at) = (tag(&answer), self.tick());
            let bytes = answer.bytes().unwrap();
            let version = u64::from_le_bytes(bytes[..8].try_into().unwrap());
            assert!(bytes == content(number, version), "{number}: a mixture, with {version}");
            let judged = known.judge(version, &tag);
            assert_eq!(judged, Ok(()), "{number}: {version} {tag}, {:#?}", known.attempts);
            let last = bytes.len() - 1;
            let from = usize::try_from(random(u64::try_from(last).unwrap())).unwrap();
            let until = last.min(from + 100_000);
            let range = file(server, "GET", &self.bob, &path(number));
            let range = range.header("range", format!("bytes={from}-{until}"));
            let range = range.header("if-range", &tag).send().unwrap();
            assert_eq!(range.status(), 206, "{number}");
            assert!(range.bytes().unwrap() == bytes[from..=until], "{number}: {from}-{until}");
            known.seen = Some(Seen { number: version, tag, at });
            let attempt = known.attempts.iter().find(|attempt| attempt.number == version);
            usize::from(attempt.is_some_and(|attempt| attempt.tag.is_none()))
        });
        looked.sum()
    }

    fn answered(&self) -> usize {
        let files = self.files.iter().map(|file| file.lock().unwrap());
        files.map(|file| file.attempts.iter().filter(|it| it.tag.is_some()).count()).sum()
    }
}

/// Has files written while the server is killed and started again, and looks at them after each start, and when all is swept. What
/// happened.
fn survives(settings: &[(&str, &str)]) -> String {
    let usual = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUTO_BAN_ENABLED", "false"),
        // Also while it is killed.
        ("VFS_SWEEP_AFTER_MS", "2000"),
    ];
    let settings = [&usual, settings].concat();
    let server = Server::start(&settings);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    mount(&server, &alice, &json!({ "name": "docs" }));
    grant(&server, &alice, "docs", "bob", &["read", "write"]);
    let place = Place {
        base: RwLock::new(server.base.clone()),
        bob,
        files: Default::default(),
        sent: Arc::default(),
        time: AtomicU64::new(0),
        is_over: AtomicBool::new(false),
        refusals: Mutex::default(),
    };
    let mut untold = 0;
    let server = thread::scope(|scope| {
        let mut server = server;
        for writer in 0..FILES * WRITERS {
            let place = &place;
            scope.spawn(move || place.write(writer % FILES));
        }
        for kill in 0..KILLS {
            place.await_more(kill);
            let mut base = place.base.write().unwrap();
            let folder = server.kill();
            server = Server::start_in(folder, &settings);
            untold += place.look(&server);
            base.clone_from(&server.base);
        }
        let answered = place.answered();
        until("some more is written", || place.answered() > answered + FILES);
        place.is_over.store(true, Ordering::SeqCst);
        server
    });
    place.look(&server);
    let all = objects(server.folder.path()).len();
    assert!(all >= FILES, "{all}");
    until("the rest is swept", || objects(server.folder.path()).len() == FILES);
    place.look(&server);
    let staged = fs::read_dir(server.folder.path().join("data/files/staged"));
    assert_eq!(staged.map_or(0, Iterator::count), 0, "what was cut is gone");

    let attempts = place.files.iter().map(|file| file.lock().unwrap().attempts.len());
    let (attempts, answered) = (attempts.sum::<usize>(), place.answered());
    let refusals = place.refusals.lock().unwrap();
    let refused: usize = refusals.values().sum();
    assert!(refusals.keys().all(|status| *status < 500), "{refusals:?}");
    assert!(refused * 10 < attempts, "{refusals:?} of {attempts}");
    // Else this shows nothing.
    assert!(
        answered > 2 * KILLS && attempts - answered - refused >= KILLS,
        "{answered} of {attempts}"
    );
    format!(
        "{attempts} uploads, {answered} answered, {untold} there without an answer, {refusals:?}, {all} swept to {FILES}"
    )
}

#[test]
fn c2_a_file_is_one_version_whole_however_often_the_server_is_killed_while_it_is_written() {
    println!("{}", survives(&[]));
}

#[test]
fn c2_so_are_files_that_postgresql_knows() {
    let postgres = PostgresServer::start();
    postgres.run("root", "CREATE ROLE palisade_runtime NOLOGIN").unwrap();
    postgres.run("root", "GRANT palisade_runtime TO owner WITH ADMIN OPTION").unwrap();
    postgres.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
    let (app, owner) = (postgres.url("app"), postgres.url("owner"));
    println!("{}", survives(&[("DATABASE_URL", &app), ("DATABASE_MIGRATE_URL", &owner)]));
}
