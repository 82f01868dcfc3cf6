//! Who asks the database: what its rules know of a request.

use palisade_core::Identity;
use serde_json::json;

/// Who asks. Whatever is read or written is read or written as somebody: there is no other way in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    kind: Kind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Nobody,
    User { id: Box<str>, power: Power },
    Service,
}

/// What a user may beside his own.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Power {
    None,
    Admin,
    /// An admin for a while, by the elevation with this id.
    Lent(Box<str>),
}

// === impl Caller ===

impl Caller {
    /// Nobody in particular: sees what is published, and changes nothing.
    #[must_use]
    pub const fn nobody() -> Self {
        Self { kind: Kind::Nobody }
    }

    /// The user with this id.
    #[must_use]
    pub fn user(id: impl Into<Box<str>>) -> Self {
        Self { kind: Kind::User { id: id.into(), power: Power::None } }
    }

    /// An admin with this id. He sees most rows, but nobody's secrets, and does not write what is another's.
    #[must_use]
    pub fn admin(id: impl Into<Box<str>>) -> Self {
        Self { kind: Kind::User { id: id.into(), power: Power::Admin } }
    }

    /// An admin for a while, by the [elevation](crate::Elevations) with the id `elevation`. He sees what an admin sees, and neither
    /// decides about elevations nor changes users. Whatever he does is refused once it has ended: when it begins and when it is
    /// to be kept.
    #[must_use]
    pub fn elevated(id: impl Into<Box<str>>, elevation: impl Into<Box<str>>) -> Self {
        Self { kind: Kind::User { id: id.into(), power: Power::Lent(elevation.into()) } }
    }

    /// The server itself, when no request is behind it: it loads users, and wraps secrets again under a new key.
    #[must_use]
    pub const fn service() -> Self {
        Self { kind: Kind::Service }
    }

    /// Whoever `identity` is, under the name `id`.
    #[must_use]
    pub fn of(identity: &Identity, id: impl Into<Box<str>>) -> Self {
        if identity.is_admin() { Self::admin(id) } else { Self::user(id) }
    }

    /// The user's id, if it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        match &self.kind {
            Kind::User { id, .. } => Some(id),
            Kind::Nobody | Kind::Service => None,
        }
    }

    /// Whether it is an admin.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        matches!(self.kind, Kind::User { power: Power::Admin | Power::Lent(_), .. })
    }

    /// The elevation by which he is an admin, if it is one that makes him one.
    #[must_use]
    pub fn elevation(&self) -> Option<&str> {
        match &self.kind {
            Kind::User { power: Power::Lent(elevation), .. } => Some(elevation),
            _ => None,
        }
    }

    pub(crate) fn is_service(&self) -> bool {
        self.kind == Kind::Service
    }

    /// The claims as PostgREST and Supabase set them, for `auth.uid()` and the policies.
    pub(crate) fn claims(&self, organisation: Option<&str>) -> String {
        let roles: &[&str] = if self.is_admin() { &[Identity::ADMIN] } else { &[] };
        let role = match self.kind {
            Kind::Nobody => "anon",
            Kind::User { .. } => "authenticated",
            Kind::Service => "service_role",
        };
        json!({
            "sub": self.user_id(),
            "role": role,
            "app_metadata": { "roles": roles },
            "organisation": organisation,
            "elevation": self.elevation(),
        })
        .to_string()
    }
}
