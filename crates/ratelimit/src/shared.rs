//! Quotas that instances share: what a store outside of this process has to do, and what happens while it cannot.

use std::{error::Error, fmt, num::NonZeroU32};

use palisade_core::{BoxFuture, Moment};

use crate::{Key, Quota, Standing};

/// Counts requests where every instance sees them; `palisade-redis` has one. A policy that was
/// given one asks it in place of its own tables.
pub trait SharedStore: fmt::Debug + Send + Sync + 'static {
    /// Counts one request against every charge, or against none if one of them refuses. Tells how the client stands with
    /// each, in the order of the charges: after the request was counted, or, where it was not, as it stands without it.
    ///
    /// Must not block. Where it knows the answer, as with tokens that were leased, it says [`Charged::Now`]; the future of
    /// [`Charged::Later`] must end by itself, within a deadline of the store's own.
    fn charge(&self, charges: &[Charge<'_>], arrived: Moment) -> Charged;
}

/// What one request takes from one quota.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Charge<'a> {
    /// The name of the limiter, the same on every instance.
    pub name: &'a str,
    /// Whose quota it is.
    pub key: Key<'a>,
    /// The quota.
    pub quota: &'a Quota,
    /// How many requests it counts as; at most the burst of the quota.
    pub cost: NonZeroU32,
}

/// What a store says of a request.
#[expect(clippy::exhaustive_enums, reason = "a policy must handle every answer")]
pub enum Charged {
    /// It knows, without asking: which does not tell that it could be asked, so this ends no outage.
    Now(Result<Vec<Standing>, Outage>),
    /// It has to ask. An answer shows that it is in order.
    Later(BoxFuture<Result<Vec<Standing>, Outage>>),
}

/// The store does not answer, or not in time, or what it answers makes no sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Outage {
    reason: &'static str,
}

/// What a limiter does while the store does not answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fallback {
    /// Counts in this process's own tables, at a share of the quota: `instances` of them then admit it together. The
    /// default, with one instance.
    #[non_exhaustive]
    Local {
        /// How many instances share the quota.
        instances: NonZeroU32,
    },
    /// Lets every request pass.
    Open,
    /// Refuses every request, with 503 `temporarily-unavailable`.
    Closed,
}

// === impl Charge ===

impl<'a> Charge<'a> {
    /// What one request of `key` takes from the `quota` called `name`.
    #[must_use]
    pub fn new(name: &'a str, key: Key<'a>, quota: &'a Quota, cost: NonZeroU32) -> Self {
        Self { name, key, quota, cost }
    }
}

// === impl Charged ===

impl fmt::Debug for Charged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(standings) => f.debug_tuple("Now").field(standings).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

// === impl Outage ===

impl Outage {
    /// Says why, for the log: in kebab-case, such as `deadline`.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the shared store does not answer: {}", self.reason)
    }
}

impl Error for Outage {}

// === impl Fallback ===

impl Fallback {
    /// Counts here, at the share that one of `instances` has; 0 is taken for 1.
    #[must_use]
    pub fn local(instances: u32) -> Self {
        Self::Local { instances: NonZeroU32::new(instances).unwrap_or(NonZeroU32::MIN) }
    }
}

impl Default for Fallback {
    fn default() -> Self {
        Self::local(1)
    }
}
