//! How the blocklist is doing.

use std::sync::Arc;

use axum::{Json, extract::State, routing::get};
use palisade::{core::Rejection, route_registry::AccessRouter};
use serde_json::Value;

use super::{Routes, answers};
use crate::{
    app::Shared,
    openapi::{Operation, any, count, list_of, object, text, time},
};

pub(super) fn routes() -> Routes {
    AccessRouter::new().admin("/api/admin/blocklist", get(status))
}

pub(super) fn operations() -> Vec<Operation> {
    let hits = object().has("kind", text()).has("entry", text()).has("hits", count());
    let status = object().has("loads", count()).may_have("loaded", time()).has("entries", any());
    let status = status.has("hits", any()).has("top", list_of(hits)).may_have("error", any());
    vec![Operation::get("/api/admin/blocklist", "How the blocklist is doing").json(
        200,
        "Its state",
        status,
    )]
}

async fn status(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    answers::view(&shared.blocklist.shared().status())
}
