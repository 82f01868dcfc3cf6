//! `POST /api/stream-tickets`: a one-time ticket for a stream, for clients that can send no header.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State, routing::post};
use http::StatusCode;
use palisade::{
    core::{Rejection, RejectionKind, SecurityContext},
    route_registry::AccessRouter,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Routes, STREAMS, answers};
use crate::{
    app::Shared,
    openapi::{Operation, count, object, text},
    tickets::LIFE,
};

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The path of the stream.
    #[schema(pattern = "^/api/(analytics|logs/system)/stream$")]
    route: String,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new().authenticated("/api/stream-tickets", post(issue))
}

pub(super) fn operations() -> Vec<Operation> {
    let ticket = object().has("ticket", text()).has("url", text());
    vec![
        Operation::post("/api/stream-tickets", "A one-time ticket for a stream")
            .about("For clients that can send no header, such as `EventSource`.")
            .takes::<Wanted>()
            .by_token_alone()
            .json(201, "The ticket", ticket.has("expiresInSeconds", count())),
    ]
}

/// Good once, for the stream that is named, as the one who asks: whether he may follow it is asked when it is used.
async fn issue(
    State(shared): State<Arc<Shared>>,
    context: SecurityContext,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    let Wanted { route } = answers::payload(&body)?;
    let Some(stream) = STREAMS.into_iter().find(|stream| *stream == route) else {
        let detail = format!("`route` is one of {}.", STREAMS.join(", "));
        return Err(Rejection::new(RejectionKind::Invalid, answers::INVALID).detail(detail));
    };
    let user = context.identity().map(|who| shared.directory.name_in_database(who));
    let ticket = shared.tickets.issue(&context, stream, user.unwrap_or_default()).await?;
    let url = format!("{stream}?ticket={}", ticket.expose());
    let answer =
        json!({ "ticket": ticket.expose(), "url": url, "expiresInSeconds": LIFE.as_secs() });
    Ok((StatusCode::CREATED, Json(answer)))
}
