//! Counts events that are like one that was written a short while ago, and those that are too many.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasherDefault, Hasher},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use palisade_core::KeyedHash;
use tracing::Level;

use crate::key::Key;

/// Locks, so that threads that log different things seldom meet.
const STRIPES: usize = 16;
/// The most names of events that are told apart. Names are written by programmers; those of a name beyond share one budget.
const MOST_NAMES: usize = 64;

/// Keys are hashes already.
type Hashed = BuildHasherDefault<Identity>;

/// What was written in this window, and what was not because of it.
#[derive(Debug)]
pub(crate) struct Folds {
    pub(crate) hash: KeyedHash,
    stripes: Box<[Mutex<HashMap<u64, Fold, Hashed>>]>,
    names: Mutex<HashMap<u64, Name>>,
    /// The most lines for events of one name in a window.
    budget: u32,
}

/// What is told of events that were not written.
#[derive(Clone, Debug)]
pub(crate) struct What {
    pub(crate) level: Level,
    pub(crate) event: Box<str>,
    /// Code, client and user, as members of an object.
    pub(crate) members: Box<str>,
    pub(crate) since: SystemTime,
}

/// Events that were counted instead of written.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) what: What,
    pub(crate) count: u64,
}

#[derive(Debug)]
struct Name {
    lines: u32,
    /// Those beyond the budget.
    others: Fold,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Written,
    Folded,
}

/// Everything that was counted in a window.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// Like one that was written.
    pub(crate) alike: Vec<Fold>,
    /// Beyond the lines that their name may have.
    pub(crate) others: Vec<Fold>,
}

/// Hashes a hash to itself.
#[derive(Debug, Default)]
struct Identity(u64);

// === impl Identity ===

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

// === impl Folds ===

impl Folds {
    pub(crate) fn new(budget: u32) -> Self {
        let stripes = (0..STRIPES).map(|_| Mutex::default()).collect();
        Self { hash: KeyedHash::random(), stripes, names: Mutex::default(), budget }
    }

    /// Decides about one event; counts it if it is not to be written. `what` is asked for what is written first.
    pub(crate) fn decide(&self, key: Key, what: impl FnOnce() -> What) -> Fate {
        let Some(like) = key.like else { return self.spend(key.name, what).0 };
        let place = usize::try_from(like >> 32).unwrap_or_default() % STRIPES;
        let Some(stripe) = self.stripes.get(place) else { return Fate::Written };
        let mut stripe = lock(stripe);
        if let Some(fold) = stripe.get_mut(&like) {
            fold.count = fold.count.saturating_add(1);
            return Fate::Folded;
        }
        let (fate, what) = self.spend(key.name, what);
        if let Some(what) = what {
            stripe.insert(like, Fold { what, count: 0 });
        }
        fate
    }

    /// Takes a line from what events of this name may have. What was asked for, if there was one left.
    fn spend(&self, name: u64, what: impl FnOnce() -> What) -> (Fate, Option<What>) {
        let mut names = lock(&self.names);
        let name = if names.len() < MOST_NAMES || names.contains_key(&name) { name } else { 0 };
        match names.entry(name) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                if known.lines >= self.budget {
                    known.others.count = known.others.count.saturating_add(1);
                    return (Fate::Folded, None);
                }
                known.lines = known.lines.saturating_add(1);
                (Fate::Written, Some(what()))
            }
            Entry::Vacant(vacant) => {
                let what = what();
                let event = if name == 0 { "others".into() } else { what.event.clone() };
                let others = What { event, members: Box::default(), ..what.clone() };
                vacant.insert(Name { lines: 1, others: Fold { what: others, count: 0 } });
                (Fate::Written, Some(what))
            }
        }
    }

    /// Ends the window: all that was counted in it. What comes from now on is written again.
    pub(crate) fn end(&self) -> Window {
        let mut alike = Vec::new();
        for stripe in &self.stripes {
            alike.extend(mem::take(&mut *lock(stripe)).into_values().filter(Fold::is_some));
        }
        let names = mem::take(&mut *lock(&self.names));
        let others = names.into_values().map(|name| name.others).filter(Fold::is_some).collect();
        Window { alike, others }
    }
}

// === impl Fold ===

impl Fold {
    fn is_some(&self) -> bool {
        self.count > 0
    }
}

/// What is counted is whole after each step, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
