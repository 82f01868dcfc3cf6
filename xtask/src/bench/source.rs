//! Where a figure comes from: one kept number, or one beside another of the same run.

use std::collections::BTreeMap;

use crate::bench::results::{Cost, Results};

/// A source, by the names of what was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// What a scenario costs more than `base`.
    CountBeyond {
        scenario: &'static str,
        base: &'static str,
        what: What,
    },
    /// The median time of a bench.
    Time(&'static str),
    /// The median time of one bench, in percent of that of another one of the same run.
    TimeRatio {
        of: &'static str,
        base: &'static str,
    },
    /// The time of a request to a server over a connection in memory.
    Turn(&'static str),
    /// The requests per second of a server over a connection in memory, in percent of those of `base`.
    TurnRatio {
        of: &'static str,
        base: &'static str,
    },
    /// The requests per second of a server, in percent of those of `base`.
    SocketRatio {
        of: &'static str,
        base: &'static str,
    },
    /// How many times as fast two threads are.
    Threads(&'static str),
    Memory(&'static str),
    /// A figure of a large file, beyond another one.
    LargeBeyond {
        of: &'static str,
        base: &'static str,
    },
    /// The same, in percent of another one.
    LargeRatio {
        of: &'static str,
        base: &'static str,
    },
    /// One memory figure, in times another.
    MemoryRatio {
        of: &'static str,
        base: &'static str,
    },
}

/// What is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum What {
    Instructions,
    Allocations,
}

// === impl Source ===

impl Source {
    /// The figure, if `results` has it. What costs less than its base is negative.
    pub(crate) fn value(self, results: &Results) -> Option<f64> {
        match self {
            Self::CountBeyond { scenario, base, what } => {
                beyond_in(&results.counts, scenario, base, what)
            }
            Self::Time(name) => results.times.get(name).copied(),
            Self::TimeRatio { of, base } => Some(ratio(&results.times, of, base)? * 100.0),
            Self::Turn(name) => results.turns.get(name).copied(),
            // Of times: who takes half of the time answers twice as many.
            Self::TurnRatio { of, base } => Some(ratio(&results.turns, base, of)? * 100.0),
            Self::SocketRatio { of, base } => {
                let speed =
                    |name: &str| results.socket.get(name).map(|load| load.requests_per_second);
                Some(speed(of)? / speed(base)? * 100.0)
            }
            Self::Threads(name) => results.threads.get(name).map(|speed| speed.gain()),
            Self::Memory(name) => results.memory.get(name).copied(),
            Self::LargeBeyond { of, base } => {
                Some(results.large.get(of)? - results.large.get(base)?)
            }
            Self::LargeRatio { of, base } => Some(ratio(&results.large, of, base)? * 100.0),
            Self::MemoryRatio { of, base } => ratio(&results.memory, of, base),
        }
    }
}

// === impl Cost ===

impl Cost {
    /// One of its two counts.
    pub(crate) fn of(&self, what: What) -> f64 {
        f64::from(match what {
            What::Instructions => self.instructions,
            What::Allocations => self.allocations,
        })
    }
}

/// What `scenario` costs more than `base`, if both were counted.
pub(crate) fn beyond_in(
    counts: &BTreeMap<String, Cost>,
    scenario: &str,
    base: &str,
    what: What,
) -> Option<f64> {
    Some(counts.get(scenario)?.of(what) - counts.get(base)?.of(what))
}

fn ratio(figures: &BTreeMap<String, f64>, of: &str, base: &str) -> Option<f64> {
    Some(figures.get(of)? / figures.get(base)?)
}

/// What `scenario` costs beyond `base`.
pub(crate) const fn beyond(scenario: &'static str, base: &'static str, what: What) -> Source {
    Source::CountBeyond { scenario, base, what }
}

/// The requests per second of `of` without a kernel between, in percent of `base`.
pub(crate) const fn share_in_memory(of: &'static str, base: &'static str) -> Source {
    Source::TurnRatio { of, base }
}

/// The requests per second of `of`, in percent of `base`.
pub(crate) const fn share(of: &'static str, base: &'static str) -> Source {
    Source::SocketRatio { of, base }
}
