//! An issuer that is asked about each token.

use std::{fmt, sync::atomic::AtomicBool, time::Duration};

use http::HeaderValue;
use palisade_core::ConfigError;

use super::{
    USUAL_TIME_LIMIT, check_time_limit,
    endpoint::{self, Schemes},
    fetcher::Fetcher,
    flights::Flights,
    user_check::UserCheck,
};

/// The most questions at a time that may be allowed.
const MOST_AT_ONCE: usize = 1_000;

/// An issuer that is asked about each token, as Supabase's `auth.getUser()` asks: a GET with the token and an `apikey`,
/// answered with the user whose `id` is the token's `sub`. Given to [`Issuer::remote_user`](crate::Issuer::remote_user).
///
/// Answers are remembered as other verdicts are: 30 s at most. So many questions are asked at a time, one for each token;
/// a token beyond, and one that nobody answers about, is 503 `auth-unavailable`. What is wrong by its own words, such as an
/// expired token, is refused without a question.
///
/// 401 and 403 refuse the token, unless they are JSON with a `message` and without `code`, `error_code` and `msg`: so the
/// gateway in front of Supabase refuses the `apikey`, which says nothing of the token.
#[derive(Clone)]
#[must_use = "give it to an issuer"]
pub struct RemoteUser {
    url: Box<str>,
    api_key: Box<str>,
    pub(super) schemes: Schemes,
    time_limit: Duration,
    at_once: usize,
}

// === impl RemoteUser ===

impl RemoteUser {
    /// Asks at `url`, such as `https://project.supabase.co/auth/v1/user`.
    pub fn new(url: impl Into<Box<str>>, api_key: impl Into<Box<str>>) -> Self {
        Self {
            url: url.into(),
            api_key: api_key.into(),
            schemes: Schemes::Https,
            time_limit: USUAL_TIME_LIMIT,
            at_once: 32,
        }
    }

    /// Gives one question this much time: at most 10 s. Default: 5 s.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Asks about this many tokens at a time: 1 to 1000. Default: 32.
    pub fn concurrency(mut self, tokens: usize) -> Self {
        self.at_once = tokens;
        self
    }

    /// Accepts an address without TLS. Whoever is on the way then reads every token: for tests and loopback.
    pub fn dangerous_allow_http(mut self) -> Self {
        self.schemes = Schemes::HttpsAndHttp;
        self
    }

    pub(crate) fn open(self) -> Result<UserCheck, ConfigError> {
        check_time_limit(self.time_limit)?;
        if !(1..=MOST_AT_ONCE).contains(&self.at_once) {
            let given = self.at_once.to_string();
            return Err(
                ConfigError::new("number of questions at a time", given).expected("1 to 1000")
            );
        }
        let api_key = HeaderValue::from_str(&self.api_key).ok().filter(|key| !key.is_empty());
        let mut api_key = api_key.ok_or_else(|| {
            ConfigError::new("API key of the issuer", "this key").expected("printable ASCII")
        })?;
        api_key.set_sensitive(true);
        Ok(UserCheck {
            url: endpoint::parse(&self.url, self.schemes)?,
            api_key,
            fetcher: Fetcher::new(self.schemes, self.time_limit)?,
            flights: Flights::new(self.at_once),
            is_down: AtomicBool::new(false),
        })
    }
}

impl fmt::Debug for RemoteUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteUser").field("url", &self.url).finish_non_exhaustive()
    }
}
