//! When a token is valid: our own reading of `exp`, `nbf` and `iat`, against the time we are given.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{
    TokenError,
    json::{Json, Object},
};

/// The times a token names (RFC 7519 section 4.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    expires: SystemTime,
    not_before: Option<SystemTime>,
    issued: Option<SystemTime>,
}

/// How far clocks may differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leeway {
    /// Granted to `nbf` and `iat`: an issuer's clock may run ahead of ours.
    pub(crate) start: Duration,
    /// Granted to `exp`.
    pub(crate) end: Duration,
}

// === impl Times ===

impl Times {
    /// Reads the times; `exp` must be there.
    pub(crate) fn read(claims: &Object<'_>) -> Result<Self, TokenError> {
        let time = |name| claims.get(name).map(moment).transpose();
        Ok(Self {
            expires: time("exp")?.ok_or(TokenError::Malformed)?,
            not_before: time("nbf")?,
            issued: time("iat")?,
        })
    }

    /// Checks the times at `now`. Asked for every use of a token, also of one that is remembered.
    pub(crate) fn check(&self, now: SystemTime, leeway: Leeway) -> Result<(), TokenError> {
        let later = |time: SystemTime, by| time.checked_add(by).unwrap_or(time);
        if now >= later(self.expires, leeway.end) {
            return Err(TokenError::Expired);
        }
        let latest = later(now, leeway.start);
        let starts = [self.not_before, self.issued];
        if starts.into_iter().flatten().any(|start| start > latest) {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }

    pub(crate) fn expires(&self) -> SystemTime {
        self.expires
    }

    pub(crate) fn issued(&self) -> Option<SystemTime> {
        self.issued
    }
}

/// Reads a `NumericDate`: seconds since 1970, perhaps with a fraction. A date before 1970 or beyond what the system can
/// name is none.
fn moment(value: &Json<'_>) -> Result<SystemTime, TokenError> {
    let Json::Number(number) = value else { return Err(TokenError::Malformed) };
    let since = match (number.as_u64(), number.as_f64()) {
        (Some(seconds), _) => Some(Duration::from_secs(seconds)),
        (None, Some(seconds)) => Duration::try_from_secs_f64(seconds).ok(),
        _ => None,
    };
    since.and_then(|since| UNIX_EPOCH.checked_add(since)).ok_or(TokenError::Malformed)
}
