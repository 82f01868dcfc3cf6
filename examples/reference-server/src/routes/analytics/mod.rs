//! What was asked: lately, in numbers, and live.

mod stream;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    routing::{delete, get},
};
use http::{Method, StatusCode};
use palisade::{
    analytics::{Dimension, Filter, RecordedAddress},
    core::{ConfigError, Rejection, RejectionKind, RouteTag},
    route_registry::{AccessRouter, Declare},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers,
};
use crate::app::Shared;

/// The id of the live stream, which is its path.
pub(super) const STREAM: &str = "/api/analytics/stream";

/// The most rows of a count.
const ROWS: usize = 10_000;
/// The most records of one page.
const MOST: usize = 1000;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Question {
    route: Option<String>,
    status: Option<u16>,
    user: Option<String>,
    address: Option<IpAddr>,
    limit: Option<usize>,
    cursor: Option<String>,
    /// Counts by this instead of listing: `address`, `route`, `status` or `user`.
    count_by: Option<String>,
}

pub(super) fn routes(stream_tags: &[RouteTag]) -> Routes {
    let live = stream_tags.iter().copied().fold(Declare::admin(STREAM), Declare::tag);
    AccessRouter::new()
        .route(Declare::admin("/api/analytics").methods([Method::GET]), get(list))
        .route(
            Declare::admin("/api/analytics").methods([Method::DELETE]).id("DELETE /api/analytics"),
            delete(clear),
        )
        .route(live, get(stream::follow))
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Query(question): Query<Question>,
) -> Result<Json<Value>, Rejection> {
    let analytics = &shared.analytics;
    // What the caller asked before must be there. It waits for a thread, so not on one that serves others.
    let waiting = analytics.clone();
    let flushed = tokio::task::spawn_blocking(move || waiting.flush()).await;
    flushed.map_err(|error| answers::broken(&error))?;
    let filter = filter(&question)?;
    let before = question.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|error: ConfigError| invalid(&error))?;
    let limit = question.limit.unwrap_or(100).clamp(1, MOST);
    let store = Arc::clone(analytics.store());
    let summary = store.summary(&filter).map_err(|error| answers::broken(&error))?;
    let totals = json!({ "total": summary.requests, "dropped": analytics.dropped() });
    if let Some(dimension) = &question.count_by {
        let dimension = dimension_called(dimension)?;
        let counts = store.count_by(&filter, dimension, question.limit.unwrap_or(100).min(ROWS));
        let counts = counts.map_err(|error| answers::broken(&error))?;
        let rows = counts.rows.into_iter();
        let rows: Vec<_> =
            rows.map(|(value, count)| json!({ "value": value, "count": count })).collect();
        return Ok(Json(json!({ "counts": rows, "other": counts.other, "totals": totals })));
    }
    let page = store.page(&filter, before, limit).map_err(|error| answers::broken(&error))?;
    Ok(Json(json!({ "page": page, "totals": totals })))
}

async fn clear(State(shared): State<Arc<Shared>>, admin: Admin) -> Result<Json<Value>, Rejection> {
    let forget = |_: &Shared| {
        Ok(Done::once_recorded(|shared| {
            shared.analytics.delete(&Filter::new()).unwrap_or_default()
        }))
    };
    let cleared = carry_out(&shared, admin.does("analytics.clear"), forget).await?;
    Ok(Json(json!({ "cleared": cleared })))
}

fn dimension_called(name: &str) -> Result<Dimension, Rejection> {
    let unknown = || {
        let known: Vec<_> = Dimension::ALL.iter().map(|dimension| dimension.as_str()).collect();
        let detail = format!("countBy is one of {}.", known.join(", "));
        Rejection::new(RejectionKind::Invalid, answers::INVALID).detail(detail)
    };
    Dimension::ALL.into_iter().find(|dimension| dimension.as_str() == name).ok_or_else(unknown)
}

fn filter(question: &Question) -> Result<Filter, Rejection> {
    let mut filter = Filter::new();
    if let Some(route) = &question.route {
        filter = filter.route(route.as_str());
    }
    if let Some(status) = question.status {
        filter = filter.status(StatusCode::from_u16(status).map_err(|error| invalid(&error))?);
    }
    if let Some(user) = &question.user {
        filter = filter.user(user.as_str());
    }
    if let Some(address) = question.address {
        filter = filter.address(RecordedAddress::Ip(address));
    }
    Ok(filter)
}

fn invalid(error: &dyn std::error::Error) -> Rejection {
    Rejection::new(RejectionKind::Invalid, answers::INVALID).detail(error.to_string())
}
