//! A server with a mount, and canaries all around it.

use std::{collections::BTreeMap, fs, path::Path, thread};

use palisade_vault::Key;
use serde_json::{Value, json};

use super::{ask::Ask, report::Report, socket::Socket};
use crate::{
    server::Server,
    vfs_files::{get, put, served},
    vfs_rules::mount,
};

/// What bob may read, at `docs/a/own.txt`.
pub(crate) const OWN: &str = "what bob may read";
/// So many connections ask at once.
const CONNECTIONS: usize = 4;
/// Where canaries are: beside the storage, in it, beside all data, and among the settings.
const CANARIES: [&str; 5] =
    ["canary", "data/canary", "data/files/canary", "data/files/objects/canary", "config/canary"];
/// What changes by itself, and what files are kept in.
const LIVELY: [&str; 5] = [
    "data/files/objects/",
    "data/files/staged/",
    "data/palisade.db",
    "data/analytics.db",
    "stderr.log",
];

/// A server with a mount `docs`, in which bob may do all, a mount `private`, in which he may do nothing, and canaries around.
pub(crate) struct Site {
    server: Server,
    bob: String,
    carol: String,
    /// What is in no answer to bob.
    marks: Vec<String>,
    /// What lay in each file when it began.
    before: BTreeMap<String, Vec<u8>>,
}

/// What lies in each file below a folder, but for what changes by itself.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if CANARIES.contains(&&*name) || !LIVELY.iter().any(|it| name.starts_with(it)) {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What no target can hold by chance.
fn mark() -> String {
    Key::generate().unwrap().expose_base64().expose_str().unwrap().replace('/', "-")
}

// === impl Site ===

impl Site {
    pub(crate) fn start() -> Self {
        let (server, alice, bob) = served(&[]);
        let carol = server.token("carol", &[]);
        let hers = json!({ "name": "private", "owner": { "user": { "userId": "carol" } } });
        mount(&server, &alice, &hers);
        let mut marks = vec!["root:x:0:0:".to_owned(), "SQLite format 3".to_owned()];
        let mut new = || {
            marks.push(mark());
            marks.last().unwrap().clone()
        };
        // What is in it, and what it is called.
        assert_eq!(put(&server, &carol, "private/secret.txt", new()).status(), 201);
        assert_eq!(put(&server, &carol, &format!("private/{}", new()), "").status(), 201);
        assert_eq!(put(&server, &bob, "docs/a/own.txt", OWN).status(), 201);
        for canary in CANARIES {
            let path = server.folder.path().join(canary);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, new()).unwrap();
        }
        let before = tree(server.folder.path());
        Self { server, bob, carol, marks, before }
    }

    /// What comes back of these, in this order within each of several connections.
    pub(crate) fn ask(&self, asks: &[Vec<Ask>]) -> Report {
        let address = self.server.base.strip_prefix("http://").unwrap();
        let mut own = Socket::new(address, &self.bob);
        let answer = own.send(&Ask::new("GET", &[b"/api/vfs/docs/a/own.txt"])).unwrap();
        assert_eq!((answer.status, answer.body()), (200, OWN.as_bytes()), "it is served at all");
        let each = asks.len().div_ceil(CONNECTIONS).max(1);
        thread::scope(|scope| {
            let parts = asks.chunks(each).map(|part| {
                scope.spawn(move || {
                    let (mut socket, mut report) =
                        (Socket::new(address, &self.bob), Report::default());
                    for ask in part.iter().flatten() {
                        let answer = socket.send(ask);
                        report.note(ask, answer.as_ref(), &self.marks);
                    }
                    report
                })
            });
            let parts: Vec<_> = parts.collect();
            let reports = parts.into_iter().map(|part| part.join().unwrap());
            reports.fold(Report::default(), Report::join)
        })
    }

    /// What is not as it was, outside of the mount.
    pub(crate) fn changes(&self) -> Vec<String> {
        let now = tree(self.server.folder.path());
        let changed = self.before.iter().filter(|(name, bytes)| now.get(*name) != Some(*bytes));
        let added = now.keys().filter(|name| !self.before.contains_key(*name));
        let mut names: Vec<String> =
            changed.map(|(name, _)| name.clone()).chain(added.cloned()).collect();
        let hers: Value = get(&self.server, &self.carol, "private?glob=**").json().unwrap();
        if hers["files"].as_array().unwrap().len() != 2 {
            names.push(format!("the mount `private`: {hers}"));
        }
        let secret = get(&self.server, &self.carol, "private/secret.txt").text().unwrap();
        if !self.marks.contains(&secret) {
            names.push("private/secret.txt".to_owned());
        }
        names
    }

    /// What bob has at `docs/a/own.txt`.
    pub(crate) fn own(&self) -> String {
        get(&self.server, &self.bob, "docs/a/own.txt").text().unwrap()
    }
}
