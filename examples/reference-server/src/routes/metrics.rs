//! The figures, for admins.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response, routing::get};
use http::HeaderMap;
use palisade::{
    core::{Rejection, RouteTag},
    route_registry::{AccessRouter, Declare},
};

use super::Routes;
use crate::{app::Shared, metrics, openapi::Operation};

pub(super) fn routes() -> Routes {
    AccessRouter::new().route(Declare::admin("/metrics").tag(RouteTag::UNTRACKED), get(show))
}

pub(super) fn operations() -> Vec<Operation> {
    let types = [
        "text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ];
    vec![Operation::get("/metrics", "The figures, for Prometheus").content(types, "The figures")]
}

async fn show(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    Ok(metrics::answer(&shared, &headers).await?.map(Body::from))
}
