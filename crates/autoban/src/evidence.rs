//! What a ban is based on: how many violations of which kind, when, and on which routes.

use std::time::SystemTime;

use palisade_core::ViolationKind;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::time;

/// The most routes that are told, and the most characters of each.
pub(crate) const MOST_ROUTES: usize = 8;
const LONGEST_ROUTE: usize = 200;

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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Evidence {
    /// How many within the window.
    pub violations: ViolationCounts,
    /// What they count together: this is what was more than the threshold.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub weight: u32,
    /// When the first of them was.
    #[serde(with = "palisade_core::rfc3339")]
    pub first: SystemTime,
    /// When the last of them was: the one that led to the ban.
    #[serde(with = "palisade_core::rfc3339")]
    pub last: SystemTime,
    /// The ids of the routes they were on, as far as those are known: eight at most.
    #[serde(default, deserialize_with = "few_routes", skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Box<str>>,
}

// === impl ViolationCounts ===

impl ViolationCounts {
    /// So many of one kind.
    #[must_use]
    pub const fn of(kind: ViolationKind, count: u32) -> Self {
        let mut counts = Self { rate_limit: 0, auth_failure: 0, suspicious: 0, other: 0 };
        match kind {
            ViolationKind::RateLimit => counts.rate_limit = count,
            ViolationKind::AuthFailure => counts.auth_failure = count,
            ViolationKind::Suspicious => counts.suspicious = count,
            _ => counts.other = count,
        }
        counts
    }

    /// All kinds together.
    #[must_use]
    pub fn total(&self) -> u32 {
        let Self { rate_limit, auth_failure, suspicious, other } = *self;
        rate_limit.saturating_add(auth_failure).saturating_add(suspicious).saturating_add(other)
    }

    /// Adds others; each kind stops at the most that can be counted.
    pub fn add(&mut self, more: Self) {
        self.rate_limit = self.rate_limit.saturating_add(more.rate_limit);
        self.auth_failure = self.auth_failure.saturating_add(more.auth_failure);
        self.suspicious = self.suspicious.saturating_add(more.suspicious);
        self.other = self.other.saturating_add(more.other);
    }
}

// === impl Evidence ===

impl Evidence {
    /// Violations that count `weight` together, the first and the last at these times, which are kept to the millisecond.
    #[must_use]
    pub fn new(
        violations: ViolationCounts,
        weight: u32,
        first: SystemTime,
        last: SystemTime,
    ) -> Self {
        let date = |time| time::to_millis(time).unwrap_or(SystemTime::UNIX_EPOCH);
        Self { violations, weight, first: date(first), last: date(last), routes: Vec::new() }
    }

    /// Says on which routes they were: the first eight different ids count.
    #[must_use]
    pub fn on_routes<R: AsRef<str>>(mut self, ids: impl IntoIterator<Item = R>) -> Self {
        for id in ids {
            let id = id.as_ref().chars().take(LONGEST_ROUTE).collect::<String>();
            if self.routes.len() < MOST_ROUTES && !self.routes.iter().any(|own| **own == *id) {
                self.routes.push(id.into());
            }
        }
        self
    }
}

fn few_routes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Box<str>>, D::Error> {
    let routes = Vec::<Box<str>>::deserialize(from)?;
    if routes.len() > MOST_ROUTES || routes.iter().any(|id| id.chars().count() > LONGEST_ROUTE) {
        return Err(D::Error::custom(format_args!(
            "more than {MOST_ROUTES} routes, or one of more than {LONGEST_ROUTE} characters"
        )));
    }
    Ok(routes)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
