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
/// The most bytes for events of one name in a window: what comes when they are used up is counted.
const BYTES: usize = 256 << 10;
/// The most lines for events of one name that one client causes in a window.
const OF_CLIENT: u32 = 20;

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
    /// What is alike in all of them, as members of an object.
    pub(crate) members: Box<str>,
    /// Of that, the client alone.
    pub(crate) client: Box<str>,
    pub(crate) since: SystemTime,
}

/// Events that were counted instead of written.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) what: What,
    pub(crate) count: u64,
    name: u64,
}

#[derive(Debug)]
struct Name {
    lines: u32,
    bytes: usize,
    /// No more of them than lines.
    clients: HashMap<u64, Client, Hashed>,
    /// Those beyond the budget.
    others: Fold,
}

#[derive(Debug)]
struct Client {
    lines: u32,
    /// Those beyond what it may have.
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
    /// Beyond the lines that their client or their name may have.
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
        let Some(refusal) = key.refusal else { return self.spend(key.name, None, what).0 };
        let place = usize::try_from(refusal.like >> 32).unwrap_or_default() % STRIPES;
        let Some(stripe) = self.stripes.get(place) else { return Fate::Written };
        let mut stripe = lock(stripe);
        if let Some(fold) = stripe.get_mut(&refusal.like) {
            fold.count = fold.count.saturating_add(1);
            return Fate::Folded;
        }
        let (fate, what) = self.spend(key.name, refusal.client, what);
        if let Some(what) = what {
            stripe.insert(refusal.like, Fold { what, count: 0, name: key.name });
        }
        fate
    }

    /// Takes the bytes of a line that was written from what events of this name may have.
    pub(crate) fn charge(&self, key: Key, bytes: usize) {
        let mut names = lock(&self.names);
        let name = known(&names, key.name);
        if let Some(name) = names.get_mut(&name) {
            name.bytes = name.bytes.saturating_add(bytes);
        }
    }

    /// Takes a line from what events of this name and this client may have. What was asked for, if there was one left.
    fn spend(
        &self,
        name: u64,
        client: Option<u64>,
        what: impl FnOnce() -> What,
    ) -> (Fate, Option<What>) {
        let mut names = lock(&self.names);
        let name = known(&names, name);
        let (entry, what) = match names.entry(name) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                if known.is_full(self.budget, client) {
                    return (Fate::Folded, None);
                }
                (known, what())
            }
            Entry::Vacant(vacant) => {
                let what = what();
                (vacant.insert(Name::new(name, &what)), what)
            }
        };
        entry.spend(client, &what);
        (Fate::Written, Some(what))
    }

    /// Counts again what could not be told: with the next window's, as many of its name.
    pub(crate) fn put_back(&self, fold: &Fold) {
        let mut names = lock(&self.names);
        let name = known(&names, fold.name);
        let others = &mut names.entry(name).or_insert_with(|| Name::new(name, &fold.what)).others;
        others.count = others.count.saturating_add(fold.count);
        others.what.since = others.what.since.min(fold.what.since);
    }

    /// Ends the window: all that was counted in it. What comes from now on is written again.
    pub(crate) fn end(&self) -> Window {
        let mut alike = Vec::new();
        for stripe in &self.stripes {
            alike.extend(mem::take(&mut *lock(stripe)).into_values().filter(Fold::is_some));
        }
        let names = mem::take(&mut *lock(&self.names));
        let others = names.into_values().flat_map(|name| {
            name.clients.into_values().map(|client| client.others).chain([name.others])
        });
        Window { alike, others: others.filter(Fold::is_some).collect() }
    }
}

// === impl Name ===

impl Name {
    fn new(name: u64, what: &What) -> Self {
        let event = if name == 0 { "others".into() } else { what.event.clone() };
        let what = What { event, members: Box::default(), ..what.clone() };
        let others = Fold { what, count: 0, name };
        Self { lines: 0, bytes: 0, clients: HashMap::default(), others }
    }

    /// Whether there is no line left, for all or for this client. Then the event is counted.
    fn is_full(&mut self, budget: u32, client: Option<u64>) -> bool {
        let client = client.and_then(|client| self.clients.get_mut(&client));
        let client = client.filter(|client| client.lines >= OF_CLIENT);
        let others = match client {
            Some(client) => &mut client.others,
            None if self.lines >= budget || self.bytes >= BYTES => &mut self.others,
            None => return false,
        };
        others.count = others.count.saturating_add(1);
        true
    }

    fn spend(&mut self, client: Option<u64>, what: &What) {
        self.lines = self.lines.saturating_add(1);
        let Some(client) = client else { return };
        let name = self.others.name;
        let client = self.clients.entry(client).or_insert_with(|| {
            let what = What { members: what.client.clone(), ..what.clone() };
            Client { lines: 0, others: Fold { what, count: 0, name } }
        });
        client.lines = client.lines.saturating_add(1);
    }
}

// === impl Fold ===

impl Fold {
    fn is_some(&self) -> bool {
        self.count > 0
    }
}

/// The name under which events of this one are counted.
fn known(names: &HashMap<u64, Name>, name: u64) -> u64 {
    if names.len() < MOST_NAMES || names.contains_key(&name) { name } else { 0 }
}

/// What is counted is whole after each step, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
