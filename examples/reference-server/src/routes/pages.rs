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
    openapi::{Operation, object, text},
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

pub(super) fn operations() -> Vec<Operation> {
    let page = object().has("user", text()).has("slug", text()).has("title", text());
    let page = page.has("date", text()).has("markdown", text());
    vec![
        Operation::get("/user/:id/pages/:slug.xhtml", "A user's page as XHTML")
            .content(["application/xhtml+xml; charset=utf-8"], "The page"),
        Operation::get("/user/:id/pages/:slug.html", "A user's page")
            .content(["text/html; charset=utf-8"], "The page"),
        Operation::get("/user/:id/pages/:slug.email.html", "A user's page for a letter")
            .content(["text/html; charset=utf-8"], "The letter"),
        Operation::get("/user/:id/pages/:slug.pdf", "A user's page to print")
            .content(["application/pdf"], "The page"),
        Operation::get("/user/:id/pages/:slug.md", "A user's page as Markdown")
            .content(["text/markdown; charset=utf-8"], "The page"),
        Operation::get("/user/:id/pages/:slug.json", "A user's page as data")
            .json(200, "The page", page),
    ]
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
