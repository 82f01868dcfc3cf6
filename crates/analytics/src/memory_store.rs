//! Records in memory: the latest, for as long as the process lives.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use palisade_core::{Ended, Location, RequestId};

use crate::{Counts, Cursor, Dimension, Filter, Page, Record, Step, Store, StoreError, Summary};

/// Keeps the latest records in memory. When one more comes than it may keep, the oldest goes.
///
/// What is asked of it looks at every record: milliseconds for 100 000.
#[derive(Debug)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
    keep: usize,
}

#[derive(Debug, Default)]
struct Kept {
    /// Oldest first.
    records: VecDeque<(u64, Arc<Record>)>,
    /// The number of the next record. Numbers are never given twice, so that a cursor survives what happens meanwhile.
    next: u64,
}

// === impl MemoryStore ===

impl MemoryStore {
    /// Keeps so many records.
    #[must_use]
    pub fn new(keep: usize) -> Self {
        Self { kept: Mutex::default(), keep }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What matches now, oldest first: what is asked of it need not hold the lock.
    fn matching(&self, filter: &Filter) -> Vec<Arc<Record>> {
        let kept = self.lock();
        let matching = kept.records.iter().filter(|(_, record)| filter.matches(record));
        matching.map(|(_, record)| Arc::clone(record)).collect()
    }
}

impl Store for MemoryStore {
    fn append(&self, records: &[Arc<Record>]) -> Result<(), StoreError> {
        let mut kept = self.lock();
        for record in records {
            let number = kept.next;
            kept.next = number.saturating_add(1);
            if kept.records.len() >= self.keep {
                kept.records.pop_front();
            }
            kept.records.push_back((number, Arc::clone(record)));
        }
        Ok(())
    }

    fn locate(&self, located: &[(RequestId, Arc<Location>)]) -> Result<(), StoreError> {
        let located: HashMap<_, _> = located.iter().map(|(id, location)| (*id, location)).collect();
        for (_, record) in &mut self.lock().records {
            if let Some(location) = located.get(&record.request_id) {
                let mut found = Record::clone(record);
                found.location = Some(Arc::clone(location));
                *record = Arc::new(found);
            }
        }
        Ok(())
    }

    fn prune(&self, _: SystemTime) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn page(
        &self,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let kept = self.lock();
        let before = before.map_or(u64::MAX, Cursor::number);
        let newest_first = kept.records.iter().rev();
        let mut found = newest_first
            .filter(|(number, record)| *number < before && filter.matches(record))
            .map(|(number, record)| (*number, Arc::clone(record)));
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let next = match page.last() {
            Some((number, _)) => found.next().map(|_| Cursor::new(*number)),
            None => None,
        };
        Ok(Page::new(page.into_iter().map(|(_, record)| record).collect(), next))
    }

    fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let kept = self.lock();
        Ok(number(kept.records.iter().filter(|(_, record)| filter.matches(record)).count()))
    }

    fn summary(&self, filter: &Filter) -> Result<Summary, StoreError> {
        let records = self.matching(filter);
        let mut times: Vec<_> = records.iter().map(|record| record.response_time).collect();
        times.sort_unstable();
        let count = |is: &dyn Fn(&Record) -> bool| {
            number(records.iter().filter(|record| is(record)).count())
        };
        let totals = Summary {
            requests: number(records.len()),
            refused: count(&|record| record.code.is_some()),
            aborted: count(&|record| record.ended != Ended::Whole),
            bytes: records.iter().fold(0, |sum, record| sum.saturating_add(record.bytes)),
            sessions: distinct(records.iter().filter_map(|record| record.session)),
            users: distinct(records.iter().filter_map(|record| record.user.as_deref())),
            addresses: distinct(records.iter().filter_map(|record| record.address)),
            ..Summary::default()
        };
        Ok(totals.response_times([50, 90, 99, 100].map(|percent| percentile(&times, percent))))
    }

    fn count_by(
        &self,
        filter: &Filter,
        dimension: Dimension,
        limit: usize,
    ) -> Result<Counts, StoreError> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for key in self.matching(filter).iter().filter_map(|record| key(dimension, record)) {
            let count = counts.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        let mut rows: Vec<_> = counts.into_iter().collect();
        rows.sort_unstable_by(|(key, count), (other, others)| {
            others.cmp(count).then_with(|| key.cmp(other))
        });
        let rest = rows.split_off(rows.len().min(limit));
        let other = rest.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        Ok(Counts::new(rows, other))
    }

    fn over_time(
        &self,
        filter: &Filter,
        step: Duration,
        limit: usize,
    ) -> Result<Vec<Step>, StoreError> {
        let mut steps: BTreeMap<u64, (Step, HashSet<_>)> = BTreeMap::new();
        let length = step.as_secs().max(1);
        for record in self.matching(filter) {
            let seconds = record.time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let from = seconds.saturating_sub(seconds.checked_rem(length).unwrap_or_default());
            let begins = UNIX_EPOCH.checked_add(Duration::from_secs(from)).unwrap_or(UNIX_EPOCH);
            let begin = || (Step::at(begins), HashSet::new());
            let (step, sessions) = steps.entry(from).or_insert_with(begin);
            step.requests = step.requests.saturating_add(1);
            step.refused = step.refused.saturating_add(u64::from(record.code.is_some()));
            sessions.extend(record.session);
            step.sessions = number(sessions.len());
        }
        let left_out = steps.len().saturating_sub(limit);
        Ok(steps.into_values().skip(left_out).map(|(step, _)| step).collect())
    }

    fn delete(&self, filter: &Filter) -> Result<u64, StoreError> {
        let mut kept = self.lock();
        let before = kept.records.len();
        kept.records.retain(|(_, record)| !filter.matches(record));
        Ok(number(before.saturating_sub(kept.records.len())))
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn distinct<T: Eq + Hash>(values: impl Iterator<Item = T>) -> u64 {
    number(values.collect::<HashSet<_>>().len())
}

/// By nearest rank, of times in order.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let rank = times.len().saturating_mul(percent).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The record's key in `dimension`, if it has one.
fn key(dimension: Dimension, record: &Record) -> Option<String> {
    fn text(value: impl fmt::Display) -> String {
        value.to_string()
    }
    match dimension {
        Dimension::Address => record.address.map(text),
        Dimension::Route => record.route.as_ref().map(|route| route.id().to_owned()),
        Dimension::Status => record.status.map(|status| text(status.as_u16())),
        Dimension::User => record.user.as_ref().map(text),
        Dimension::Method => Some(text(&record.method)),
        Dimension::Country => record.location.as_ref().and_then(|place| place.country).map(text),
        Dimension::Code => record.code.map(text),
        Dimension::Path => Some(text(&record.path)),
        Dimension::Session => record.session.map(text),
        Dimension::Ended => Some(text(record.ended.as_str())),
    }
}
