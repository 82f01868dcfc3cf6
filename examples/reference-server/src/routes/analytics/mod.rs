//! What was asked: lately, in numbers, as a file, and live.

mod accept;
mod asked;
mod clear;
mod csv;
mod export;
mod list;
mod parameters;
mod question;
mod stream;

use axum::routing::{delete, get};
use http::Method;
use palisade::{
    core::RouteTag,
    route_registry::{AccessRouter, Declare},
};

pub(crate) use self::asked::AT_A_TIME as QUESTIONS;

use super::Routes;

/// The id of the live stream, which is its path.
pub(super) const STREAM: &str = "/api/analytics/stream";

pub(super) fn routes(stream_tags: &[RouteTag]) -> Routes {
    let live = stream_tags.iter().copied().fold(Declare::admin(STREAM), Declare::tag);
    AccessRouter::new()
        .route(Declare::admin("/api/analytics").methods([Method::GET]), get(list::list))
        .route(
            Declare::admin("/api/analytics").methods([Method::DELETE]).id("DELETE /api/analytics"),
            delete(clear::clear),
        )
        .route(live, get(stream::follow))
}
