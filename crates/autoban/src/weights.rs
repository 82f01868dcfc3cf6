//! What a violation of each kind counts.

use palisade_core::ViolationKind;
use serde::Serialize;

/// What one violation of each kind counts: one each, if nothing else is configured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Weights {
    /// A quota used up.
    pub rate_limit: u32,
    /// A credential presented that is not valid.
    pub auth_failure: u32,
    /// A request no honest client sends.
    pub suspicious: u32,
    /// A kind this version does not know.
    pub other: u32,
}

// === impl Weights ===

impl Weights {
    /// What a violation of `kind` counts; nothing is counted for zero.
    #[must_use]
    pub const fn of(&self, kind: ViolationKind) -> u32 {
        match kind {
            ViolationKind::RateLimit => self.rate_limit,
            ViolationKind::AuthFailure => self.auth_failure,
            ViolationKind::Suspicious => self.suspicious,
            _ => self.other,
        }
    }

    pub(crate) fn set(&mut self, kind: ViolationKind, weight: u32) {
        let own = match kind {
            ViolationKind::RateLimit => &mut self.rate_limit,
            ViolationKind::AuthFailure => &mut self.auth_failure,
            ViolationKind::Suspicious => &mut self.suspicious,
            _ => &mut self.other,
        };
        *own = weight;
    }

    pub(crate) fn is_nothing(&self) -> bool {
        let Self { rate_limit, auth_failure, suspicious, other: _ } = *self;
        rate_limit == 0 && auth_failure == 0 && suspicious == 0
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self { rate_limit: 1, auth_failure: 1, suspicious: 1, other: 1 }
    }
}
