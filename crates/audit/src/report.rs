//! What a verifier found.

use std::fmt;

use crate::{Fault, Head, LogId};

/// As many faults are told one by one.
const MOST_FAULTS: usize = 64;

/// What a verifier found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    pub(crate) log: Option<LogId>,
    pub(crate) records: u64,
    pub(crate) head: Option<Head>,
    faults: Vec<Fault>,
    faulty: u64,
    pub(crate) erased: u64,
    pub(crate) told: u64,
    pub(crate) checkpoints: u64,
    pub(crate) covered: u64,
    pub(crate) clock: ClockSteps,
}

/// How often a record says an earlier time than the one before it. That is what a clock does that was set back, or several programs whose
/// clocks differ a little; the order of records is that of their numbers all the same.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClockSteps {
    /// How often.
    pub times: u64,
    /// The first record that says an earlier time, 0 if there is none.
    pub first: u64,
    /// The record with the largest step.
    pub largest: u64,
    /// The largest step, in milliseconds.
    pub by: u64,
}

// === impl Report ===

impl Report {
    /// Whether nothing is wrong.
    ///
    /// Without a checkpoint that says only that the records fit each other: who can write to the log can write all of it anew, and
    /// can cut it off where he likes. See [`uncovered`](Self::uncovered).
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.faulty == 0
    }

    /// What is wrong, in the order of the log: the first 64.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// How much is wrong in all.
    #[must_use]
    pub const fn faulty(&self) -> u64 {
        self.faulty
    }

    /// Which log it is, if its beginning was seen.
    #[must_use]
    pub const fn log(&self) -> Option<LogId> {
        self.log
    }

    /// How many records were seen.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// The end of the log, if it has a record.
    #[must_use]
    pub const fn head(&self) -> Option<Head> {
        self.head
    }

    /// How many parts are erased.
    #[must_use]
    pub const fn erased(&self) -> u64 {
        self.erased
    }

    /// How many checkpoints the log fits.
    #[must_use]
    pub const fn checkpoints(&self) -> u64 {
        self.checkpoints
    }

    /// The last record that a checkpoint vouches for, 0 if there is none.
    #[must_use]
    pub const fn covered(&self) -> u64 {
        self.covered
    }

    /// How many records stand behind the latest checkpoint that fits. Were they removed, or written anew, nobody would see it.
    #[must_use]
    pub fn uncovered(&self) -> u64 {
        self.head.map_or(0, |head| head.sequence().saturating_sub(self.covered))
    }

    /// How often time went back: no fault, but worth a look.
    #[must_use]
    pub const fn clock(&self) -> ClockSteps {
        self.clock
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.faulty = self.faulty.saturating_add(1);
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// For people: one line that says whether it is whole, and one for each thing worth knowing.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_whole() { "whole" } else { "NOT WHOLE" };
        write!(f, "{verdict}: {} records", self.records)?;
        if let Some(log) = self.log {
            write!(f, " of log {log}")?;
        }
        for fault in &self.faults {
            write!(f, "\nfault: {fault}")?;
        }
        if self.faulty > u64::try_from(self.faults.len()).unwrap_or(u64::MAX) {
            write!(f, "\nfault: and more, {} in all", self.faulty)?;
        }
        match (self.checkpoints, self.uncovered()) {
            (0, _) => write!(f, "\nnote: no checkpoint vouches for it")?,
            (fitting, 0) => write!(f, "\nfits {fitting} checkpoints, up to its end")?,
            (fitting, behind) => {
                write!(f, "\nfits {fitting} checkpoints, up to record {}", self.covered)?;
                write!(f, "; nobody vouches yet for {behind} behind it")?;
            }
        }
        if self.erased > 0 {
            write!(f, "\nnote: {} parts are erased", self.erased)?;
        }
        let ClockSteps { times, largest, by, .. } = self.clock;
        if times > 0 {
            write!(f, "\nnote: time goes back at {times} records, most at {largest}, by {by} ms")?;
        }
        Ok(())
    }
}
