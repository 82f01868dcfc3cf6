//! What a request is to be counted by, and the counting here.

use std::sync::Arc;

use palisade_core::{Moment, Rejection};

use crate::{
    Key, RateLimitHeaders,
    readings::Readings,
    refusal,
    rule::{Reading, Rule},
};

/// A rule that applies to a request, and how many requests that counts as there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due<'a> {
    pub(crate) rule: &'a Arc<Rule>,
    pub(crate) cost: u32,
}

/// Counts by all rules that were not asked before, or by none. `readings` takes what they said.
///
/// Where several apply they are looked at first: one that will refuse keeps the others from counting.
pub(crate) fn count(due: &[Due<'_>], key: &Key<'_>, arrived: Moment, readings: &mut Readings) {
    if due.len() > 1 {
        look(due, key, arrived, readings);
    }
    if due.iter().any(|due| refuses(due.rule, readings)) {
        return;
    }
    for Due { rule, cost } in due {
        if readings.by(rule).is_none() {
            let standing = rule.limiter.check_cost(key, arrived, *cost);
            readings.push(Reading { rule: Arc::clone(rule), standing });
            if standing.is_refused() {
                return;
            }
        }
    }
}

fn look(due: &[Due<'_>], key: &Key<'_>, arrived: Moment, readings: &mut Readings) {
    for Due { rule, cost } in due {
        let standing = rule.limiter.peek_cost(key, arrived, *cost);
        if standing.is_refused() && readings.by(rule).is_none() {
            readings.push(Reading { rule: Arc::clone(rule), standing });
        }
    }
}

/// What another gate refused and let go on, because it only reports, is refused here too.
fn refuses(rule: &Rule, readings: &Readings) -> bool {
    readings.by(rule).is_some_and(|reading| reading.standing.is_refused())
}

/// Refuses if one of these rules did. The gate does not ask the policy that refused for a last word, so the headers go along.
pub(crate) fn agree<'a>(
    rules: impl Iterator<Item = &'a Arc<Rule>> + Clone,
    readings: &Readings,
    headers: RateLimitHeaders,
) -> Result<(), Rejection> {
    let said = rules.filter_map(|rule| readings.by(rule));
    let refusals = said.filter(|reading| reading.standing.is_refused());
    let longest = refusals.clone().max_by_key(|reading| reading.standing.retry_after);
    let Some(longest) = longest else { return Ok(()) };
    let mut rejection = refusal::over_quota(longest, refusals);
    let fields = rejection.headers_mut();
    headers.write(readings, |name, value| drop(fields.insert(name, value)));
    Err(rejection)
}
