//! What a ban is based on: how many violations of which kind, and when.

use std::time::SystemTime;

use palisade_core::ViolationKind;
use serde::{Deserialize, Serialize};

/// How many violations of each kind. Kinds without any are left out of the JSON.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct ViolationCounts {
    /// Quotas used up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rate_limit: u32,
    /// Credentials presented that are not valid.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub auth_failure: u32,
    /// Requests no honest client sends.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suspicious: u32,
    /// Kinds this version does not know.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub other: u32,
}

/// The violations a ban is based on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Evidence {
    /// How many within the window.
    pub violations: ViolationCounts,
    /// When the first of them was.
    #[serde(with = "palisade_core::rfc3339")]
    pub first: SystemTime,
    /// When the last of them was: the one that led to the ban.
    #[serde(with = "palisade_core::rfc3339")]
    pub last: SystemTime,
}

// === impl ViolationCounts ===

impl ViolationCounts {
    /// All kinds together.
    #[must_use]
    pub fn total(&self) -> u32 {
        let Self { rate_limit, auth_failure, suspicious, other } = *self;
        rate_limit.saturating_add(auth_failure).saturating_add(suspicious).saturating_add(other)
    }

    pub(crate) fn one(kind: ViolationKind) -> Self {
        let mut counts = Self::default();
        match kind {
            ViolationKind::RateLimit => counts.rate_limit = 1,
            ViolationKind::AuthFailure => counts.auth_failure = 1,
            ViolationKind::Suspicious => counts.suspicious = 1,
            _ => counts.other = 1,
        }
        counts
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.rate_limit = self.rate_limit.saturating_add(more.rate_limit);
        self.auth_failure = self.auth_failure.saturating_add(more.auth_failure);
        self.suspicious = self.suspicious.saturating_add(more.suspicious);
        self.other = self.other.saturating_add(more.other);
    }

    pub(crate) fn take_off(&mut self, less: Self) {
        self.rate_limit = self.rate_limit.saturating_sub(less.rate_limit);
        self.auth_failure = self.auth_failure.saturating_sub(less.auth_failure);
        self.suspicious = self.suspicious.saturating_sub(less.suspicious);
        self.other = self.other.saturating_sub(less.other);
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
