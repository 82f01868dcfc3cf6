//! Whom a rule is about, as admins name him.

use palisade::{core::Rejection, vfs_acl::Principal};
use palisade_database::{Act, DatabaseError, Organisations as _};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    app::Shared,
    openapi::anything,
    routes::answers::{self, invalid},
    vfs::read_principal,
};

/// Whom a rule is about.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) enum Named {
    /// One user, by the subject and the issuer of his tokens; the first issuer, if none is named.
    User {
        #[serde(rename = "userId")]
        user_id: String,
        issuer: Option<String>,
    },
    /// Whoever has this role.
    Role(String),
    /// Whoever acts for the organisation with this slug.
    Organisation(String),
    /// Everybody, also without an identity.
    Anyone,
}

/// What is told of one, for the description.
pub(super) fn described() -> utoipa::openapi::Schema {
    anything()
}

// === impl Named ===

impl Named {
    /// The principal of the rules; `act` is of the admin who asks.
    pub(super) async fn principal(
        self,
        shared: &Shared,
        act: &mut Act,
    ) -> Result<Principal, Rejection> {
        match self {
            Self::User { user_id, issuer } => user(shared, &user_id, issuer.as_deref()),
            Self::Role(role) => Ok(Principal::role(role)),
            Self::Organisation(slug) => match act.organisation(&slug).await {
                // By its id, which nobody else ever has.
                Ok(organisation) => Ok(Principal::organisation(organisation.id)),
                Err(DatabaseError::NotFound) => Err(invalid("There is no such organisation.")),
                Err(error) => Err(answers::database(&error)),
            },
            Self::Anyone => Ok(Principal::Anyone),
        }
    }
}

/// The user with this subject, of the first issuer if none is named.
pub(super) fn user(
    shared: &Shared,
    subject: &str,
    issuer: Option<&str>,
) -> Result<Principal, Rejection> {
    let id = Some(subject).filter(|subject| !subject.trim().is_empty());
    let id = id.and_then(|subject| shared.directory.id(subject, issuer));
    let id = id.ok_or_else(|| {
        invalid("`userId` and `issuer` are `sub` and `iss` of tokens that count here.")
    })?;
    Ok(match id.issuer() {
        Some(issuer) => Principal::user_of(issuer, id.subject()),
        None => Principal::user(id.subject()),
    })
}

/// As it is kept, in the words in which it is asked for; null, if it cannot be read.
pub(super) fn shown_text(text: &str) -> Value {
    read_principal(text).map_or(Value::Null, |principal| shown(&principal))
}

/// In the words in which it is asked for; an organisation by its id.
pub(super) fn shown(principal: &Principal) -> Value {
    match principal {
        Principal::User(subject) => json!({ "user": { "userId": **subject, "issuer": null } }),
        Principal::UserOf { issuer, subject } => {
            json!({ "user": { "userId": **subject, "issuer": **issuer } })
        }
        Principal::Role(role) => json!({ "role": **role }),
        Principal::Organisation(id) => json!({ "organisationId": **id }),
        Principal::Anyone => json!("anyone"),
        _ => Value::Null,
    }
}
