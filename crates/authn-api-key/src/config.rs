//! The settings, checked when they are built.

use std::path::PathBuf;

use palisade_core::{Clock, ConfigError};

use crate::{ApiKeys, KeyFormat, key_file::KeyFile};

/// The settings of [`ApiKeys`]. Made by [`ApiKeys::builder`].
#[derive(Debug)]
#[must_use = "settings do nothing until they are built"]
pub struct ApiKeysBuilder {
    format: KeyFormat,
    path: Option<PathBuf>,
    max_keys: usize,
    clock: Clock,
}

// === impl ApiKeysBuilder ===

impl ApiKeysBuilder {
    pub(crate) fn new(format: KeyFormat) -> Self {
        Self { format, path: None, max_keys: 10_000, clock: Clock::system() }
    }

    /// Keeps the keys in the file at `path`, such as `config/api-keys.json`. Default: in memory alone.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// How many keys there may be. Default: 10 000.
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }

    /// Takes the time from `clock` where there is no request to take it from. Default: the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Reads the file; without one there are no keys yet. Blocks.
    ///
    /// # Errors
    ///
    /// If there is to be no key at all; a file that is no regular file, cannot be read, or holds a mistake, which is told
    /// with its place and what is expected there.
    pub fn build(self) -> Result<ApiKeys, ConfigError> {
        let Self { format, path, max_keys, clock } = self;
        if max_keys == 0 {
            return Err(ConfigError::new("number of API keys", "0").expected("more than zero"));
        }
        let keys = ApiKeys::new(format, path.map(KeyFile::new), max_keys, clock);
        keys.reload()?;
        Ok(keys)
    }
}
