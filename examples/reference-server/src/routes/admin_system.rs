//! Restart and caches.

use std::sync::Arc;

use axum::{Json, extract::State, routing::post};
use http::StatusCode;
use palisade::{
    core::{Identity, SECURITY_TARGET},
    route_registry::AccessRouter,
};
use serde_json::{Value, json};

use super::Routes;
use crate::app::Shared;

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/system/restart", post(restart))
        .admin("/api/flush-cache", post(flush))
}

/// Ends the server gracefully; whatever supervises it (systemd with `Restart=always`) starts it again.
async fn restart(State(shared): State<Arc<Shared>>, admin: Identity) -> (StatusCode, Json<Value>) {
    tracing::info!(target: SECURITY_TARGET, event = "admin.restart", user_id = ?admin.subject(), "restart");
    shared.restart.notify_one();
    (StatusCode::ACCEPTED, Json(json!({ "restarting": true })))
}

/// Forgets every verified token, so that the next request is checked anew.
async fn flush(State(shared): State<Arc<Shared>>, admin: Identity) -> Json<Value> {
    tracing::info!(target: SECURITY_TARGET, event = "admin.flush-cache", user_id = ?admin.subject(), "caches flushed");
    shared.verifier.bump_epoch();
    Json(json!({ "flushed": ["verified-tokens"] }))
}
