//! Decides whether a token is good, and who it is from.

mod builder;
#[cfg(feature = "remote")]
mod elsewhere;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use palisade_core::{ConfigError, Identity, IpKey, Moment};

pub use self::builder::VerifierBuilder;
#[cfg(feature = "remote")]
pub(crate) use self::elsewhere::Asked;
use crate::{
    Claims, Issuer, Keys, TokenError,
    cache::VerdictCache,
    compact::Compact,
    failures::Failures,
    issuer::Trusted,
    json::Json,
    said::Said,
    sought::Sought,
    times::{Leeway, Times},
};

/// Decides whether a token is good, and who it is from. Cheap to clone; clones share keys, epoch and memory.
#[derive(Clone, Debug)]
pub struct Verifier {
    inner: Arc<Inner>,
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
    failures: Failures,
    /// How many signatures were computed.
    computed: AtomicU64,
}

/// A token that is good but for its signature and for whom it names.
struct Examined<'a> {
    issuer: &'a Trusted,
    token: &'a Compact<'a>,
    said: Said<'a>,
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

    /// Starts from no issuer, tokens of at most 8 KiB, a leeway of 10 s for `nbf` and `iat` and none for `exp`,
    /// 10 000 verdicts remembered for at most 30 s, and a budget of 100 failures of a client at once and 10 a second.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::new()
    }

    /// Decides about `token` at `now`, from nothing but the token, the issuers and the time.
    ///
    /// # Errors
    ///
    /// The first check that fails, in the order of the [crate's rules](crate#rules).
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<Verified, TokenError> {
        let token = Compact::parse(token, self.inner.longest_token)?;
        self.examine(&token, now).and_then(|examined| self.conclude(examined))
    }

    /// Decides about `token` as [`verify`](Self::verify) does, and remembers good tokens for at most 30 s, never beyond
    /// their `exp`; times are checked on every call. Tokens that turned out bad when their signature was computed, and expired
    /// ones, are remembered too, within a bound of their own.
    ///
    /// Of calls with one token at one time, one computes the signature; the others block until it has.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify).
    pub fn authenticate(&self, token: &str, now: Moment) -> Result<Verified, TokenError> {
        self.judge(token, now, None)
    }

    /// Decides about `token` as [`authenticate`](Self::authenticate) does, for a client whose failures count: who brought
    /// [too many](VerifierBuilder::failure_budget) tokens with a wrong signature is refused what is not remembered, before
    /// anything is computed. Policies do this wherever the client's address is known.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify), and [`TokenError::TooManyFailures`].
    pub fn authenticate_from(
        &self,
        client: IpKey,
        token: &str,
        now: Moment,
    ) -> Result<Verified, TokenError> {
        self.judge(token, now, Some(client))
    }

    pub(crate) fn judge(
        &self,
        token: &str,
        now: Moment,
        client: Option<IpKey>,
    ) -> Result<Verified, TokenError> {
        if token.len() > self.inner.longest_token {
            return Err(TokenError::TooLong);
        }
        // Read before the keys are: a verdict by keys that were replaced meanwhile belongs to the epoch that is over.
        let epoch = self.inner.epoch.load(Ordering::SeqCst);
        let sought = self.inner.cache.sought(token);
        let recalled = self.recall(sought, epoch, now);
        self.inner.cache.count(recalled.as_ref());
        if let Some(verdict) = recalled {
            return verdict;
        }
        if client.is_some_and(|client| self.inner.failures.are_too_many(client, now)) {
            return Err(TokenError::TooManyFailures);
        }
        let token = Compact::parse(token, self.inner.longest_token)?;
        let examined = match self.examine(&token, now.wall()) {
            Ok(examined) => examined,
            // The whole content was read to find out. What is found before is cheaper to find again than to remember.
            Err(error @ TokenError::Expired) => {
                return self.remember(sought, epoch, now, Err(error));
            }
            Err(error) => return Err(error),
        };
        // Held until the verdict is remembered.
        let _turn = self.inner.cache.turn(sought);
        // Whoever had the turn before may have found out.
        if let Some(verdict) = self.recall(sought, epoch, now) {
            return verdict;
        }
        let verdict = self.conclude(examined);
        if matches!(verdict, Err(TokenError::Signature)) {
            self.count_failure(client, now);
        }
        self.remember(sought, epoch, now, verdict)
    }

    /// Forgets what was remembered: the next use of every token is verified in full, by the keys and grants of then. It
    /// takes no token back: one that is signed and not expired is good again.
    pub fn bump_epoch(&self) {
        self.inner.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Replaces the keys at hand of the issuer called `name`, or of the one that has [any name](Issuer::any_name), and
    /// forgets what was remembered. A token signed by a key that is gone is refused from now on.
    ///
    /// Keys that were fetched stay beside the new ones, and those that come do. Where keys are fetched, or the issuer is asked
    /// about each token, there may be none at hand: [`Keys::default`].
    ///
    /// # Errors
    ///
    /// If there is no such issuer, or no key where one must be at hand; the old keys then stay.
    pub fn replace_keys(&self, name: Option<&str>, keys: Keys) -> Result<(), ConfigError> {
        let mistake =
            |what, expected| ConfigError::new(what, name.unwrap_or("any name")).expected(expected);
        let expected = "one that the verifier was built with";
        let issuer =
            self.issuer_named(name).ok_or_else(|| mistake("name of an issuer", expected))?;
        if keys.is_empty() && !issuer.may_be_empty() {
            return Err(mistake("issuer", "at least one key"));
        }
        issuer.replace_keys(keys);
        self.bump_epoch();
        Ok(())
    }

    /// How many good tokens are remembered.
    pub fn remembered(&self) -> usize {
        self.inner.cache.len().0
    }

    /// How many bad tokens are remembered.
    pub fn remembered_refusals(&self) -> usize {
        self.inner.cache.len().1
    }

    /// How many signatures were computed: what a flood of tokens costs.
    pub fn computed_signatures(&self) -> u64 {
        self.inner.computed.load(Ordering::Relaxed)
    }

    /// How many tokens were brought, and for how many of them the verdict was remembered.
    pub fn recalled(&self) -> (u64, u64) {
        self.inner.cache.counted()
    }

    /// The verdict on `token`, if it is remembered and still in time.
    fn recall(
        &self,
        token: Sought<'_>,
        epoch: u64,
        now: Moment,
    ) -> Option<Result<Verified, TokenError>> {
        let verdict = self.inner.cache.find(token, epoch, now)?;
        Some(verdict.and_then(|verified| {
            verified.times.check(now.wall(), self.inner.leeway)?;
            Ok(verified)
        }))
    }

    /// Remembers a verdict that was found in `epoch`, if it may be, and gives it back.
    fn remember(
        &self,
        token: Sought<'_>,
        epoch: u64,
        now: Moment,
        verdict: Result<Verified, TokenError>,
    ) -> Result<Verified, TokenError> {
        match &verdict {
            Ok(verified) => self.inner.cache.keep(token, epoch, now, verified.clone()),
            Err(error) => self.inner.cache.refuse(token, epoch, now, *error),
        }
        verdict
    }

    fn count_failure(&self, client: Option<IpKey>, now: Moment) {
        if let Some(client) = client {
            self.inner.failures.count(client, now);
        }
    }

    /// Makes every check that needs no cryptography: whatever is refused here cost next to nothing.
    fn examine<'a>(
        &'a self,
        token: &'a Compact<'a>,
        now: SystemTime,
    ) -> Result<Examined<'a>, TokenError> {
        let issuer = self.issuer_of(token)?;
        issuer.check_type(token.typ.as_deref())?;
        issuer.check_key(token)?;
        let said = Said::read(token, now, self.inner.leeway)?;
        Ok(Examined { issuer, token, said })
    }

    /// Makes the others.
    fn conclude(&self, examined: Examined<'_>) -> Result<Verified, TokenError> {
        let Examined { issuer, token, said } = examined;
        self.inner.computed.fetch_add(1, Ordering::Relaxed);
        issuer.check_signature(token)?;
        said.believed(issuer)
    }

    fn issuer_named(&self, name: Option<&str>) -> Option<&Trusted> {
        self.inner.issuers.iter().find(|issuer| issuer.name() == name)
    }

    /// Whose token this claims to be. Of several issuers the unverified `iss` chooses one, whose keys must then prove it.
    fn issuer_of(&self, token: &Compact<'_>) -> Result<&Trusted, TokenError> {
        if let [only] = self.inner.issuers.as_slice() {
            return Ok(only);
        }
        let claims = token.claims()?;
        let claimed = claims.get("iss").and_then(Json::as_str).ok_or(TokenError::Issuer)?;
        self.issuer_named(Some(claimed)).ok_or(TokenError::Issuer)
    }
}

// === impl Verified ===

impl Verified {
    pub(crate) fn new(identity: Identity, claims: Claims, times: Times) -> Self {
        Self { identity, claims, times }
    }

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
