//! `GET /favicon.ico`: what a browser asks for beside every page, and says in its console if it is missing.

use axum::{response::IntoResponse, routing::get};
use http::header;
use palisade::route_registry::AccessRouter;

use super::{Routes, answers};
use crate::openapi::Operation;

/// Three stakes.
const ICON: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>\
<path fill='#14532d' d='M1 15V4l2-3 2 3v11zm5 0V4l2-3 2 3v11zm5 0V4l2-3 2 3v11z'/></svg>\n";

pub(super) fn routes() -> Routes {
    AccessRouter::new().public("/favicon.ico", get(icon))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/favicon.ico", "The icon of the pages")
            .content(["image/svg+xml"], "The icon"),
    ]
}

async fn icon() -> impl IntoResponse {
    let a_day = [(header::CACHE_CONTROL, "public, max-age=86400")];
    (a_day, answers::of_type("image/svg+xml", ICON))
}
