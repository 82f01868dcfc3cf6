//! `/embed/…`: widgets that other sites may frame. The tag relaxes the headers, not the path.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use palisade::{
    core::{Rejection, RouteTag},
    route_registry::{AccessRouter, Declare, PathParams},
    secure_headers::CspNonce,
};

use super::{Routes, answers};
use crate::{
    app::Shared,
    openapi::Operation,
    render::{self, Document, Escaped},
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .route(Declare::public("/embed/:id").tag(RouteTag::EMBED), get(medium))
        .route(Declare::public("/embed/page/:id").tag(RouteTag::EMBED), get(page))
}

pub(super) fn operations() -> Vec<Operation> {
    let html = ["text/html; charset=utf-8"];
    vec![
        Operation::get("/embed/:id", "A medium, for frames of other sites")
            .content(html, "The widget"),
        Operation::get("/embed/page/:id", "A page, for frames of other sites")
            .content(html, "The widget"),
    ]
}

async fn medium(
    State(shared): State<Arc<Shared>>,
    nonce: CspNonce,
    params: PathParams,
) -> Result<Response, Rejection> {
    let item =
        shared.demo.medium(params.get("id").unwrap_or_default()).ok_or_else(answers::not_found)?;
    let inner = format!(
        "<figure><figcaption>{} ({})</figcaption></figure>",
        Escaped(item.title),
        Escaped(item.kind)
    );
    Ok(Html(render::embed(item.title, &inner, &nonce)).into_response())
}

async fn page(
    State(shared): State<Arc<Shared>>,
    nonce: CspNonce,
    params: PathParams,
) -> Result<Response, Rejection> {
    let slug = params.get("id").unwrap_or_default();
    let page =
        shared.demo.pages.iter().find(|page| page.slug == slug).ok_or_else(answers::not_found)?;
    let inner = Document::of_page(&shared.demo, page).fragment();
    Ok(Html(render::embed(page.title, &inner, &nonce)).into_response())
}
