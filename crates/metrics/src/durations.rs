//! How long requests took, by bucket.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The upper bounds of the buckets in seconds. A handler in memory answers within the first, a database within the middle, and what is
/// in none of them has a client that reads slowly or waits.
pub(crate) const BOUNDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The same in nanoseconds.
const NANOS: [u64; 14] = [
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// How long requests of one kind took, as one thread counts them.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    /// The last one is of what is above all bounds.
    counts: [AtomicU64; 15],
    /// In nanoseconds: full after 584 years.
    sum: AtomicU64,
}

/// What all threads counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) counts: [u64; 15],
    nanos: u64,
}

// === impl Durations ===

impl Durations {
    pub(crate) fn add(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let place = NANOS.partition_point(|bound| *bound < nanos);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(crate) fn add_to(&self, sums: &mut Sums) {
        for (count, own) in sums.counts.iter_mut().zip(&self.counts) {
            *count = count.saturating_add(own.load(Ordering::Relaxed));
        }
        sums.nanos = sums.nanos.saturating_add(self.sum.load(Ordering::Relaxed));
    }
}

// === impl Sums ===

impl Sums {
    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanos).as_secs_f64()
    }
}
