//! How long an automatic ban lasts: longer for who was banned before, and not to the second for everybody.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use palisade_core::ConfigError;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Each further ban of the same offender lasts twice as long as the one before.
///
/// ```
/// # use std::time::Duration;
/// use palisade_autoban::{AutoBan, Escalation};
/// let (hour, day) = (Duration::from_secs(3600), Duration::from_secs(24 * 3600));
/// let auto_ban = AutoBan::builder()
///     .ban_duration(hour)
///     .escalation(Escalation::doubling().up_to(7 * day).forget_after(30 * day))
///     .build()?;
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "an escalation does nothing until it is set"]
pub struct Escalation {
    most: Duration,
    memory: Duration,
}

/// Makes the ends of bans differ, so that a botnet that was banned at one moment does not come back at one moment.
#[derive(Debug, Default)]
pub struct Jitter(Source);

#[derive(Debug, Default)]
enum Source {
    /// The operating system's generator.
    #[default]
    System,
    Seeded(AtomicU64),
    None,
}

// === impl Escalation ===

impl Escalation {
    /// Twice as long each time, up to 30 days; who behaved for 30 days begins anew.
    pub const fn doubling() -> Self {
        Self { most: DAY.saturating_mul(30), memory: DAY.saturating_mul(30) }
    }

    /// The longest a ban lasts, before the [`Jitter`] is added.
    pub const fn up_to(mut self, time: Duration) -> Self {
        self.most = time;
        self
    }

    /// How long after its end a ban is remembered.
    pub const fn forget_after(mut self, time: Duration) -> Self {
        self.memory = time;
        self
    }

    pub(crate) fn check(&self, base: Option<Duration>) -> Result<(), ConfigError> {
        let Some(base) = base else {
            return Err(ConfigError::new("escalation", "without a ban duration")
                .expected("a duration of the first ban: one for ever cannot last longer"));
        };
        if self.most < base {
            return Err(ConfigError::new("longest ban", format!("{:?}", self.most))
                .expected(format!("at least the duration of the first, {base:?}")));
        }
        if self.memory.is_zero() {
            return Err(ConfigError::new("memory of bans", "0").expected("more than zero"));
        }
        Ok(())
    }

    /// Whether a ban that ended then is still held against its offender.
    pub(crate) fn remembers(&self, ended: SystemTime, at: SystemTime) -> bool {
        // A clock that was set back forgets nothing.
        !at.duration_since(ended).is_ok_and(|since| since >= self.memory)
    }

    /// The duration of the `offences`-th ban.
    pub(crate) fn duration(&self, base: Duration, offences: u32) -> Duration {
        let doublings = offences.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).filter(|_| doublings < 32).unwrap_or(u32::MAX);
        base.saturating_mul(factor).min(self.most)
    }
}

// === impl Jitter ===

impl Jitter {
    /// Every ban lasts up to a tenth longer or shorter than configured. This is the default.
    #[must_use]
    pub fn tenth() -> Self {
        Self::default()
    }

    /// The same, with a sequence of its own that repeats: for tests.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(AtomicU64::new(seed)))
    }

    /// Bans last exactly as long as configured.
    #[must_use]
    pub const fn none() -> Self {
        Self(Source::None)
    }

    pub(crate) fn apply(&self, time: Duration) -> Duration {
        let number = match &self.0 {
            Source::System => rand::random(),
            Source::Seeded(state) => mix(state.fetch_add(1, Ordering::Relaxed)),
            Source::None => return time,
        };
        // Of 2 000 parts, 1 800 to 2 200. Divided first: a duration near the end of time must not end there.
        let parts = u32::try_from(number % 401).unwrap_or(200).saturating_add(1800);
        time.checked_div(2000).unwrap_or_default().saturating_mul(parts)
    }
}

/// The finish of `SplitMix64`: of numbers in a row it makes some that look drawn.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
