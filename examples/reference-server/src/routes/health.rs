//! Whether the server lives, whether it can do its work, and whom to tell when it cannot.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use jiff::Timestamp;
use palisade::{
    authn_jwt::KeysStatus,
    core::RouteTag,
    route_registry::{AccessRouter, Declare},
};
use serde_json::json;

use super::{Routes, answers};
use crate::app::Shared;

/// How long `security.txt` may be relied on (RFC 9116 section 2.5.5 asks for less than a year).
const CONTACT_VALID: Duration = Duration::from_secs(180 * 86_400);

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .route(Declare::public("/healthz").tag(RouteTag::UNTRACKED), get(async || "ok\n"))
        .route(Declare::public("/readyz").tag(RouteTag::UNTRACKED), get(ready))
        .public("/.well-known/security.txt", get(contact))
}

/// 200 while everything is as configured; 503 where something works with less than it should. It names the part and no
/// more: what went wrong in it is in the log.
async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let word = |fine: bool| if fine { "ok" } else { "degraded" };
    let blocklist = shared.blocklist.shared().status().is_current();
    let auto_ban = shared.auto_ban.as_ref().is_none_or(|auto_ban| auto_ban.status().is_healthy());
    // Keys that are old and cannot be fetched anew still do their work.
    let token_keys = shared.verifier.remote_keys().iter().all(KeysStatus::is_ready);
    // A key that was revoked is good again after a restart, as long as that is not written.
    let api_keys = shared.api_keys.is_current() && shared.api_keys.keys().is_written();
    let fine = blocklist && auto_ban && token_keys && api_keys;
    let status = if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts = json!({
        "blocklist": word(blocklist),
        "autoBan": word(auto_ban),
        "tokenKeys": word(token_keys),
        "apiKeys": word(api_keys),
    });
    (status, Json(json!({ "status": word(fine), "parts": parts }))).into_response()
}

async fn contact(State(shared): State<Arc<Shared>>) -> Response {
    let expires = shared
        .clock
        .now()
        .wall()
        .checked_add(CONTACT_VALID)
        .and_then(|time| Timestamp::try_from(time).ok());
    let expires = expires.map(|time| format!("{time:.0}")).unwrap_or_default();
    let base = &shared.base_url;
    let text = format!(
        "Contact: mailto:security@palisade.example\nExpires: {expires}\nCanonical: {base}/.well-known/security.txt\n"
    );
    answers::of_type("text/plain; charset=utf-8", text)
}
