//! The figures, for admins.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response, routing::get};
use http::HeaderMap;
use palisade::{
    core::{Rejection, RouteTag},
    route_registry::{AccessRouter, Declare},
};

use super::Routes;
use crate::{app::Shared, metrics};

pub(super) fn routes() -> Routes {
    AccessRouter::new().route(Declare::admin("/metrics").tag(RouteTag::UNTRACKED), get(show))
}

async fn show(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    Ok(metrics::answer(&shared, &headers).await?.map(Body::from))
}
