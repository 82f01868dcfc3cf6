//! Time, given from outside, so that no test sleeps and no policy reads a clock behind the caller's back.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Tells the time: the system's, or one set by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    manual: Option<ManualClock>,
}

/// A clock that stands still until it is told otherwise. Clones share the time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<Mutex<Moment>>,
}

/// One reading of a clock: a monotonic instant for durations, and the wall's time for what is written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    instant: Instant,
    wall: SystemTime,
}

// === impl Clock ===

impl Clock {
    /// The clock of the operating system.
    #[must_use]
    pub const fn system() -> Self {
        Self { manual: None }
    }

    /// Reads the clock. On the system's clock this is two calls into the vDSO; a gate does it once per request, see
    /// [`SecurityContext::arrived`](crate::SecurityContext::arrived).
    #[must_use]
    pub fn now(&self) -> Moment {
        self.manual.as_ref().map_or_else(Moment::read, ManualClock::now)
    }

    /// The monotonic time that passed since `earlier`: half of what reading the whole clock costs.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn since(&self, earlier: Moment) -> Duration {
        let now = self.manual.as_ref().map_or_else(Instant::now, |clock| clock.now().instant);
        now.saturating_duration_since(earlier.instant)
    }
}

// === impl ManualClock ===

impl ManualClock {
    /// Makes a clock that shows 2026-01-01T00:00:00Z.
    #[must_use]
    pub fn new() -> Self {
        Self::at(UNIX_EPOCH.checked_add(Duration::from_secs(1_767_225_600)).unwrap_or(UNIX_EPOCH))
    }

    /// Makes a clock that shows `wall`.
    #[must_use]
    pub fn at(wall: SystemTime) -> Self {
        Self { now: Arc::new(Mutex::new(Moment { wall, ..Moment::read() })) }
    }

    /// A [`Clock`] that shows this one's time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock { manual: Some(self.clone()) }
    }

    /// Reads the time.
    #[must_use]
    pub fn now(&self) -> Moment {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `time` pass.
    pub fn advance(&self, time: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.instant = now.instant.checked_add(time).unwrap_or(now.instant);
        now.wall = now.wall.checked_add(time).unwrap_or(now.wall);
    }

    /// Steps the wall's time to `wall`, as an administrator or NTP does; monotonic time does not move.
    pub fn step_wall(&self, wall: SystemTime) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).wall = wall;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

// === impl Moment ===

impl Moment {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn read() -> Self {
        Self { instant: Instant::now(), wall: SystemTime::now() }
    }

    /// The monotonic side: for durations, windows and timeouts within this process.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.instant
    }

    /// The wall's time: for tokens, files and logs.
    #[must_use]
    pub fn wall(self) -> SystemTime {
        self.wall
    }

    /// The wall's time as seconds since the Unix epoch; zero before it.
    #[must_use]
    pub fn unix_seconds(self) -> u64 {
        self.wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    /// The monotonic time that passed since `earlier`; zero if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.instant.saturating_duration_since(earlier.instant)
    }
}
