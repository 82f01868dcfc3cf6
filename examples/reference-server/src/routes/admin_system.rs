//! Restart and caches.

use std::sync::Arc;

use axum::{Json, extract::State, routing::post};
use http::StatusCode;
use palisade::{core::Rejection, route_registry::AccessRouter};
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
};
use crate::{
    app::Shared,
    openapi::{Operation, flag, list_of, object, text},
    orders::Order,
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/system/restart", post(restart))
        .admin("/api/flush-cache", post(flush))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/admin/system/restart", "Ends the server gracefully")
            .about("What supervises the server starts it again.")
            .json(202, "It ends", object().has("restarting", flag())),
        Operation::post("/api/flush-cache", "Forgets verified tokens and places of addresses")
            .json(200, "What was forgotten", object().has("flushed", list_of(text()))),
    ]
}

/// Ends the server gracefully; whatever supervises it (systemd with `Restart=always`) starts it again.
async fn restart(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    let end = |_: &Shared| Ok(Done::once_recorded(|shared| shared.restart.notify_one()));
    carry_out(&shared, admin.does("system.restart"), end).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "restarting": true }))))
}

/// Forgets every verified token, so that the next request is checked anew, what was rendered, and where clients are, as far as
/// somebody was asked.
async fn flush(State(shared): State<Arc<Shared>>, admin: Admin) -> Result<Json<Value>, Rejection> {
    let forget = |shared: &Shared| {
        // What was rendered and verified ends with the process; where clients are is in a file.
        Ok(if asks(shared) {
            Done::ordered(Order::ForgetLocations, forget)
        } else {
            Done::once_recorded(forget)
        })
    };
    carry_out(&shared, admin.does("cache.flush"), forget).await?;
    let locations = asks(&shared).then_some("locations");
    let flushed: Vec<_> = ["verified-tokens", "content"].into_iter().chain(locations).collect();
    Ok(Json(json!({ "flushed": flushed })))
}

/// Whether somebody is asked where clients are. A database is a file: there is nothing of it to forget.
fn asks(shared: &Shared) -> bool {
    shared.locations.as_ref().is_some_and(|locations| locations.geo().has_provider())
}

fn forget(shared: &Shared) {
    shared.verifier.bump_epoch();
    shared.content.clear();
    if let Some(locations) = &shared.locations {
        locations.geo().forget();
    }
}
