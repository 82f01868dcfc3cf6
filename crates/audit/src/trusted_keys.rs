//! The keys whose checkpoints count.

use std::{
    io::{self, BufRead},
    str::FromStr,
};

use palisade_core::ConfigError;

use crate::{
    Checkpoint, KeyId, SignedCheckpoint, VerifyingKey, bounded_lines::BoundedLines,
    checkpoint::LONGEST_LINE,
};

/// As many lines that are no checkpoints are named.
const MOST_REFUSED: usize = 1000;

/// The keys whose checkpoints count: several, because keys are replaced and checkpoints stay.
///
/// As text it is one key a line; empty lines and those that begin with `#` are skipped.
#[derive(Clone, Debug, Default)]
pub struct TrustedKeys {
    keys: Vec<VerifyingKey>,
}

/// The checkpoints of a file: those that count, and the lines that are none.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OpenedCheckpoints {
    /// Those that a trusted key has signed.
    pub trusted: Vec<Checkpoint>,
    /// The lines that are none, from 1, and why. A file that only ever was added to has none, so they are not to be passed over. The
    /// first 1000.
    pub refused: Vec<(u64, CheckpointError)>,
}

/// Why a checkpoint does not count.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It is no line that a checkpoint has.
    #[error("it is no checkpoint")]
    Unreadable,
    /// It is signed by a key that is not trusted.
    #[error("the key {0} is not among those that are trusted")]
    UnknownKey(KeyId),
    /// Its signature is not that of the key.
    #[error("the key {0} has not signed this")]
    NotSigned(KeyId),
}

// === impl TrustedKeys ===

impl TrustedKeys {
    /// Opens a checkpoint, if one of the keys has signed it.
    ///
    /// # Errors
    ///
    /// If none has.
    pub fn open(&self, signed: &SignedCheckpoint) -> Result<Checkpoint, CheckpointError> {
        let mut known = self.keys.iter().filter(|key| key.id() == signed.key()).peekable();
        if known.peek().is_none() {
            return Err(CheckpointError::UnknownKey(signed.key().clone()));
        }
        if known.any(|key| key.has_signed(signed)) {
            Ok(signed.checkpoint.clone())
        } else {
            Err(CheckpointError::NotSigned(signed.key().clone()))
        }
    }

    /// Opens a line.
    ///
    /// # Errors
    ///
    /// If it is no checkpoint, or none of these keys has signed it.
    pub fn open_line(&self, line: &str) -> Result<Checkpoint, CheckpointError> {
        self.open(&line.parse().map_err(|_| CheckpointError::Unreadable)?)
    }

    /// Opens a file of checkpoints, one a line.
    ///
    /// # Errors
    ///
    /// If it cannot be read. A line that does not count is no error: it is in what is returned.
    pub fn read(&self, file: impl BufRead) -> io::Result<OpenedCheckpoints> {
        let mut opened = OpenedCheckpoints::default();
        for (number, line) in (1_u64..).zip(BoundedLines::new(file, LONGEST_LINE)) {
            let line = line?.and_then(|line| String::from_utf8(line).ok());
            let line = line.ok_or(CheckpointError::Unreadable);
            match line.and_then(|line| self.open_line(&line)) {
                Ok(checkpoint) => opened.trusted.push(checkpoint),
                Err(error) if opened.refused.len() < MOST_REFUSED => {
                    opened.refused.push((number, error));
                }
                Err(_) => {}
            }
        }
        Ok(opened)
    }
}

impl FromIterator<VerifyingKey> for TrustedKeys {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self { keys: keys.into_iter().collect() }
    }
}

impl FromStr for TrustedKeys {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lines = text.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::parse).collect()
    }
}
