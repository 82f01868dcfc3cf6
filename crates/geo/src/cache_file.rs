//! What providers said, on the disk: so that a restart asks nobody again.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use palisade_core::{IpKey, Ipv6Prefix, Location, Moment, atomic_file};
use serde::{Deserialize, Serialize};

use crate::{
    cache::{Aged, FRESH, OLDEST},
    place_name::place_name,
    special::askable,
};

/// The version of the format.
const VERSION: u32 = 1;
/// The largest file that is read. The most entries that are written, each as long as it can be, are less.
const LARGEST: u64 = 32 << 20;
/// The most entries that are written.
pub(crate) const MOST: usize = 32_768;

/// The file.
#[derive(Debug)]
pub(crate) struct CacheFile {
    path: PathBuf,
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("no JSON of the expected form, line {0}")]
    Form(usize),
    #[error("version {0} of the format, not {VERSION}")]
    Version(u32),
    #[error("the checksum is wrong")]
    Checksum,
    #[error("an entry that makes no sense")]
    Entry,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    /// CRC-32 of `entries` as they are written, in hexadecimal.
    checksum: String,
    entries: Vec<Row>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Row {
    network: String,
    /// When that was said, in seconds since 1970.
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<String>,
}

// === impl CacheFile ===

impl CacheFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The answers in the file; none where there is no file. Those that are too old to be used are left out.
    pub(crate) fn load(&self, now: Moment) -> Result<Vec<Aged>, Unusable> {
        let Some(bytes) = atomic_file::read(&self.path, LARGEST)? else { return Ok(Vec::new()) };
        let content: Content =
            serde_json::from_slice(&bytes).map_err(|error| Unusable::Form(error.line()))?;
        if content.version != VERSION {
            return Err(Unusable::Version(content.version));
        }
        if content.checksum != checksum(&content.entries)? {
            return Err(Unusable::Checksum);
        }
        let aged = content.entries.into_iter().map(|row| row.read(now).ok_or(Unusable::Entry));
        let aged = aged.collect::<Result<Vec<_>, _>>()?;
        Ok(aged.into_iter().filter(|aged| aged.age < OLDEST).collect())
    }

    /// Replaces the file.
    pub(crate) fn save(&self, answers: impl Iterator<Item = Aged>, now: Moment) -> io::Result<()> {
        let entries: Vec<_> = answers.take(MOST).map(|aged| Row::of(&aged, now)).collect();
        let content = Content { version: VERSION, checksum: checksum(&entries)?, entries };
        atomic_file::replace(&self.path, &serde_json::to_vec(&content)?)
    }
}

fn checksum(entries: &[Row]) -> io::Result<String> {
    let bytes = serde_json::to_vec(entries)?;
    Ok(format!("{:08x}", crc32fast::hash(&bytes)))
}

// === impl Row ===

impl Row {
    fn of(answer: &Aged, now: Moment) -> Self {
        let location = answer.location.as_deref();
        let text = |name: Option<&str>| name.map(str::to_owned);
        Self {
            network: answer.key.to_string(),
            at: now.unix_seconds().saturating_sub(answer.age.as_secs()),
            country: location.and_then(|it| it.country).map(|country| country.to_string()),
            region: text(location.and_then(|it| it.region.as_deref())),
            city: text(location.and_then(|it| it.city.as_deref())),
        }
    }

    /// `None` if it is none of ours: whoever wrote it did not write it by [`save`](CacheFile::save).
    fn read(&self, now: Moment) -> Option<Aged> {
        let key: IpKey = self.network.parse().ok()?;
        // As it is asked for, or it would never be found; and only what may be asked for.
        let is_ours = IpKey::new(key.network(), Ipv6Prefix::default()) == key
            && askable(key.network()) == Some(key.network());
        if !is_ours {
            return None;
        }
        let mut location = Location::new();
        if let Some(country) = &self.country {
            location = location.country(country.parse().ok()?);
        }
        location.region = self.region.as_deref().and_then(place_name);
        location.city = self.city.as_deref().and_then(place_name);
        // Nobody knows how old one from the future is, written while the clock was wrong: it is asked for again, and kept meanwhile.
        let age = now.unix_seconds().checked_sub(self.at).map_or(FRESH, Duration::from_secs);
        Some(Aged { key, age, location: (!location.is_empty()).then(|| Arc::new(location)) })
    }
}
