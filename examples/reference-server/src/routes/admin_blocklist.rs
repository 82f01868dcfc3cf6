//! How the blocklist is doing.

use std::sync::Arc;

use axum::{Json, extract::State, routing::get};
use palisade::{core::Rejection, route_registry::AccessRouter};
use serde_json::Value;

use super::{Routes, answers};
use crate::app::Shared;

pub(super) fn routes() -> Routes {
    AccessRouter::new().admin("/api/admin/blocklist", get(status))
}

async fn status(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    answers::view(&shared.blocklist.shared().status())
}
