//! How remote keys are doing: for a readiness check and for people.

use std::time::SystemTime;

/// How the remote keys of an issuer are doing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeysStatus {
    /// The issuer; `None` if it has any name.
    pub issuer: Option<Box<str>>,
    /// How many keys are in force, those at hand included.
    pub keys: usize,
    /// How many keys of the newest set cannot be used.
    pub skipped: usize,
    /// How often a fetch began since the start.
    pub fetches: u64,
    /// When a good set was last fetched.
    pub loaded: Option<SystemTime>,
    /// When the next fetch is due, if no token asks for one sooner.
    pub next: Option<SystemTime>,
    /// Why the last fetch failed, if it did. The keys from before stay in force.
    pub error: Option<FetchFailure>,
}

/// Why a fetch failed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FetchFailure {
    /// What went wrong, on one line. It names the inside of the network: it is not for clients.
    pub message: Box<str>,
    /// When.
    pub at: SystemTime,
}

// === impl KeysStatus ===

impl KeysStatus {
    /// Whether a good set was ever fetched: before, tokens of this issuer are answered 503.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.loaded.is_some()
    }

    /// Whether the last fetch was good.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.is_ready() && self.error.is_none()
    }
}
