//! Who is an admin for a while, in memory: what the database says of it (`elevations_watch`).

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arc_swap::{ArcSwap, ArcSwapOption};
use palisade::{
    core::{Identity, Moment},
    users::{User, UserId},
};

/// The role that whoever is an admin for a while has beside it: this, and the id of the elevation. It goes wherever his identity
/// goes, so that nobody takes him for an admin for good: into streams, tickets and the audit.
const MARK: &str = "elevation:";
/// What the database said is good for so long: were it withdrawn, nothing here would know.
const FRESH: Duration = Duration::from_secs(5);

/// Rights that count. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elevations {
    rights: Arc<ArcSwap<Rights>>,
    /// When the database last said so.
    said: Arc<ArcSwapOption<Moment>>,
}

/// What the database said.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    /// How far that was.
    pub(crate) revision: Option<i64>,
    pub(crate) of: HashMap<UserId, Right>,
    /// When the next of all that is open ends, whether it was approved or not.
    pub(crate) next_lapse: Option<SystemTime>,
}

/// The right of one user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Right {
    pub(crate) id: Box<str>,
    pub(crate) ends: SystemTime,
}

// === impl Elevations ===

impl Elevations {
    /// Whether somebody has one.
    pub(crate) fn is_empty(&self) -> bool {
        self.rights.load().of.is_empty()
    }

    /// `user` with what he is for a while.
    pub(crate) fn lend(&self, user: User, id: &UserId, now: Moment) -> User {
        let rights = self.rights.load();
        let right = rights.of.get(id).filter(|right| now.wall() < right.ends);
        let is_admin = user.roles().any(|role| role == Identity::ADMIN);
        match right.filter(|_| !is_admin && self.is_fresh(now)) {
            Some(right) => user.role(Identity::ADMIN).role(format!("{MARK}{}", right.id)),
            None => user,
        }
    }

    /// How far the database was when it was last read.
    pub(crate) fn revision(&self) -> Option<i64> {
        self.rights.load().revision
    }

    /// Whether something that is open ended by `now`.
    pub(crate) fn has_lapsed(&self, now: Moment) -> bool {
        self.rights.load().next_lapse.is_some_and(|end| end <= now.wall())
    }

    /// Takes note that nothing else is so by `now`.
    pub(crate) fn confirm(&self, now: Moment) {
        self.said.store(Some(Arc::new(now)));
    }

    /// Takes over what the database says, unless something later is known. Returns whose right ended or is another.
    pub(crate) fn replace(&self, rights: Rights, now: Moment) -> Vec<UserId> {
        let rights = Arc::new(rights);
        let mut ended = Vec::new();
        self.rights.rcu(|before| {
            ended.clear();
            if before.revision > rights.revision {
                return Arc::clone(before);
            }
            let stays = |id: &UserId, right: &Right| rights.of.get(id) == Some(right);
            let gone = before.of.iter().filter(|(id, right)| !stays(id, right));
            ended.extend(gone.map(|(id, _)| id.clone()));
            Arc::clone(&rights)
        });
        self.confirm(now);
        ended
    }

    fn is_fresh(&self, now: Moment) -> bool {
        self.said.load().as_ref().is_some_and(|said| now.since(**said) < FRESH)
    }
}

/// The elevation by which `who` is an admin, if it is one that makes him one.
pub(crate) fn elevation_of(who: &Identity) -> Option<&str> {
    who.roles().find_map(|role| role.strip_prefix(MARK))
}

/// The roles of `who` without what he has for a while.
pub(crate) fn own_roles(who: &Identity) -> impl Iterator<Item = &str> {
    let is_lent = elevation_of(who).is_some();
    who.roles().filter(move |role| !is_lent || (*role != Identity::ADMIN && !is_mark(role)))
}

/// Whether a role is such a mark, which is nobody's to give.
pub(crate) fn is_mark(role: &str) -> bool {
    role.starts_with(MARK)
}

/// A time that the database keeps, in milliseconds since 1970.
pub(crate) fn time_of(milliseconds: i64) -> SystemTime {
    let since = u64::try_from(milliseconds).unwrap_or_default();
    UNIX_EPOCH.checked_add(Duration::from_millis(since)).unwrap_or(UNIX_EPOCH)
}
