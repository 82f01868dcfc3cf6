//! A ring as text: in the environment, or in a file.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _},
    path::Path,
    str,
};

use palisade_core::ConfigError;
use zeroize::Zeroizing;

use crate::{Key, KeyVersion};

/// The most bytes of a file.
const LIMIT: u64 = 64 * 1024;

/// What a text says of a ring.
#[derive(Debug, Default)]
pub(crate) struct RingText {
    pub(crate) keys: Vec<(KeyVersion, Key)>,
    pub(crate) primary: Option<KeyVersion>,
    pub(crate) minimum: Option<KeyVersion>,
}

impl RingText {
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut ring = Self::default();
        let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(said, _)| said));
        let entries = lines.flat_map(|line| line.split(',')).map(str::trim);
        for (number, entry) in (1_usize..).zip(entries.filter(|entry| !entry.is_empty())) {
            ring.take(entry).map_err(|expected| {
                ConfigError::new("part of the ring of keys", format!("entry {number}"))
                    .expected(expected)
            })?;
        }
        Ok(ring)
    }

    /// Takes one entry, or says what it should have been. It may be a key, and is never shown.
    fn take(&mut self, entry: &str) -> Result<(), String> {
        if let Some(version) = entry.strip_prefix("primary=") {
            return once(&mut self.primary, version);
        }
        if let Some(version) = entry.strip_prefix("minimum=") {
            return once(&mut self.minimum, version);
        }
        let form = "`VERSION:KEY`, `primary=VERSION` or `minimum=VERSION`";
        let (version, key) = entry.split_once(':').ok_or(form)?;
        let version = version_of(version)?;
        let key =
            Key::read(key).map_err(|expected| format!("version {version} to be {expected}"))?;
        self.keys.push((version, key));
        Ok(())
    }
}

fn once(place: &mut Option<KeyVersion>, text: &str) -> Result<(), String> {
    match place.replace(version_of(text)?) {
        None => Ok(()),
        Some(_) => Err("it once".into()),
    }
}

fn version_of(text: &str) -> Result<KeyVersion, String> {
    let number = text.trim().parse().ok().and_then(KeyVersion::new);
    number.ok_or_else(|| format!("a version from 1 to {}", u32::MAX))
}

/// Reads the file at `path`, which nobody but its owner, and readers of its group, may touch.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let mistake = |error: io::Error| {
        let path = path.display().to_string();
        ConfigError::new("file of vault keys", path).expected(error.to_string())
    };
    content(path).map_err(mistake)
}

fn content(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    // Opening a pipe would wait for its writer for ever. Links are followed: that is how secrets are mounted.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("a regular file"));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    refuse_open_to_others(&metadata)?;
    if metadata.len() > LIMIT {
        return Err(io::Error::other(format!("at most {LIMIT} bytes")));
    }
    // One byte more than there is: a buffer that grew would leave a copy behind.
    let room = usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1);
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    file.take(metadata.len()).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(unix)]
fn refuse_open_to_others(metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o027 == 0 {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "a file that others can neither read nor write (`chmod 600`); its mode is {mode:o}"
    )))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where files have modes")]
fn refuse_open_to_others(_: &Metadata) -> io::Result<()> {
    Ok(())
}
