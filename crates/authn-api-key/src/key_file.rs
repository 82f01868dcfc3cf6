//! The file of keys: one JSON document, one key a line.

use std::{
    collections::{HashMap, HashSet},
    fs, io, mem,
    path::PathBuf,
    time::SystemTime,
};

use palisade_core::{ConfigError, TokenDigest, atomic_file};
use serde::Deserialize;

use crate::{
    KeyError, KeyId,
    entry::{Table, sorted},
    file_lock::{FileLock, Held},
    stored::Stored,
};

/// The most bytes a file may have, read or written.
const LIMIT: u64 = 64 * 1024 * 1024;
const VERSION: u32 = 1;

/// The file of keys, and what it held when it was last read or written.
#[derive(Debug)]
pub(crate) struct KeyFile {
    path: PathBuf,
    lock: FileLock,
    seen: Option<TokenDigest>,
    /// Whether something was read that nobody was told about.
    is_untold: bool,
    /// The keys that were taken away, and when, while the file does not say so.
    owed: HashMap<KeyId, SystemTime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `version` and `keys`")]
struct Document {
    version: u32,
    keys: Vec<Stored>,
}

// === impl KeyFile ===

impl KeyFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        let lock = FileLock::of(&path);
        Self { path, lock, seen: None, is_untold: false, owed: HashMap::new() }
    }

    /// Takes note that a key was taken away: read from the file it is disabled, until the file is written.
    pub(crate) fn owe(&mut self, id: KeyId, since: SystemTime) {
        self.owed.insert(id, since);
    }

    /// Reads the keys, if the file is there and not as it was last seen.
    pub(crate) fn read(&mut self, max_keys: usize) -> Result<Option<Vec<Stored>>, ConfigError> {
        let text = self.text().map_err(|error| {
            self.mistake("").expected(format!("a regular file that can be read: {error}"))
        })?;
        let Some(text) = text else { return Ok(None) };
        let seen = TokenDigest::of(&text);
        if self.seen == Some(seen) {
            return Ok(None);
        }
        let mut keys = self.parse(&text, max_keys)?;
        for stored in &mut keys {
            if let Some(since) = self.owed.get(&stored.key.id) {
                stored.key.disabled.get_or_insert(*since);
            }
        }
        self.seen = Some(seen);
        self.is_untold = true;
        Ok(Some(keys))
    }

    /// Whether something was read since this was last asked.
    pub(crate) fn tell(&mut self) -> bool {
        mem::take(&mut self.is_untold)
    }

    /// What to hold from the [`read`](Self::read) to the [`write`](Self::write).
    pub(crate) fn lock(&self) -> FileLock {
        self.lock.clone()
    }

    /// Replaces the file.
    pub(crate) fn write(&mut self, table: &Table, _alone: &Held) -> Result<(), KeyError> {
        let text = document(table)?;
        if u64::try_from(text.len()).is_ok_and(|len| len > LIMIT) {
            return Err(KeyError::NoRoom);
        }
        atomic_file::replace(&self.path, text.as_bytes())?;
        self.seen = Some(TokenDigest::of(&text));
        self.owed.clear();
        Ok(())
    }

    fn text(&self) -> io::Result<Option<String>> {
        // Opening a pipe would wait for its writer for ever, and a link may lead anywhere.
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("it is a link, a folder or a device"));
        }
        let Some(bytes) = atomic_file::read(&self.path, LIMIT)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|_| io::Error::other("it is not UTF-8"))
    }

    fn parse(&self, text: &str, max_keys: usize) -> Result<Vec<Stored>, ConfigError> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let place = format!(":{}:{}", error.line(), error.column());
            self.mistake(&place).expected(expectation(&error))
        })?;
        if document.version != VERSION {
            return Err(self.mistake("").expected("version 1; it is of another version"));
        }
        if document.keys.len() > max_keys {
            return Err(self.mistake("").expected(format!("at most {max_keys} keys")));
        }
        let mut ids = HashSet::new();
        for stored in &document.keys {
            let id = stored.key.id;
            let checked = if ids.insert(id) { stored.check() } else { Err("every id once") };
            checked.map_err(|expected| self.mistake(&format!(": key {id}")).expected(expected))?;
        }
        Ok(document.keys)
    }

    fn mistake(&self, place: &str) -> ConfigError {
        ConfigError::new("file of API keys", format!("{}{place}", self.path.display()))
    }
}

fn document(table: &Table) -> io::Result<String> {
    let mut text = format!("{{\"version\":{VERSION},\n\"keys\":[");
    for (place, stored) in sorted(table).iter().enumerate() {
        text.push_str(if place == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(stored)?);
    }
    text.push_str("]}\n");
    Ok(text)
}

/// What was expected, without what was there instead: it may be a key.
pub(crate) fn expectation(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let message =
        message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
    if !error.is_data() {
        return format!("JSON that parses: {message}");
    }
    // `invalid type: string "…", expected a list`, ``unknown field `…`, expected …``.
    if let Some((_, expected)) = message.rsplit_once(", expected ") {
        return expected.to_owned();
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("a field {field}");
    }
    match message.strip_prefix("duplicate field ") {
        Some(field) => format!("{field} once"),
        None => message.to_owned(),
    }
}
