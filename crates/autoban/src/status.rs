//! How auto-ban is doing: for a readiness check and for people.

use std::{path::PathBuf, time::SystemTime};

use serde::Serialize;

use crate::{ViolationCounts, Weights};

/// How auto-ban is doing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutoBanStatus {
    /// Banned addresses and networks, those that ended but were not cleaned up included.
    pub banned_ips: usize,
    /// Banned users.
    pub banned_users: usize,
    /// Banned tokens.
    pub banned_tokens: usize,
    /// Addresses, users and tokens with violations.
    pub tracked: usize,
    /// The file, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<BanFileStatus>,
}

/// How the file of bans is doing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BanFileStatus {
    /// Where it is.
    pub path: PathBuf,
    /// When it was last written since the start.
    #[serde(with = "palisade_core::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub written: Option<SystemTime>,
    /// Why the last try to write it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_error: Option<String>,
    /// Set if the file could not be used at the start: the server runs without the bans of before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe_mode: Option<SafeMode>,
}

/// Why the bans of before are not in force, and where they are.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SafeMode {
    /// What is wrong with the file.
    pub reason: String,
    /// Where it is kept.
    pub kept_aside: PathBuf,
}

/// Who has violations within the window.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ViolationStats {
    /// How many addresses, users and tokens are tracked, those included whose violations are over but were not cleaned up.
    pub tracked: usize,
    /// How many of them there is room for.
    pub capacity: usize,
    /// How many were forgotten since the start because there was no room.
    pub forgotten: u64,
    /// Violations that weigh more than this together within the window are a ban.
    pub threshold: u32,
    /// What a violation of each kind weighs.
    pub weights: Weights,
    /// How many of each kind were counted since the start.
    pub counted: ViolationCounts,
    /// The window in milliseconds.
    pub window_ms: u64,
    /// Those whose violations weigh most first; at most a thousand.
    pub offenders: Vec<OffenderStats>,
}

/// The violations of one address, user or token within the window.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OffenderStats {
    /// `ip`, `user` or `token`.
    pub kind: &'static str,
    /// The address or network, the user id, or `sha256:` and the digest of the token.
    pub value: String,
    /// Who vouches for the user; the empty text if nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// How many of each kind.
    pub violations: ViolationCounts,
    /// What they weigh together.
    pub weight: u32,
    /// When the first of them was.
    #[serde(serialize_with = "palisade_core::rfc3339::serialize")]
    pub first: SystemTime,
    /// When the last of them was.
    #[serde(serialize_with = "palisade_core::rfc3339::serialize")]
    pub last: SystemTime,
    /// The ids of the routes they were on, as far as those are known: eight at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Box<str>>,
}

// === impl AutoBanStatus ===

impl AutoBanStatus {
    /// Whether all bans of before are in force and all bans are on disk.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.write_error.is_none() && file.safe_mode.is_none())
    }
}
