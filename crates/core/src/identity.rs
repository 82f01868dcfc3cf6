//! Who is asking.

use std::{fmt, sync::Arc, time::SystemTime};

/// Who is asking, once a credential was verified. Cheap to clone; made by an authentication policy alone.
#[derive(Clone, Eq, PartialEq)]
pub struct Identity {
    inner: Arc<Inner>,
}

#[derive(Clone, Eq, PartialEq)]
struct Inner {
    subject: Box<str>,
    kind: IdentityKind,
    issuer: Option<Box<str>>,
    roles: Vec<Box<str>>,
    scopes: Vec<Box<str>>,
    plan: Option<Box<str>>,
    issued: Option<SystemTime>,
    expires: Option<SystemTime>,
}

/// How an identity was proven.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum IdentityKind {
    /// By a JSON Web Token.
    Jwt,
    /// By an API key.
    ApiKey,
}

// === impl Identity ===

impl Identity {
    /// The role that the documented admin check asks for.
    pub const ADMIN: &str = "admin";

    /// Names the one who was proven to be `subject`.
    #[must_use]
    pub fn new(subject: impl Into<Box<str>>, kind: IdentityKind) -> Self {
        let (roles, scopes) = (Vec::new(), Vec::new());
        let subject = subject.into();
        Self {
            inner: Arc::new(Inner {
                subject,
                kind,
                issuer: None,
                roles,
                scopes,
                plan: None,
                issued: None,
                expires: None,
            }),
        }
    }

    /// Adds who vouches for the subject. Subjects of two issuers are two identities.
    #[must_use]
    pub fn issued_by(self, issuer: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.issuer = Some(issuer.into()))
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

    /// Adds a scope.
    #[must_use]
    pub fn scope(self, scope: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.scopes.push(scope.into()))
    }

    /// Sets the plan that quotas go by.
    #[must_use]
    pub fn plan(self, plan: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.plan = Some(plan.into()))
    }

    /// Sets when the proof was issued: what was revoked later does not count any more.
    #[must_use]
    pub fn issued_at(self, at: SystemTime) -> Self {
        self.with(|inner| inner.issued = Some(at))
    }

    /// Sets when the proof ends.
    #[must_use]
    pub fn expires(self, at: SystemTime) -> Self {
        self.with(|inner| inner.expires = Some(at))
    }

    /// The subject, byte for byte as the issuer names it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.inner.subject
    }

    /// How it was proven.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        self.inner.kind
    }

    /// Who vouches for it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.inner.issuer.as_deref()
    }

    /// The roles.
    pub fn roles(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.roles.iter().map(AsRef::as_ref)
    }

    /// Whether it has `role`, byte for byte.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|own| own == role)
    }

    /// Whether it has the documented admin role.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.has_role(Self::ADMIN)
    }

    /// The scopes.
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.scopes.iter().map(AsRef::as_ref)
    }

    /// The plan that quotas go by.
    #[must_use]
    pub fn quota_plan(&self) -> Option<&str> {
        self.inner.plan.as_deref()
    }

    /// When the proof was issued, if it says so.
    #[must_use]
    pub fn issue_time(&self) -> Option<SystemTime> {
        self.inner.issued
    }

    /// When the proof ends.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.inner.expires
    }

    /// An equal identity that has no count of references in common with this one: for another thread.
    #[must_use]
    pub fn twin(&self) -> Self {
        Self { inner: Arc::new((*self.inner).clone()) }
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("subject", &self.subject())
            .field("kind", &self.kind())
            .field("roles", &self.inner.roles)
            .finish_non_exhaustive()
    }
}

// === impl IdentityKind ===

impl IdentityKind {
    /// The name in logs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::ApiKey => "api-key",
        }
    }
}
