//! Answers of a directory, remembered for a moment.

use std::{fmt, sync::Arc, time::Duration};

use moka::sync::Cache;
use palisade_core::{Identity, IdentityKind, KeyedHash, Moment};

use crate::{
    DirectoryError, Revocations, UserDirectory, UserId,
    directory::{Answer, Lookup},
    flight::Flight,
};

/// How long a user is remembered.
const KNOWN: Duration = Duration::from_secs(30);
/// How long it is remembered that there is no such user, and how long a question may be joined.
const UNKNOWN: Duration = Duration::from_secs(5);
/// How often a question is asked whose answer was out of date when it came.
const TRIES: usize = 3;

/// Remembers what another directory answers: a user for 30 s, that there is none for 5 s, a failure never. All who ask for
/// one user at a time wait for one question.
///
/// A change that the [`Revocations`] know of ends what was remembered of that user; an answer that was on its way then is
/// asked for anew. Beyond its bound, what is used least is forgotten, and asked again. Clones share it.
pub struct CachedDirectory<D> {
    inner: Arc<Inner<D>>,
}

struct Inner<D> {
    directory: D,
    revocations: Revocations,
    slots: Cache<Key, Slot, KeyedHash>,
}

type Key = (UserId, IdentityKind);

#[derive(Clone)]
struct Slot {
    flight: Flight,
    since: Moment,
    /// The last change when the question was asked.
    last_change: u64,
}

// === impl CachedDirectory ===

impl<D: UserDirectory> CachedDirectory<D> {
    /// Remembers what `directory` answers about 10 000 users, until `revocations` know better.
    #[must_use]
    pub fn new(directory: D, revocations: Revocations) -> Self {
        Self::with_capacity(directory, revocations, 10_000)
    }

    /// The same about this many users.
    #[must_use]
    pub fn with_capacity(directory: D, revocations: Revocations, users: u64) -> Self {
        let slots = Cache::builder().max_capacity(users).build_with_hasher(KeyedHash::random());
        Self { inner: Arc::new(Inner { directory, revocations, slots }) }
    }

    /// How many users are remembered.
    #[must_use]
    pub fn remembered(&self) -> u64 {
        self.inner.slots.run_pending_tasks();
        self.inner.slots.entry_count()
    }
}

impl<D: UserDirectory + Send + Sync + 'static> UserDirectory for CachedDirectory<D> {
    fn find(&self, who: &Identity, now: Moment) -> Lookup {
        if let Some(answer) = self.inner.answer(who, now) {
            return Lookup::Known(answer);
        }
        let (inner, who) = (Arc::clone(&self.inner), who.clone());
        Lookup::Wait(Box::pin(async move { inner.wait(&who, now).await }))
    }
}

impl<D> Clone for CachedDirectory<D> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<D> fmt::Debug for CachedDirectory<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedDirectory").finish_non_exhaustive()
    }
}

// === impl Inner ===

impl<D: UserDirectory> Inner<D> {
    /// What is remembered of `who`.
    fn answer(&self, who: &Identity, now: Moment) -> Option<Answer> {
        let slot = self.slots.get(&(UserId::sharing(who), who.kind()))?;
        if self.holds(&slot, who, now) { slot.flight.answer().cloned() } else { None }
    }

    /// Waits for an answer that is not out of date when it comes.
    async fn wait(&self, who: &Identity, now: Moment) -> Answer {
        for _ in 0..TRIES {
            let Slot { flight, last_change, .. } = self.join(who, now);
            let answer = flight.await;
            if !self.revocations.changed_since(who, last_change) {
                return answer;
            }
        }
        Err(DirectoryError::new("the user changes faster than the directory answers"))
    }

    /// Joins the question about `who` that is under way, or asks it.
    fn join(&self, who: &Identity, now: Moment) -> Slot {
        let slot = self.slots.entry((UserId::of(who), who.kind()));
        slot.or_insert_with_if(|| self.ask(who, now), |slot| !self.holds(slot, who, now))
            .into_value()
    }

    fn ask(&self, who: &Identity, now: Moment) -> Slot {
        // Read before the directory is: what changes from now on makes the answer one of before.
        let last_change = self.revocations.last_change();
        let flight = match self.directory.find(who, now) {
            Lookup::Known(answer) => Flight::answered(answer),
            Lookup::Wait(question) => Flight::new(question),
        };
        Slot { flight, since: now, last_change }
    }

    /// Whether a slot may still be used.
    fn holds(&self, slot: &Slot, who: &Identity, now: Moment) -> bool {
        let life = match slot.flight.answer() {
            Some(Ok(Some(_))) => KNOWN,
            Some(Ok(None)) | None => UNKNOWN,
            Some(Err(_)) => Duration::ZERO,
        };
        now.since(slot.since) < life && !self.revocations.changed_since(who, slot.last_change)
    }
}
