//! Where the keys of an issuer are, and how to fetch them.

use std::{ops::RangeInclusive, time::Duration};

use palisade_core::ConfigError;

use super::{
    USUAL_TIME_LIMIT, check_time_limit,
    discovery::{Discovery, Place},
    endpoint::{self, Schemes},
    fetched_keys::FetchedKeys,
    fetcher::Fetcher,
};
use crate::{Keys, backend};

/// How far fetches stand apart at least.
const COOLDOWNS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(300);

/// Where the keys of an issuer are, and how to fetch them: given to [`Issuer::remote_keys`](crate::Issuer::remote_keys).
///
/// Fetches stand at least a cooldown apart, whoever wants them; 5 s before the first good one. A set is fetched again when
/// `Cache-Control` says that it is old: after 5 minutes at the soonest, a day at the latest, 10 minutes if it does not say;
/// and up to a tenth of that sooner, so that many servers do not fetch at one time.
/// Answers of more than 256 KiB or 64 keys, redirects, and sets without a usable key replace nothing.
#[derive(Clone, Debug)]
#[must_use = "give it to an issuer"]
pub struct RemoteKeys {
    /// Where the issuer says, if it is not here.
    url: Option<Box<str>>,
    pub(super) schemes: Schemes,
    cooldown: Duration,
    time_limit: Duration,
}

// === impl RemoteKeys ===

impl RemoteKeys {
    /// Keys at `url`, a JSON Web Key Set.
    pub fn jwks_url(url: impl Into<Box<str>>) -> Self {
        Self { url: Some(url.into()), ..Self::discovered() }
    }

    /// Keys where the issuer's own document says they are, below the issuer's name, which is a URL (`OpenID` Connect
    /// Discovery). The document is read once a day, and must be about that issuer.
    pub fn discovered() -> Self {
        Self {
            url: None,
            schemes: Schemes::Https,
            cooldown: Duration::from_secs(30),
            time_limit: USUAL_TIME_LIMIT,
        }
    }

    /// Lets this much time pass between two fetches: 1 s to 5 minutes. Default: 30 s.
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Gives a fetch this much time, and so a request that waits for it: at most 10 s. Default: 5 s.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Accepts addresses without TLS. Whoever is on the way can then make tokens for anyone: for tests and loopback.
    pub fn dangerous_allow_http(mut self) -> Self {
        self.schemes = Schemes::HttpsAndHttp;
        self
    }

    pub(crate) fn open(
        self,
        issuer: Option<&str>,
        local: &Keys,
    ) -> Result<FetchedKeys, ConfigError> {
        // Without one, no key that comes could be read.
        backend::provider()?;
        check_time_limit(self.time_limit)?;
        if !COOLDOWNS.contains(&self.cooldown) {
            let given = format!("{:?}", self.cooldown);
            return Err(
                ConfigError::new("time between fetches", given).expected("1 s to 5 minutes")
            );
        }
        let place = match (&self.url, issuer) {
            (Some(url), _) => Place::Known(endpoint::parse(url, self.schemes)?),
            (None, Some(issuer)) => Place::Discovered(Discovery::new(issuer, self.schemes)?),
            (None, None) => {
                return Err(ConfigError::new("issuer to discover keys of", "any name")
                    .expected("what its tokens say in `iss`"));
            }
        };
        let fetcher = Fetcher::new(self.schemes, self.time_limit)?;
        Ok(FetchedKeys::new(issuer, local.clone(), place, fetcher, self.cooldown))
    }
}
