//! Users in memory.

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use palisade_core::{Identity, Moment};

use crate::{
    DirectoryError, Revocations, User, UserDirectory, UserId, by_user::ByUser, directory::Lookup,
};

/// Users in memory: for tests, demonstrations, and services whose users fit there. What changes here ends the streams of
/// the user it concerns. Clones share it.
#[derive(Clone, Debug)]
pub struct Users {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    users: ByUser<User>,
    revocations: Revocations,
    most: usize,
}

// === impl Users ===

impl Users {
    /// Starts without users and with room for 100 000. Changes are told to `revocations`.
    #[must_use]
    pub fn new(revocations: Revocations) -> Self {
        Self::with_capacity(revocations, 100_000)
    }

    /// The same with room for this many users.
    #[must_use]
    pub fn with_capacity(revocations: Revocations, users: usize) -> Self {
        Self { inner: Arc::new(Inner { users: ByUser::default(), revocations, most: users }) }
    }

    /// Adds a user, or replaces what is kept of him.
    ///
    /// # Errors
    ///
    /// If he is new and there is no room: nobody is dropped for him.
    pub fn put(&self, id: &UserId, user: User) -> Result<(), DirectoryError> {
        let writing = self.inner.users.write();
        let known = writing.value(id);
        self.inner.check_room(known.as_ref(), writing.len())?;
        let changed = known.is_some_and(|known| known != user);
        writing.put(id, user);
        drop(writing);
        if changed {
            self.inner.revocations.user_changed(id);
        }
        Ok(())
    }

    /// Changes what is kept of a user, in one step: no other change comes between what is read and what is written. Who is
    /// new has no roles and organisations before. Returns what is kept from now on.
    ///
    /// # Errors
    ///
    /// If he is new and there is no room: nobody is dropped for him.
    pub fn update(
        &self,
        id: &UserId,
        change: impl FnOnce(User) -> User,
    ) -> Result<User, DirectoryError> {
        let writing = self.inner.users.write();
        let known = writing.value(id);
        self.inner.check_room(known.as_ref(), writing.len())?;
        let user = change(known.unwrap_or_default());
        writing.put(id, user.clone());
        drop(writing);
        self.inner.revocations.user_changed(id);
        Ok(user)
    }

    /// Lets a user in no more, whatever he presents. Returns whether there is one.
    pub fn disable(&self, id: &UserId) -> bool {
        self.change(id, User::disabled)
    }

    /// Lets a user in again. Returns whether there is one.
    pub fn enable(&self, id: &UserId) -> bool {
        self.change(id, User::enabled)
    }

    /// Replaces the roles of a user. Returns whether there is one.
    pub fn replace_roles<R: Into<Box<str>>>(
        &self,
        id: &UserId,
        roles: impl IntoIterator<Item = R>,
    ) -> bool {
        self.change(id, |user| user.with_roles(roles))
    }

    /// Forgets a user, and takes back the tokens that were issued by `at`: whoever is added under this name later is someone
    /// else. Returns whether there was one.
    pub fn remove(&self, id: &UserId, at: SystemTime) -> bool {
        let removed = self.inner.users.write().remove(id).is_some();
        if removed {
            self.inner.revocations.revoke(id, at);
        }
        removed
    }

    /// What is kept of a user.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<User> {
        self.inner.users.read(id.identity(), User::clone)
    }

    /// The first `most` users behind `after`, in the order of their names: to look at all of them page by page.
    #[must_use]
    pub fn list(&self, after: Option<&UserId>, most: usize) -> Vec<(UserId, User)> {
        let mut page: BTreeMap<UserId, User> = BTreeMap::new();
        self.inner.users.each(|id, user| {
            let has_place =
                page.len() < most || page.last_key_value().is_some_and(|(last, _)| id < last);
            if has_place && after.is_none_or(|after| after < id) {
                page.insert(id.clone(), user.clone());
                if page.len() > most {
                    page.pop_last();
                }
            }
        });
        page.into_iter().collect()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.users.len()
    }

    fn change(&self, id: &UserId, change: impl FnOnce(User) -> User) -> bool {
        let writing = self.inner.users.write();
        let Some(user) = writing.value(id) else { return false };
        writing.put(id, change(user));
        drop(writing);
        self.inner.revocations.user_changed(id);
        true
    }
}

impl UserDirectory for Users {
    fn find(&self, who: &Identity, _now: Moment) -> Lookup {
        Lookup::Known(Ok(self.inner.users.read(who, User::clone)))
    }
}

// === impl Inner ===

impl Inner {
    /// Whether there is room for what becomes of `known`, among so many.
    fn check_room(&self, known: Option<&User>, users: usize) -> Result<(), DirectoryError> {
        let most = self.most;
        if known.is_some() || users < most {
            return Ok(());
        }
        Err(DirectoryError::new(format!("all {most} places for users are taken")))
    }
}
