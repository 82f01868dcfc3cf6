//! How long Redis may take, and what happens when it takes longer.

use std::{fmt, num::NonZeroU32, time::Duration};

use palisade_core::{Clock, ConfigError};
use tokio::runtime::Handle;

/// How long Redis may take, and what happens when it takes longer.
///
/// ```
/// use std::time::Duration;
/// use palisade_redis::RedisOptions;
///
/// let options = RedisOptions::default().deadline(Duration::from_millis(20)).salt("of this deployment");
/// ```
#[derive(Clone)]
pub struct RedisOptions {
    pub(crate) deadline: Duration,
    pub(crate) failures: NonZeroU32,
    pub(crate) pause: Duration,
    pub(crate) longest_pause: Duration,
    pub(crate) in_flight: usize,
    pub(crate) namespace: Box<str>,
    pub(crate) salt: Box<[u8]>,
    pub(crate) clock: Clock,
    pub(crate) runtime: Option<Handle>,
}

// === impl RedisOptions ===

impl RedisOptions {
    /// The longest that one call may take, all told: 50 ms if nothing is said.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// After how many calls in a row that failed nothing is sent for a while: 3 if nothing is said; 0 is taken for 1.
    #[must_use]
    pub fn trips_after(self, failures: u32) -> Self {
        Self { failures: NonZeroU32::new(failures).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// How long nothing is sent before Redis is tried again: from `first`, doubled with each time that it is not better, to `longest`.
    /// 200 ms to 5 s if nothing is said. A quarter of each is left to chance, so that instances do not come all at once.
    #[must_use]
    pub fn pauses(self, first: Duration, longest: Duration) -> Self {
        Self { pause: first, longest_pause: longest, ..self }
    }

    /// How many calls may wait for Redis at once; one more fails at once. 4096 if nothing is said.
    #[must_use]
    pub fn in_flight(self, calls: usize) -> Self {
        Self { in_flight: calls, ..self }
    }

    /// What every key and channel begins with: `palisade` if nothing is said. Deployments that share a Redis and must not share
    /// limits each have their own.
    #[must_use]
    pub fn namespace(self, namespace: impl Into<Box<str>>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// A secret of the deployment, the same on all instances, which goes into the digests that keys are made of. Who reads
    /// Redis then cannot find out by trying whether somebody is among them; addresses are few enough to try them all.
    #[must_use]
    pub fn salt(self, salt: impl AsRef<[u8]>) -> Self {
        Self { salt: salt.as_ref().into(), ..self }
    }

    /// The clock that tells since when Redis is down, and how long calls took. The system's if nothing is said.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The runtime that connections live on, with its I/O and timers enabled: the one that `connect` is called in if nothing is said.
    #[must_use]
    pub fn runtime(self, runtime: Handle) -> Self {
        Self { runtime: Some(runtime), ..self }
    }

    pub(crate) fn checked(self) -> Result<Self, ConfigError> {
        let range = |what: &str, value: Duration, most: Duration| {
            if (Duration::from_millis(1)..=most).contains(&value) {
                return Ok(());
            }
            let wrong = ConfigError::new(what, format!("{value:?}"));
            Err(wrong.expected(format!("1ms to {most:?}")))
        };
        range("deadline of Redis", self.deadline, Duration::from_secs(10))?;
        range("longest pause of Redis", self.longest_pause, Duration::from_secs(300))?;
        range("pause of Redis", self.pause, self.longest_pause)?;
        if self.in_flight == 0 {
            let wrong = ConfigError::new("number of calls to Redis at once", "0");
            return Err(wrong.expected("at least 1"));
        }
        let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        if !(1..=64).contains(&self.namespace.len()) || !self.namespace.bytes().all(name) {
            let wrong = ConfigError::new("namespace in Redis", self.namespace);
            return Err(wrong.expected("1 to 64 letters, digits or `-_.:`"));
        }
        Ok(self)
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(50),
            failures: NonZeroU32::MIN.saturating_add(2),
            pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
            in_flight: 4096,
            namespace: "palisade".into(),
            salt: Box::default(),
            clock: Clock::system(),
            runtime: None,
        }
    }
}

/// Without the salt.
impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("deadline", &self.deadline)
            .field("failures", &self.failures)
            .field("pause", &self.pause)
            .field("longest_pause", &self.longest_pause)
            .field("in_flight", &self.in_flight)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
