//! How many requests of one client may be under way at the same time.

use std::sync::Arc;

use http::request;
use palisade_core::{ConfigError, GateLayer, Policy, Rejection, SecurityContext, Verdict};
use smallvec::SmallVec;

use crate::{
    Key, Scope,
    in_flight::{Full, InFlight},
    quota::valid_name,
    refusal,
};

/// A gate with a [`ConcurrencyLimitPolicy`].
pub type ConcurrencyLimitLayer = GateLayer<ConcurrencyLimitPolicy>;

/// How many requests may be under way at the same time: of one client, and in all.
///
/// ```
/// use palisade_ratelimit::{ConcurrencyLimit, ConcurrencyLimitLayer, Scope};
///
/// let exports = ConcurrencyLimit::per_client(2).in_all(100).scope(Scope::routes(["/api/export"])).named("exports");
/// let layer = ConcurrencyLimitLayer::new(exports.build()?);
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ConcurrencyLimit {
    per_client: u32,
    in_all: u32,
    scope: Scope,
    name: Arc<str>,
}

/// Refuses a request while its client, the user or else the address, has as many under way as he may have: 429
/// `quota-exceeded`, with `Retry-After: 1`. While as many are under way as may be in all, it is 503
/// `temporarily-unavailable`.
///
/// Neither is a violation, so nobody is banned for it. A client sees no count of his and cannot know when a request ends: a
/// browser that opens its connections at once, and asks again when it is told to, is as polite as can be.
///
/// A request is under way until its [`SecurityContext`] is dropped, however it ends: an answer, an error, a client that went
/// away, a panic. The body that the problem layer hands out holds it to the last byte, so behind that layer an answer that
/// is still being sent counts, and a stream as long as it is open. Without that layer, it counts until there is the head of the answer.
///
/// The fields `RateLimit` do not tell of it: nobody knows when a request will end, and what is left now is not left when the
/// answer arrives.
///
/// A handle: clones share the count, and a request that passes two of them is counted once.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimitPolicy {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    name: Arc<str>,
    detail: Arc<str>,
    in_flight: InFlight,
}

/// What a request holds while it is under way.
#[derive(Debug)]
struct Permit {
    of: Arc<Inner>,
    number: u64,
}

/// Of all policies that a request passed: a context has one value of each type.
#[derive(Debug, Default)]
struct Permits(SmallVec<[Permit; 1]>);

/// To a client that has too many under way.
const TOO_MANY: &str = "Too many requests at the same time; wait until one of them has ended.";

// === impl ConcurrencyLimit ===

impl ConcurrencyLimit {
    /// The most requests in all unless told otherwise. Each takes some 30 bytes here.
    pub const DEFAULT_IN_ALL: u32 = 100_000;

    /// Lets every client have so many requests under way.
    pub fn per_client(requests: u32) -> Self {
        let (scope, name) = (Scope::Everything, "concurrent-requests".into());
        Self { per_client: requests, in_all: Self::DEFAULT_IN_ALL, scope, name }
    }

    /// Lets all clients together have so many under way. This also bounds what is remembered. Default:
    /// [`DEFAULT_IN_ALL`](Self::DEFAULT_IN_ALL).
    pub fn in_all(self, requests: u32) -> Self {
        Self { in_all: requests, ..self }
    }

    /// Counts only requests in `scope`. Default: all.
    pub fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Calls it so in `violated-policies`. Default: `concurrent-requests`.
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Builds the policy.
    ///
    /// # Errors
    ///
    /// A limit of 0, a scope of no routes, and a name that is not 1 to 64 printable ASCII characters.
    pub fn build(self) -> Result<ConcurrencyLimitPolicy, ConfigError> {
        if self.per_client == 0 || self.in_all == 0 {
            let wrong = ConfigError::new("limit of concurrent requests", "0");
            return Err(wrong.expected("at least 1, of one client and in all"));
        }
        self.scope.name()?;
        let in_flight = InFlight::new(self.per_client, self.in_all);
        let (scope, name, detail) = (self.scope, valid_name(self.name)?, TOO_MANY.into());
        Ok(ConcurrencyLimitPolicy { inner: Arc::new(Inner { scope, name, detail, in_flight }) })
    }
}

// === impl ConcurrencyLimitPolicy ===

impl ConcurrencyLimitPolicy {
    /// How many requests are under way.
    pub fn in_flight(&self) -> u32 {
        self.inner.in_flight.len()
    }

    fn admit(&self, context: &SecurityContext) -> Result<(), Rejection> {
        let Inner { scope, name, detail, in_flight } = &*self.inner;
        if !scope.covers(context.route()) {
            return Ok(());
        }
        let mut permits: Box<Permits> = context.detach().unwrap_or_default();
        let counted = permits.0.iter().any(|permit| Arc::ptr_eq(&permit.of, &self.inner));
        let result = if counted {
            Ok(())
        } else {
            let key = Key::of(context).ok_or_else(refusal::unknown_client);
            key.and_then(|key| match in_flight.start(&key) {
                Ok(number) => {
                    permits.0.push(Permit { of: Arc::clone(&self.inner), number });
                    Ok(())
                }
                Err(Full::OfOne) => Err(refusal::too_many_at_once(name, detail)),
                Err(Full::InAll) => Err(refusal::unavailable("too-many-requests-in-all")),
            })
        };
        context.attach_boxed(permits);
        result
    }
}

// === impl Policy ===

impl Policy for ConcurrencyLimitPolicy {
    fn name(&self) -> &'static str {
        "concurrency-limit"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        self.admit(context).into()
    }
}

// === impl Permit ===

impl Drop for Permit {
    fn drop(&mut self) {
        self.of.in_flight.end(self.number);
    }
}
