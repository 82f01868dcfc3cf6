//! How far the log had come: a line that is kept where whoever can change the log cannot reach.

use std::{fmt, str::FromStr, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use palisade_core::ConfigError;

use crate::{Hash, Head, KeyId, LogId, head::milliseconds};

/// How far a log had come at some time: its name, and the number and hash of its last record.
///
/// A log that is changed, cut off or replaced up to there does not fit it any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    log: LogId,
    head: Head,
    time: i64,
}

/// A checkpoint with its signature: one line of text.
///
/// ```text
/// palisade-audit/1 log=<64 digits> sequence=<number> hash=<64 digits> time=<milliseconds> key=<name>+<8 digits> signature=<base64>
/// ```
///
/// The signature (Ed25519) is of all that stands before ` signature=`. Whether it is good says
/// [`TrustedKeys::open`](crate::TrustedKeys::open), and until then nobody gets at what it signs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedCheckpoint {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) key: KeyId,
    pub(crate) signature: [u8; 64],
}

/// The most bytes of a line.
pub(crate) const LONGEST_LINE: usize = 512;

// === impl Checkpoint ===

impl Checkpoint {
    /// Says that `log` had come to this `head` at this time.
    #[must_use]
    pub fn new(log: LogId, head: Head, at: SystemTime) -> Self {
        Self { log, head, time: milliseconds(at) }
    }

    /// Which log.
    #[must_use]
    pub const fn log(&self) -> LogId {
        self.log
    }

    /// How far it had come.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// When, in milliseconds since 1970.
    #[must_use]
    pub const fn time(&self) -> i64 {
        self.time
    }

    /// What is signed.
    pub(crate) fn body(&self, key: &KeyId) -> String {
        let Self { log, head, time } = self;
        let (sequence, hash) = (head.sequence(), head.hash());
        format!("palisade-audit/1 log={log} sequence={sequence} hash={hash} time={time} key={key}")
    }
}

// === impl SignedCheckpoint ===

impl SignedCheckpoint {
    /// The key that is said to have signed it.
    #[must_use]
    pub const fn key(&self) -> &KeyId {
        &self.key
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut value = |name: &str| words.next()?.strip_prefix(name);
        value("palisade-audit/1")?;
        let log = value("log=")?.parse().ok()?;
        let sequence = value("sequence=")?.parse().ok()?;
        let hash: Hash = value("hash=")?.parse().ok()?;
        let time = value("time=")?.parse().ok()?;
        let key = value("key=")?.parse().ok()?;
        let signature = STANDARD.decode(value("signature=")?).ok()?.try_into().ok()?;
        let checkpoint = Checkpoint { log, head: Head::new(sequence, hash), time };
        Some(Self { checkpoint, key, signature })
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.checkpoint.body(&self.key);
        write!(f, "{body} signature={}", STANDARD.encode(self.signature))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = ConfigError;

    /// Reads a line as [`Display`](fmt::Display) writes it, without its end. There is one way to write each.
    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let read = (line.len() <= LONGEST_LINE).then(|| Self::parse(line)).flatten();
        read.filter(|signed| signed.to_string() == line).ok_or_else(|| {
            let shown: String = line.chars().take(100).collect();
            ConfigError::new("checkpoint", shown)
                .expected("a line that begins with `palisade-audit/1 log=`")
        })
    }
}
