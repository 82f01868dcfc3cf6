//! The admin check: a role, on the routes that ask for it.

use http::request;
use palisade_core::{
    Access, Code, ConfigError, Identity, Policy, Realm, Rejection, RejectionKind, SecurityContext,
    Verdict,
};

const INSUFFICIENT_ROLE: Code = Code::new("insufficient-role", "The role this needs is not yours");

/// Lets only identities with a role into routes of class [`Access::Admin`]. Stands behind the authentication.
#[derive(Clone, Debug)]
pub struct AdminOnly {
    role: Box<str>,
    reach: Reach,
    realm: Realm,
}

/// Where the role is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    AdminRoutes,
    Everywhere,
}

// === impl AdminOnly ===

impl AdminOnly {
    /// Asks for the role `admin` on routes of class [`Access::Admin`].
    #[must_use]
    pub fn new() -> Self {
        Self { role: Identity::ADMIN.into(), reach: Reach::AdminRoutes, realm: Realm::default() }
    }

    /// Asks for another role than `admin`, byte for byte.
    ///
    /// # Errors
    ///
    /// If it is empty.
    pub fn role(role: &str) -> Result<Self, ConfigError> {
        if role.trim().is_empty() {
            return Err(ConfigError::new("role", role).expected("a name"));
        }
        Ok(Self { role: role.into(), ..Self::new() })
    }

    /// Asks on every route, also where no registry says what a route is for.
    #[must_use]
    pub fn everywhere(mut self) -> Self {
        self.reach = Reach::Everywhere;
        self
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }
}

impl Default for AdminOnly {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy for AdminOnly {
    fn name(&self) -> &'static str {
        "admin"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let is_for_admins = context.route().is_some_and(|route| route.access() == Access::Admin);
        if self.reach == Reach::AdminRoutes && !is_for_admins {
            return Verdict::Pass;
        }
        match context.identity() {
            Some(identity) if identity.has_role(&self.role) => Verdict::Pass,
            Some(_) => Rejection::new(RejectionKind::Forbidden, INSUFFICIENT_ROLE).into(),
            None => self.realm.credentials_required().into(),
        }
    }
}
