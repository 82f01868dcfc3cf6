//! How many may read at a time: of one user, and in all.

use std::{
    collections::HashMap,
    error, fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Room for readers: so many of one user, so many in all. Clones share it, and so do the feeds that are given it.
#[derive(Clone, Debug)]
pub struct Places {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
}

/// Users without a reader are not in it: it has as many entries as there are places, at most.
#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_user: HashMap<Arc<str>, usize>,
}

/// A place that is taken, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    user: Arc<str>,
}

/// Why there is no [`Subscription`](crate::Subscription).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SubscribeError {
    /// So many read already.
    Full {
        /// The most that may.
        limit: usize,
    },
    /// This user has so many streams open already.
    FullOfOne {
        /// The most that one may have.
        limit: usize,
    },
    /// The feed was closed.
    Closed,
}

// === impl Places ===

impl Places {
    /// Room for `most` readers, of which `most_of_one` may be of one user.
    #[must_use]
    pub fn new(most: usize, most_of_one: usize) -> Self {
        Self { inner: Arc::new(Inner { most, most_of_one, taken: Mutex::default() }) }
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.lock().all
    }

    pub(crate) fn take(&self, user: &str) -> Result<Place, SubscribeError> {
        let Inner { most, most_of_one, .. } = *self.inner;
        let mut taken = self.lock();
        if taken.by_user.get(user).copied().unwrap_or_default() >= most_of_one {
            return Err(SubscribeError::FullOfOne { limit: most_of_one });
        }
        if taken.all >= most {
            return Err(SubscribeError::Full { limit: most });
        }
        taken.all = taken.all.saturating_add(1);
        let user: Arc<str> = user.into();
        let own = taken.by_user.entry(Arc::clone(&user)).or_default();
        *own = own.saturating_add(1);
        drop(taken);
        Ok(Place { places: self.clone(), user })
    }

    /// A holder of this lock only counts; none can leave it half done.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Places {
    /// 1000, of one user 20.
    fn default() -> Self {
        Self::new(1000, 20)
    }
}

// === impl Place ===

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all = taken.all.saturating_sub(1);
        let Some(own) = taken.by_user.get_mut(&self.user) else { return };
        *own = own.saturating_sub(1);
        if *own == 0 {
            taken.by_user.remove(&self.user);
        }
    }
}

// === impl SubscribeError ===

impl fmt::Display for SubscribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { limit } => write!(f, "all {limit} places for live readers are taken"),
            Self::FullOfOne { limit } => {
                write!(f, "all {limit} places that one user may have are taken")
            }
            Self::Closed => f.write_str("the feed was closed"),
        }
    }
}

impl error::Error for SubscribeError {}
