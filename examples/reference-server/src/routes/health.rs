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
    core::RouteTag,
    route_registry::{AccessRouter, Declare},
};

use super::{Routes, answers, readiness::Readiness};
use crate::{
    app::Shared,
    openapi::{Operation, any, object, word},
};

/// How long `security.txt` may be relied on (RFC 9116 section 2.5.5 asks for less than a year).
const CONTACT_VALID: Duration = Duration::from_hours(180 * 24);

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .route(Declare::public("/healthz").tag(RouteTag::UNTRACKED), get(async || "ok\n"))
        .route(Declare::public("/readyz").tag(RouteTag::UNTRACKED), get(ready))
        .public("/.well-known/security.txt", get(contact))
}

pub(super) fn operations() -> Vec<Operation> {
    let text = ["text/plain; charset=utf-8"];
    let state = || {
        let state = object().has("status", word(["ok", "degraded"])).has("parts", any());
        state.may_have("mistakes", any())
    };
    vec![
        Operation::get("/healthz", "Whether the server lives").content(text, "It does"),
        Operation::get("/readyz", "Whether the server can do its work")
            .json(200, "Requests are answered as they should be", state())
            .json(503, "Some are not", state()),
        Operation::get("/.well-known/security.txt", "Whom to tell of a hole")
            .content(text, "RFC 9116"),
    ]
}

/// 200 while requests are answered as configured: also without Redis where limits go on without it, without locations of clients, records
/// or a log, and with a certificate that could not be replaced and still counts; 503 where something refuses or lets in what it
/// should not. It names the part, and where in its file the mistake is, which says nothing to a stranger; what went wrong is in the
/// log, and where admins read.
async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let readiness = Readiness::of(&shared);
    let status =
        if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness.into_json())).into_response()
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
