//! `/user/:id/pages/:slug.{xhtml,html,pdf,md,json,email.html}`: a user's page in every form.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use palisade::{
    core::Rejection,
    route_registry::{AccessRouter, PathParams},
    secure_headers::CspNonce,
};
use serde_json::json;

use super::{Routes, answers};
use crate::{
    app::Shared,
    demo::Page,
    render::{self, Document},
};

/// A form a page can be shown in.
type Form = fn(&Shared, &Page, &CspNonce) -> Response;

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public("/user/:id/pages/:slug.xhtml", get(async |shared: State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
            shown(&shared, &params, &nonce, |shared, page, nonce| {
                answers::of_type("application/xhtml+xml; charset=utf-8", render::xhtml(&document(shared, page), nonce))
            })
        }))
        .public("/user/:id/pages/:slug.html", get(async |shared: State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
            shown(&shared, &params, &nonce, |shared, page, nonce| Html(render::html(&document(shared, page), nonce)).into_response())
        }))
        .public("/user/:id/pages/:slug.email.html", get(async |shared: State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
            shown(&shared, &params, &nonce, |shared, page, _| Html(render::email(&document(shared, page))).into_response())
        }))
        .public("/user/:id/pages/:slug.pdf", get(async |shared: State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
            shown(&shared, &params, &nonce, |shared, page, _| {
                let name = answers::named(&format!("{}.pdf", page.slug));
                (name, answers::of_type("application/pdf", render::pdf(&document(shared, page)))).into_response()
            })
        }))
        .public("/user/:id/pages/:slug.md", get(async |shared: State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
            shown(&shared, &params, &nonce, |shared, page, _| {
                answers::of_type("text/markdown; charset=utf-8", document(shared, page).markdown())
            })
        }))
        .public("/user/:id/pages/:slug.json", get(async |shared: State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
            shown(&shared, &params, &nonce, |_, page, _| {
                let date = page.date.to_string();
                let view = json!({ "user": page.user, "slug": page.slug, "title": page.title, "date": date, "markdown": page.text });
                Json(view).into_response()
            })
        }))
}

fn shown(
    shared: &Shared,
    params: &PathParams,
    nonce: &CspNonce,
    form: Form,
) -> Result<Response, Rejection> {
    let part = |name| params.get(name).unwrap_or_default();
    let page = shared.demo.page(part("id"), part("slug")).ok_or_else(answers::not_found)?;
    Ok(form(shared, page, nonce))
}

fn document<'a>(shared: &'a Shared, page: &'a Page) -> Document<'a> {
    Document::of_page(&shared.demo, page)
}
