//! Makes a verifier.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use palisade_core::ConfigError;

use super::{Inner, Verifier};
use crate::{
    Issuer,
    cache::VerdictCache,
    failures::{Budget, Failures},
    times::Leeway,
};

/// The longest time a verdict may be remembered.
const LONGEST_LIFE: Duration = Duration::from_secs(30);
/// The longest leeway: beyond, a clock is wrong and not late.
const LONGEST_LEEWAY: Duration = Duration::from_secs(300);

/// Makes a [`Verifier`].
#[derive(Debug)]
#[must_use = "call `build`"]
pub struct VerifierBuilder {
    issuers: Vec<Issuer>,
    leeway: Leeway,
    longest_token: usize,
    cache_capacity: u64,
    cache_life: Duration,
    budget: Option<Budget>,
}

// === impl VerifierBuilder ===

impl VerifierBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            leeway: Leeway { start: Duration::from_secs(10), end: Duration::ZERO },
            longest_token: 8 * 1024,
            cache_capacity: 10_000,
            cache_life: LONGEST_LIFE,
            budget: Some(Budget { at_once: 100, per_second: 10 }),
        }
    }

    /// Trusts this issuer, beside others.
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Lets clocks differ by this much, at both ends: 5 minutes at most. Default: 10 s at the start of a token's life
    /// and none at its end.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Leeway { start: leeway, end: leeway };
        self
    }

    /// Refuses tokens of more bytes. Default: 8 KiB; 256 bytes to 64 KiB are allowed.
    pub fn longest_token(mut self, bytes: usize) -> Self {
        self.longest_token = bytes;
        self
    }

    /// Remembers this many good tokens, and a tenth of the default, at most, of bad ones. Those that are used most are kept
    /// once more by each of up to 64 threads, within the same number. 0 remembers none. Default: 10 000.
    pub fn cache_capacity(mut self, tokens: u64) -> Self {
        self.cache_capacity = tokens;
        self
    }

    /// Remembers a verdict for this long. Default, and at most: 30 s.
    pub fn cache_life(mut self, life: Duration) -> Self {
        self.cache_life = life;
        self
    }

    /// Lets one client, an address or an IPv6 network, bring this many tokens whose signature is wrong at once, and this many
    /// more each second: 1 to 1 000 000 and 1 to 1000. Beyond, what is not remembered is refused before anything is computed.
    /// Default: 100 at once, 10 a second.
    pub fn failure_budget(mut self, at_once: u32, per_second: u32) -> Self {
        self.budget = Some(Budget { at_once, per_second });
        self
    }

    /// Computes every signature for everybody. Right where something in front limits how often a client may fail.
    pub fn without_failure_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Makes the verifier.
    ///
    /// # Errors
    ///
    /// If there is no issuer, an issuer has no audience or no key, two have one name, one of several has any name, or a
    /// limit is out of its range.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        self.check_limits()?;
        let Self { issuers, leeway, longest_token, cache_capacity, cache_life, budget } = self;
        let issuers =
            issuers.into_iter().map(Issuer::into_trusted).collect::<Result<Vec<_>, _>>()?;
        if issuers.is_empty() {
            return Err(ConfigError::new("number of issuers", "0").expected("at least one"));
        }
        for (index, issuer) in issuers.iter().enumerate() {
            let name = issuer.name().unwrap_or("any name");
            let mistake =
                |expected| Err(ConfigError::new("issuer beside others", name).expected(expected));
            if issuer.name().is_none() && issuers.len() > 1 {
                return mistake("a name for each of several issuers");
            }
            if issuers.iter().take(index).any(|other| other.name() == issuer.name()) {
                return mistake("different names");
            }
        }
        let inner = Inner {
            issuers,
            leeway,
            longest_token,
            epoch: AtomicU64::new(0),
            cache: VerdictCache::new(cache_capacity, cache_life),
            failures: Failures::new(budget),
            computed: AtomicU64::new(0),
        };
        Ok(Verifier { inner: Arc::new(inner) })
    }

    fn check_limits(&self) -> Result<(), ConfigError> {
        let mistake =
            |what, value: String, expected| Err(ConfigError::new(what, value).expected(expected));
        let leeway = self.leeway.start.max(self.leeway.end);
        if leeway > LONGEST_LEEWAY {
            return mistake("leeway", format!("{leeway:?}"), "at most 5 minutes");
        }
        if !(256..=64 * 1024).contains(&self.longest_token) {
            let bytes = self.longest_token.to_string();
            return mistake("length of the longest token", bytes, "256 to 65536 bytes");
        }
        if self.cache_life > LONGEST_LIFE {
            return mistake("life of a verdict", format!("{:?}", self.cache_life), "at most 30 s");
        }
        if self.cache_capacity > 1_000_000 {
            let tokens = self.cache_capacity.to_string();
            return mistake("number of verdicts to remember", tokens, "at most 1000000");
        }
        if let Some(Budget { at_once, per_second }) = self.budget
            && !((1..=1_000_000).contains(&at_once) && (1..=1_000).contains(&per_second))
        {
            let given = format!("{at_once} at once, {per_second} a second");
            let expected = "1 to 1000000 at once and 1 to 1000 a second";
            return mistake("budget of failures", given, expected);
        }
        Ok(())
    }
}
