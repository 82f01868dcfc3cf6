//! The user whom a path and a query name: `…/:user?issuer=…`.

use palisade::{core::Rejection, route_registry::PathParams};
use serde::Deserialize;

use super::answers::invalid;
use crate::{app::Shared, directory};

/// Who vouches for the user; the first issuer, if nothing is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vouched {
    issuer: Option<String>,
}

/// A user of this server, known or not.
pub(super) struct NamedUser<'a> {
    /// As his tokens name him.
    pub(super) subject: &'a str,
    /// As the database names him.
    pub(super) name: String,
}

// === impl NamedUser ===

impl<'a> NamedUser<'a> {
    /// The user of the path.
    pub(super) fn of(
        shared: &Shared,
        params: &'a PathParams,
        vouched: &Vouched,
    ) -> Result<Self, Rejection> {
        let subject = params.get("user").filter(|subject| !subject.trim().is_empty());
        let id =
            subject.and_then(|subject| shared.directory.id(subject, vouched.issuer.as_deref()));
        match (subject, id) {
            (Some(subject), Some(id)) => Ok(Self { subject, name: directory::name(&id) }),
            _ => {
                Err(invalid("The user and `issuer` are `sub` and `iss` of tokens that count here."))
            }
        }
    }
}
