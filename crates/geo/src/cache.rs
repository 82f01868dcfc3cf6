//! What providers said, in memory: bounded, with an age.

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::{Clock, IpKey, KeyedHash, Location, Moment, Whereabouts};
use quick_cache::{UnitWeighter, sync};

use crate::breaker::PAUSE;

/// How long what a provider said is believed without asking again.
pub(crate) const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it is believed that nobody knows.
const FRESH_NOWHERE: Duration = Duration::from_secs(60 * 60);
/// How old an answer may be that is still used while there is no newer one.
pub(crate) const OLDEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Seconds on a clock of this cache's own, which shows 30 days when it is made: no answer is older, so no age is negative. It
/// does not jump when somebody sets the wall's time.
type Seconds = u64;

/// What providers said.
pub(crate) struct Cache {
    entries: sync::Cache<IpKey, Entry, UnitWeighter, KeyedHash>,
    clock: Clock,
    made: Moment,
}

#[derive(Clone, Debug)]
struct Entry {
    known: Known,
    /// When that was said.
    at: Seconds,
    /// Not asked again before.
    again: Seconds,
}

#[derive(Clone, Debug)]
enum Known {
    /// Nothing: the last call failed.
    Nothing,
    Nowhere,
    At(Arc<Location>),
}

/// What is found of an address.
#[derive(Debug)]
pub(crate) enum Found {
    Fresh(Whereabouts),
    /// It should be asked for again, and holds until then.
    Old(Whereabouts),
    /// It was asked for a moment ago, in vain. What is known holds.
    Held(Whereabouts),
}

/// An answer with its age, as it is written down.
#[derive(Debug)]
pub(crate) struct Aged {
    pub(crate) key: IpKey,
    pub(crate) age: Duration,
    /// None: nowhere.
    pub(crate) location: Option<Arc<Location>>,
}

// === impl Cache ===

impl Cache {
    pub(crate) fn new(capacity: usize, clock: Clock) -> Self {
        let weight = u64::try_from(capacity).unwrap_or(u64::MAX);
        let lifecycle = sync::DefaultLifecycle::default();
        let entries =
            sync::Cache::with(capacity, weight, UnitWeighter, KeyedHash::random(), lifecycle);
        Self { entries, made: clock.now(), clock }
    }

    pub(crate) fn find(&self, key: IpKey) -> Found {
        let Some(entry) = self.entries.get(&key) else { return Found::Old(Whereabouts::NotYet) };
        let now = self.now();
        let age = now.saturating_sub(entry.at);
        let (whereabouts, life) = match entry.known {
            Known::Nothing => (Whereabouts::NotYet, Duration::ZERO),
            Known::Nowhere => (Whereabouts::Nowhere, FRESH_NOWHERE),
            Known::At(location) => (Whereabouts::At(location), FRESH),
        };
        let whereabouts = if age < OLDEST.as_secs() { whereabouts } else { Whereabouts::NotYet };
        if age < life.as_secs() {
            Found::Fresh(whereabouts)
        } else if now < entry.again {
            Found::Held(whereabouts)
        } else {
            Found::Old(whereabouts)
        }
    }

    /// Keeps an answer. That nobody knows replaces no place that may still be used: vendors forget, and addresses stay. It is
    /// asked for again as soon as if nobody had ever known.
    pub(crate) fn learn(&self, key: IpKey, location: Option<Location>) {
        let now = self.now();
        let known = self.entries.peek(&key).filter(|entry| {
            let age = now.saturating_sub(entry.at);
            matches!(entry.known, Known::At(_)) && age < OLDEST.as_secs()
        });
        if let (None, Some(entry)) = (&location, known) {
            let again = now.saturating_add(FRESH_NOWHERE.as_secs());
            self.entries.insert(key, Entry { again, ..entry });
            return;
        }
        self.put(Aged { key, age: Duration::ZERO, location: location.map(Arc::new) });
    }

    /// Keeps an answer of some age.
    pub(crate) fn put(&self, answer: Aged) {
        let known = answer.location.map_or(Known::Nowhere, Known::At);
        let at = self.now().saturating_sub(answer.age.as_secs());
        self.entries.insert(answer.key, Entry { known, at, again: 0 });
    }

    /// Keeps what was known, and that it is no use to ask again at once: one address that cannot be answered must not open the
    /// breaker for all by being asked for again and again.
    pub(crate) fn failed(&self, key: IpKey) {
        let again = self.now().saturating_add(PAUSE.as_secs());
        let entry = self.entries.peek(&key);
        let entry = entry.unwrap_or(Entry { known: Known::Nothing, at: 0, again: 0 });
        self.entries.insert(key, Entry { again, ..entry });
    }

    pub(crate) fn clear(&self) {
        self.entries.clear();
    }

    /// All answers that are still of use, in no order.
    pub(crate) fn answers(&self) -> impl Iterator<Item = Aged> {
        let now = self.now();
        self.entries.iter().filter_map(move |(key, entry)| {
            let age = Duration::from_secs(now.saturating_sub(entry.at));
            let location = match entry.known {
                Known::Nothing => return None,
                Known::Nowhere => None,
                Known::At(location) => Some(location),
            };
            (age < OLDEST).then_some(Aged { key, age, location })
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn capacity(&self) -> u64 {
        self.entries.capacity()
    }

    fn now(&self) -> Seconds {
        OLDEST.as_secs().saturating_add(self.clock.since(self.made).as_secs())
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the addresses.
        f.debug_struct("Cache").field("len", &self.len()).finish_non_exhaustive()
    }
}
