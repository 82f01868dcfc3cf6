//! Violations that all instances count together.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use palisade_autoban::{AutoBan, BanTarget, Evidence, Violation, ViolationCounts};
use palisade_core::ViolationKind;
use palisade_ratelimit::Outage;
use redis::from_redis_value;

use super::book::Book;
use crate::{
    Redis,
    failure::NONSENSE,
    script::{Script, digest_of},
};

const SOURCE: &str = include_str!("violations.lua");
static COUNT: Script = Script::new(SOURCE, || digest_of(SOURCE));

/// Violations by offender, to be told at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    sums: HashMap<BanTarget, Sum>,
}

/// What one offender did since the last time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) number: usize,
    weight: u32,
    counts: ViolationCounts,
}

// === impl Batch ===

impl Batch {
    pub(super) fn add(&mut self, violation: Violation) {
        let sum = self.sums.entry(violation.target).or_default();
        sum.number = sum.number.saturating_add(1);
        sum.weight = sum.weight.saturating_add(violation.weight);
        sum.counts.add(ViolationCounts::of(violation.kind, 1));
    }

    pub(super) fn into_sums(self) -> HashMap<BanTarget, Sum> {
        self.sums
    }
}

/// Adds them to what all instances saw. Returns the evidence if that is too much, to one instance alone.
pub(super) async fn count(
    redis: &Redis,
    book: &Book,
    auto_ban: &AutoBan,
    (target, sum): (&BanTarget, Sum),
) -> Result<Option<Evidence>, Outage> {
    let ViolationCounts { rate_limit, auth_failure, suspicious, other, .. } = sum.counts;
    let window = u64::try_from(auto_ban.window().as_millis()).unwrap_or(u64::MAX).max(1);
    let mut arguments = vec![window.to_string(), auto_ban.threshold().to_string()];
    let counts = [sum.weight, rate_limit, auth_failure, suspicious, other];
    arguments.extend(counts.iter().map(u32::to_string));
    let answer = redis.run(&COUNT, vec![book.names.violations(target)], arguments).await?;
    let numbers: Vec<u64> = from_redis_value(answer).map_err(|_| NONSENSE)?;
    match numbers.as_slice() {
        [] => Ok(None),
        [weight, first, last, counts @ ..] => {
            Ok(Some(Evidence::new(all(counts), small(*weight), at(*first), at(*last))))
        }
        _ => Err(NONSENSE),
    }
}

fn all(counts: &[u64]) -> ViolationCounts {
    let kinds = [ViolationKind::RateLimit, ViolationKind::AuthFailure, ViolationKind::Suspicious];
    let mut sum = ViolationCounts::default();
    for (kind, count) in kinds.into_iter().zip(counts) {
        sum.add(ViolationCounts::of(kind, small(*count)));
    }
    sum.other = counts.get(kinds.len()).map_or(0, |other| small(*other));
    sum
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn at(millis: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(UNIX_EPOCH)
}
