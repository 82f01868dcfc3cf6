//! `GET /api/me`: the caller, as the server sees it.

use axum::{Json, routing::get};
use palisade::{core::Identity, route_registry::AccessRouter};
use serde_json::{Value, json};

use super::Routes;

pub(super) fn routes() -> Routes {
    AccessRouter::new().authenticated("/api/me", get(me))
}

async fn me(identity: Identity) -> Json<Value> {
    Json(json!({
        "sub": identity.subject(),
        "roles": identity.roles().collect::<Vec<_>>(),
        "authenticatedBy": identity.kind().as_str(),
        "isAdmin": identity.is_admin(),
    }))
}
