//! Decides whether a token is good, and who it is from.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade_core::{ConfigError, Identity, Moment};
use serde_json::{Map, Value};

use crate::{
    Claims, Issuer, Keys, TokenError,
    cache::VerdictCache,
    compact::Compact,
    issuer::Trusted,
    json,
    times::{Leeway, Times},
};

/// The longest time a verdict may be remembered.
const LONGEST_LIFE: Duration = Duration::from_secs(30);
/// The longest leeway: beyond, a clock is wrong and not late.
const LONGEST_LEEWAY: Duration = Duration::from_secs(300);

/// Decides whether a token is good, and who it is from. Cheap to clone; clones share keys, epoch and memory.
#[derive(Clone, Debug)]
pub struct Verifier {
    inner: Arc<Inner>,
}

/// Makes a [`Verifier`].
#[derive(Debug)]
#[must_use = "call `build`"]
pub struct VerifierBuilder {
    issuers: Vec<Issuer>,
    leeway: Leeway,
    longest_token: usize,
    cache_capacity: u64,
    cache_life: Duration,
}

/// A good token: who it is from, and what it says.
#[derive(Clone, Debug)]
pub struct Verified {
    identity: Identity,
    claims: Claims,
    times: Times,
}

#[derive(Debug)]
struct Inner {
    issuers: Vec<Trusted>,
    leeway: Leeway,
    longest_token: usize,
    epoch: AtomicU64,
    cache: VerdictCache,
}

// === impl Verifier ===

impl Verifier {
    /// Trusts one issuer, with the defaults of [`builder`](Self::builder).
    ///
    /// # Errors
    ///
    /// Those of [`VerifierBuilder::build`].
    pub fn new(issuer: Issuer) -> Result<Self, ConfigError> {
        Self::builder().issuer(issuer).build()
    }

    /// Starts from no issuer, tokens of at most 8 KiB, a leeway of 10 s for `nbf` and `iat` and none for `exp`, and
    /// 10 000 verdicts remembered for at most 30 s.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder {
            issuers: Vec::new(),
            leeway: Leeway { start: Duration::from_secs(10), end: Duration::ZERO },
            longest_token: 8 * 1024,
            cache_capacity: 10_000,
            cache_life: LONGEST_LIFE,
        }
    }

    /// Decides about `token` at `now`, from nothing but the token, the issuers and the time.
    ///
    /// # Errors
    ///
    /// The first check that fails, in the order of the [crate's rules](crate#rules).
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<Verified, TokenError> {
        let token = Compact::parse(token, self.inner.longest_token)?;
        let issuer = self.issuer_of(&token)?;
        issuer.check_type(token.typ.as_deref())?;
        let keys = issuer.keys();
        let key = keys.find(token.kid.as_deref()).ok_or(TokenError::UnknownKey)?;
        key.check(&token)?;
        let (text, members) = read_claims(&token)?;
        let times = Times::read(&members)?;
        times.check(now, self.inner.leeway)?;
        let identity = issuer.identify(&members)?.expires(times.expires());
        Ok(Verified { identity, claims: Claims::new(text, members), times })
    }

    /// Decides about `token` as [`verify`](Self::verify) does, and remembers good tokens for at most 30 s, never beyond
    /// their `exp`; times are checked on every call. Bad signatures are remembered too, within a bound of their own.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify).
    pub fn authenticate(&self, token: &str, now: Moment) -> Result<Verified, TokenError> {
        if token.len() > self.inner.longest_token {
            return Err(TokenError::TooLong);
        }
        let cache = &self.inner.cache;
        // Read before the keys are: a verdict by keys that were replaced meanwhile belongs to the epoch that is over.
        let epoch = self.inner.epoch.load(Ordering::SeqCst);
        if let Some(verdict) = cache.find(token, epoch, now) {
            let verified = verdict?;
            verified.times.check(now.wall(), self.inner.leeway)?;
            return Ok(verified);
        }
        match self.verify(token, now.wall()) {
            Ok(verified) => {
                cache.keep(token, epoch, now, verified.clone());
                Ok(verified)
            }
            Err(error) => {
                cache.refuse(token, epoch, now, error);
                Err(error)
            }
        }
    }

    /// Forgets what was remembered: the next use of every token is verified in full, by the keys and grants of then. It
    /// takes no token back: one that is signed and not expired is good again.
    pub fn bump_epoch(&self) {
        self.inner.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Replaces the keys of the issuer called `name`, or of the one that has [any name](Issuer::any_name), and
    /// forgets what was remembered. A token signed by a key that is gone is refused from now on.
    ///
    /// # Errors
    ///
    /// If there is no such issuer, or no key; the old keys then stay.
    pub fn replace_keys(&self, name: Option<&str>, keys: Keys) -> Result<(), ConfigError> {
        let mistake =
            |what, expected| ConfigError::new(what, name.unwrap_or("any name")).expected(expected);
        if keys.is_empty() {
            return Err(mistake("issuer", "at least one key"));
        }
        let issuer = self.inner.issuers.iter().find(|issuer| issuer.name() == name);
        let expected = "one that the verifier was built with";
        issuer.ok_or_else(|| mistake("name of an issuer", expected))?.replace_keys(keys);
        self.bump_epoch();
        Ok(())
    }

    /// How many good tokens are remembered.
    pub fn remembered(&self) -> u64 {
        self.inner.cache.len().0
    }

    /// How many bad tokens are remembered.
    pub fn remembered_refusals(&self) -> u64 {
        self.inner.cache.len().1
    }

    /// Whose token this claims to be. Of several issuers the unverified `iss` chooses one, whose keys must then prove
    /// it; with one issuer nothing of the content is read before the signature.
    fn issuer_of(&self, token: &Compact<'_>) -> Result<&Trusted, TokenError> {
        if let [only] = self.inner.issuers.as_slice() {
            return Ok(only);
        }
        let (_, members) = read_claims(token)?;
        let claimed = members.get("iss").and_then(Value::as_str).ok_or(TokenError::Issuer)?;
        let mut issuers = self.inner.issuers.iter();
        issuers.find(|issuer| issuer.name() == Some(claimed)).ok_or(TokenError::Issuer)
    }
}

fn read_claims(token: &Compact<'_>) -> Result<(Box<str>, Map<String, Value>), TokenError> {
    let text = String::from_utf8(token.payload()?).map_err(|_| TokenError::Malformed)?;
    let members = json::object(text.as_bytes()).ok_or(TokenError::Malformed)?;
    Ok((text.into(), members))
}

// === impl VerifierBuilder ===

impl VerifierBuilder {
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

    /// Makes the verifier.
    ///
    /// # Errors
    ///
    /// If there is no issuer, an issuer has no audience or no key, two have one name, one of several has any name, or a
    /// limit is out of its range.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        self.check_limits()?;
        let Self { issuers, leeway, longest_token, cache_capacity, cache_life } = self;
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
        let (epoch, cache) = (AtomicU64::new(0), VerdictCache::new(cache_capacity, cache_life));
        let inner = Inner { issuers, leeway, longest_token, epoch, cache };
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
        Ok(())
    }
}

// === impl Verified ===

impl Verified {
    /// Who it is from.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn expires(&self) -> SystemTime {
        self.times.expires()
    }

    /// The same, without a count of references in common: for another thread.
    pub(crate) fn twin(&self) -> Self {
        let Self { identity, claims, times } = self;
        Self { identity: identity.twin(), claims: claims.twin(), times: *times }
    }
}
