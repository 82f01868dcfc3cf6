//! How many requests in how much time.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use palisade_core::ConfigError;

use crate::gcra::Pace;

/// The longest window.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// The longest time for a burst to come back.
const LONGEST_BURST: Duration = Duration::from_secs(732 * 24 * 60 * 60);

/// How many requests a client may send in how much time.
///
/// A quota of `limit` in `window` gives one request back every `window / limit`, and holds up to `limit` of them, or
/// what [`allow_burst`](Self::allow_burst) says (the generic cell rate algorithm). So within *any* time `t` a client gets
/// at most `burst + limit × t / window` requests, and in steady state `limit` in a window. There is no edge of a window at
/// which twice the quota would pass at once.
///
/// A limit of 0 refuses everything but what is free, see [`Limit::cost`](crate::Limit::cost).
///
/// # Precision
///
/// Times are kept in ticks: the smallest power of two of nanoseconds of which all of the burst comes back within 2^34. That
/// is 1 ns for what comes back within 17 s, 4 ns for a minute, 256 ns for an hour, 8 µs for a day. The time for one request is
/// rounded up to ticks, so a rate is never higher than was asked for. Where a tick is more than 1 ns, it is lower by less than
/// `burst` parts of 8 billion: a millionth for a burst of 8 000. Where it is 1 ns, it is lower by less than 1 ns for each
/// request: a millionth at a thousand a second, a thousandth at a million.
///
/// ```
/// use std::time::Duration;
/// use palisade_ratelimit::Quota;
///
/// assert_eq!(Quota::default(), Quota::new(1, Duration::from_millis(50))?);
/// let search = Quota::per_minute(30)?.allow_burst(5)?.named("search")?;
/// assert!(Quota::new(10, Duration::ZERO).is_err());
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quota {
    limit: u32,
    window: Duration,
    burst: u32,
    pace: Option<Pace>,
    name: Option<Arc<str>>,
}

// === impl Quota ===

impl Quota {
    /// Allows `limit` requests in `window`: the documented `createCustomRateLimiter(limit, windowMs)`, made a limiter of by
    /// [`RateLimitBuilder::custom`](crate::RateLimitBuilder::custom).
    ///
    /// # Errors
    ///
    /// A window of nothing or of over 366 days, and a rate of more than one request in a nanosecond.
    #[doc(alias = "createCustomRateLimiter")]
    #[doc(alias = "custom_rate_limiter")]
    pub fn new(limit: u32, window: Duration) -> Result<Self, ConfigError> {
        if window.is_zero() || window > LONGEST {
            let wrong = ConfigError::new("window of a rate limit", format!("{window:?}"));
            return Err(wrong.expected("more than nothing and at most 366 days"));
        }
        let quota = Self { limit, window, burst: limit, pace: None, name: None };
        quota.paced()
    }

    /// Allows `limit` requests in a second.
    ///
    /// # Errors
    ///
    /// A rate of more than one request in a nanosecond.
    pub fn per_second(limit: u32) -> Result<Self, ConfigError> {
        Self::new(limit, Duration::from_secs(1))
    }

    /// Allows `limit` requests in a minute.
    ///
    /// # Errors
    ///
    /// None at present; the same type as its siblings.
    pub fn per_minute(limit: u32) -> Result<Self, ConfigError> {
        Self::new(limit, Duration::from_secs(60))
    }

    /// Allows `limit` requests in an hour.
    ///
    /// # Errors
    ///
    /// None at present; the same type as its siblings.
    pub fn per_hour(limit: u32) -> Result<Self, ConfigError> {
        Self::new(limit, Duration::from_secs(60 * 60))
    }

    /// Allows `burst` requests at once, whatever the limit; they come back at the same rate.
    ///
    /// # Errors
    ///
    /// A burst of 0 under a limit that is not, and one that takes over 732 days to come back.
    pub fn allow_burst(self, burst: u32) -> Result<Self, ConfigError> {
        if burst == 0 && self.limit > 0 {
            let wrong = ConfigError::new("burst of a rate limit", "0");
            return Err(wrong.expected("at least 1; a limit of 0 is what refuses everything"));
        }
        Self { burst, ..self }.paced()
    }

    /// Names the quota, as clients see it in `violated-policies` and in the headers of draft-10.
    ///
    /// # Errors
    ///
    /// A name that is empty, longer than 64 bytes, or not printable ASCII: it travels in a header.
    pub fn named(self, name: impl Into<Arc<str>>) -> Result<Self, ConfigError> {
        let name = valid_name(name.into())?;
        Ok(Self { name: Some(name), ..self })
    }

    /// Requests in a window.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The window.
    pub fn window(&self) -> Duration {
        self.window
    }

    /// Requests that may come at once.
    pub fn burst(&self) -> u32 {
        if self.limit == 0 { 0 } else { self.burst }
    }

    /// The name, if it was given one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What one of `instances` may admit, so that all together admit the quota: at the same rate, and at once as many, but at
    /// least 1 each.
    pub(crate) fn share(self, instances: NonZeroU32) -> Result<Self, ConfigError> {
        let n = instances.get();
        if self.limit == 0 || n == 1 {
            return Ok(self);
        }
        let burst = self.burst.checked_div(n).unwrap_or(1).max(1);
        let even = self.limit.checked_rem(n) == Some(0);
        // Where the limit cannot be shared out, the window is: 1 in 4 s for each of four that have 1 in 1 s.
        let longer = self.window.checked_mul(n).filter(|window| *window <= LONGEST);
        let (limit, window) = match longer {
            Some(longer) if !even => (self.limit, longer),
            _ => (self.limit.checked_div(n).unwrap_or(1).max(1), self.window),
        };
        Self { limit, window, burst, ..self }.paced()
    }

    pub(crate) fn pace(&self) -> Option<Pace> {
        self.pace
    }

    pub(crate) fn shared_name(&self) -> Option<Arc<str>> {
        self.name.clone()
    }

    /// The same rate in whole seconds, which is all that drafts 6 and 7 can say: requests, and the window in seconds.
    ///
    /// Rounded down, so that it never promises more than there is: 1 in 50 ms is 20 in 1 s, 3 in 1.5 s is 4 in 2 s.
    pub(crate) fn in_whole_seconds(&self) -> (u64, u64) {
        let seconds = seconds_up(self.window);
        let window = self.window.as_nanos().max(1);
        let scaled = u128::from(self.limit)
            .saturating_mul(u128::from(seconds))
            .saturating_mul(1_000_000_000)
            .checked_div(window)
            .unwrap_or(0);
        (u64::try_from(scaled).unwrap_or(u64::MAX), seconds)
    }

    /// Works out the pace, or says why there is none.
    fn paced(self) -> Result<Self, ConfigError> {
        let (Some(limit), Some(burst)) = (NonZeroU32::new(self.limit), NonZeroU32::new(self.burst))
        else {
            return Ok(Self { pace: None, ..self });
        };
        if u128::from(limit.get()) > self.window.as_nanos() {
            let value = format!("{limit} in {:?}", self.window);
            return Err(ConfigError::new("rate limit", value).expected(
                "at most one request in a nanosecond; a longer window or a lower limit",
            ));
        }
        let too_long = || {
            ConfigError::new("burst of a rate limit", burst.to_string())
                .expected("one that comes back within 732 days at this rate")
        };
        let pace = Pace::new(limit.get(), self.window.as_nanos(), burst.get());
        let pace = pace.ok_or_else(too_long)?;
        let others = pace.interval().checked_mul(burst.get().saturating_sub(1));
        if others.is_none_or(|others| others > LONGEST_BURST) {
            return Err(too_long());
        }
        Ok(Self { pace: Some(pace), ..self })
    }
}

impl Default for Quota {
    /// The documented default: 1 request in 50 ms.
    fn default() -> Self {
        let window = Duration::from_millis(50);
        Self { limit: 1, window, burst: 1, pace: Pace::new(1, window.as_nanos(), 1), name: None }
    }
}

/// A name that may stand in a header as a String of RFC 8941.
pub(crate) fn valid_name(name: Arc<str>) -> Result<Arc<str>, ConfigError> {
    let printable = name.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if printable && (1..=64).contains(&name.len()) {
        Ok(name)
    } else {
        let wrong = ConfigError::new("name of a rate limit", name.escape_debug().to_string());
        Err(wrong.expected("1 to 64 printable ASCII characters"))
    }
}

/// Rounds up to whole seconds, at least 1: whoever waits that long has waited enough.
pub(crate) fn seconds_up(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0)).max(1)
}
