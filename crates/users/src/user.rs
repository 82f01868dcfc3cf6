//! What a directory keeps of a user.

use std::sync::Arc;

use palisade_core::{Identity, IdentityKind};

/// What a directory keeps of a user: roles, organisations, and whether he may come in at all. Cheap to clone.
///
/// Behind [`KnownUsersPolicy`](crate::KnownUsersPolicy) it is attached to the context:
/// `context.attached::<User>()`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Inner {
    roles: Vec<Box<str>>,
    organisations: Vec<Box<str>>,
    disabled: bool,
}

// === impl User ===

impl User {
    /// A user without roles and organisations.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a role.
    #[must_use]
    pub fn role(self, role: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.roles.push(role.into()))
    }

    /// Replaces the roles.
    #[must_use]
    pub fn with_roles<R: Into<Box<str>>>(self, roles: impl IntoIterator<Item = R>) -> Self {
        self.with(|inner| inner.roles = roles.into_iter().map(Into::into).collect())
    }

    /// Adds an organisation he is a member of.
    #[must_use]
    pub fn organisation(self, name: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.organisations.push(name.into()))
    }

    /// Says that he is not let in, whatever he presents.
    #[must_use]
    pub fn disabled(self) -> Self {
        self.with(|inner| inner.disabled = true)
    }

    /// Says that he is let in: as all are who were not disabled.
    #[must_use]
    pub fn enabled(self) -> Self {
        self.with(|inner| inner.disabled = false)
    }

    /// The roles.
    pub fn roles(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.roles.iter().map(AsRef::as_ref)
    }

    /// The organisations he is a member of.
    pub fn organisations(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.organisations.iter().map(AsRef::as_ref)
    }

    /// Whether he is not let in.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.inner.disabled
    }

    /// The roles that `identity` has as this user. What is no token may have been made to do less than its owner: it gets
    /// no role that it does not name.
    pub(crate) fn roles_of(&self, identity: &Identity) -> impl Iterator<Item = &str> {
        let all = identity.kind() == IdentityKind::Jwt;
        self.roles().filter(move |role| all || identity.has_role(role))
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }
}
