//! The generic cell rate algorithm, in whole ticks.
//!
//! What is kept of a key is one time: when its quota is whole again. The time from now until then is its *debt*. A request
//! adds what it costs to the debt, and is over the quota if that makes more than the whole quota is worth.

use std::time::Duration;

use crate::Standing;

/// The most ticks that a whole quota is worth: so that a table keeps times in 40 bits.
pub(crate) const MOST_TICKS: u64 = 1 << 34;

/// The end of time, in nanoseconds: from there on, time stands still, after 146 years. So an epoch has 24 bits.
const END: u64 = (1 << 62) - 1;

/// The numbers that the algorithm works with.
///
/// A tick is the smallest power of two of nanoseconds of which a whole quota is worth no more than 2^34: one nanosecond if it
/// comes back within 17 s, 256 ns for one of an hour. What a request costs is rounded up to whole ticks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pace {
    /// A tick is two to this power of nanoseconds.
    shift: u32,
    /// One request comes back in so many ticks.
    interval: u64,
    /// All of the burst comes back in so many ticks.
    full: u64,
    /// 2^64 divided by the interval, rounded down.
    reciprocal: u64,
    burst: u32,
}

/// What one request brings to a table, in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    /// When it arrived.
    pub(crate) now: u64,
    /// What it costs.
    pub(crate) charge: u64,
    /// What a whole quota is worth.
    pub(crate) full: u64,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It is within the quota; this is the debt with it.
    Within(u64),
    /// It is over; this is the debt without it.
    Over(u64),
}

// === impl Pace ===

impl Pace {
    /// Works out the pace of `burst` requests, of which `limit` come back in `window` nanoseconds. `None` if one of these is 0.
    pub(crate) fn new(limit: u32, window: u128, burst: u32) -> Option<Self> {
        let fitting = |shift: u32| {
            let tick = u128::from(limit).checked_shl(shift)?;
            let interval = u64::try_from(window.checked_next_multiple_of(tick)?.checked_div(tick)?);
            let interval = interval.ok().filter(|interval| *interval > 0)?;
            let full = interval.checked_mul(u64::from(burst))?;
            (1..=MOST_TICKS).contains(&full).then_some((shift, interval, full))
        };
        let (shift, interval, full) = (0..u64::BITS).find_map(fitting)?;
        let reciprocal = u64::MAX.checked_div(interval)?;
        Some(Self { shift, interval, full, reciprocal, burst })
    }

    /// One request comes back in this time.
    pub(crate) fn interval(self) -> Duration {
        self.time(self.interval)
    }

    /// The time in ticks since a table's beginning, rounded down.
    #[inline]
    pub(crate) fn since_origin(self, time: Duration) -> u64 {
        let nanos = time.as_secs().saturating_mul(1_000_000_000);
        let nanos = nanos.saturating_add(time.subsec_nanos().into());
        nanos.min(END).wrapping_shr(self.shift)
    }

    /// A request that arrived at tick `now` and costs as much as `cost` ones. What is dearer than the whole quota costs the
    /// whole quota.
    #[inline]
    pub(crate) fn ask(self, now: u64, cost: u32) -> Ask {
        let charge = self.interval.wrapping_mul(cost.min(self.burst).into());
        Ask { now, charge, full: self.full }
    }

    /// How a client stands after that.
    #[inline]
    pub(crate) fn standing(self, ask: Ask, outcome: Outcome) -> Standing {
        match outcome {
            Outcome::Within(debt) => Standing::admitted(self.remaining(debt), self.time(debt)),
            Outcome::Over(debt) => {
                let wait = debt.saturating_add(ask.charge).saturating_sub(self.full);
                Standing::refused(self.time(wait), self.time(debt))
            }
        }
    }

    /// Requests that may follow at once: a division, by what the processor does ten times faster.
    #[inline]
    fn remaining(self, debt: u64) -> u32 {
        let free = self.full.saturating_sub(debt);
        let product = u128::from(free).wrapping_mul(self.reciprocal.into());
        let quotient = u64::try_from(product >> 64).unwrap_or_default();
        // The reciprocal was rounded down, so the quotient may be one too low.
        let rest = free.wrapping_sub(quotient.wrapping_mul(self.interval));
        let quotient = quotient.wrapping_add(u64::from(rest >= self.interval));
        u32::try_from(quotient).unwrap_or(u32::MAX)
    }

    #[inline]
    fn time(self, ticks: u64) -> Duration {
        Duration::from_nanos(ticks.saturating_mul(1_u64.wrapping_shl(self.shift)))
    }
}

// === impl Ask ===

impl Ask {
    /// Decides, by the time at which the key is whole, about a request that arrived at `now`.
    #[inline]
    pub(crate) fn decide(&self, whole_at: u64, now: u64) -> Outcome {
        let debt = whole_at.saturating_sub(now);
        let with_it = debt.wrapping_add(self.charge);
        if with_it <= self.full { Outcome::Within(with_it) } else { Outcome::Over(debt) }
    }
}
