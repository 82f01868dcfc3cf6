//! How the list is doing: for a readiness check and for people.

use std::time::SystemTime;

use serde::Serialize;

/// How many entries a list has, expired ones included.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntryCounts {
    /// Blocked addresses and networks.
    pub addresses: usize,
    /// Blocked users.
    pub users: usize,
    /// Blocked tokens.
    pub tokens: usize,
    /// Blocked countries.
    pub countries: usize,
    /// Addresses and networks that are never blocked.
    pub safe_addresses: usize,
}

/// How often each kind of entry decided since the start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HitCounts {
    /// Refused by address.
    pub addresses: u64,
    /// Refused by user.
    pub users: u64,
    /// Refused by token.
    pub tokens: u64,
    /// Refused by country.
    pub countries: u64,
    /// Let through by the safelist.
    pub safe_addresses: u64,
    /// Of those, how many an entry would have refused.
    pub overruled: u64,
}

/// How often one entry refused since the start.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntryHits {
    /// What the entry names: `address`, `user`, `token` or `country`.
    pub kind: &'static str,
    /// The entry as the security log shows it: `203.0.113.0/24 (scanner)`; a token is shown by its digest.
    pub entry: String,
    /// How often it refused, at least: where more than 128 entries hit, those that came before it had a place of its own are
    /// not in here.
    pub hits: u64,
}

/// How the list is doing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BlocklistStatus {
    /// How often a list was taken or refused since the start. It grows with each [`error`](Self::error) too.
    pub loads: u64,
    /// When the list that is in force was taken, if it came from a file.
    #[serde(
        serialize_with = "palisade_core::rfc3339::option::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub loaded: Option<SystemTime>,
    /// What the list in force holds.
    pub entries: EntryCounts,
    /// How often it decided.
    pub hits: HitCounts,
    /// The 20 entries that refused most often, of this list and those before it. One that has over a 128th of all refusals is
    /// always counted, whatever else comes.
    pub top: Vec<EntryHits>,
    /// Why the newest version of the file is not the list in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<LoadFailure>,
}

/// Why a version of the file was not taken.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoadFailure {
    /// The mistake and its place, on one line.
    pub message: String,
    /// The line where reading stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column where reading stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// When it was tried.
    #[serde(serialize_with = "palisade_core::rfc3339::serialize")]
    pub at: SystemTime,
}

// === impl BlocklistStatus ===

impl BlocklistStatus {
    /// Whether the list in force is the newest one.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.error.is_none()
    }
}
