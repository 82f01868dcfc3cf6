//! `/user/:id/pages/:slug.{xhtml,html,pdf,md,json,email.html}`: a user's page in every form.

use std::sync::Arc;

use axum::{
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

use super::{Routes, answers, visitor::Visitor};
use crate::{
    app::Shared,
    content_cache::{ContentKind, Recipe, Rendered, Source},
    demo::Page,
    openapi::{Operation, object, text},
    render::{self, Document},
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public("/user/:id/pages/:slug.xhtml", get(xhtml))
        .public("/user/:id/pages/:slug.html", get(html))
        .public("/user/:id/pages/:slug.email.html", get(email))
        .public("/user/:id/pages/:slug.pdf", get(pdf))
        .public("/user/:id/pages/:slug.md", get(markdown))
        .public("/user/:id/pages/:slug.json", get(json))
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

/// With a nonce, so it is rendered for each who asks; and so is HTML.
async fn xhtml(
    State(shared): State<Arc<Shared>>,
    nonce: CspNonce,
    params: PathParams,
) -> Result<Response, Rejection> {
    let body = render::xhtml(&document(&shared, found(&shared, &params)?), &nonce);
    Ok(answers::of_type("application/xhtml+xml; charset=utf-8", body))
}

async fn html(
    State(shared): State<Arc<Shared>>,
    nonce: CspNonce,
    params: PathParams,
) -> Result<Response, Rejection> {
    let page = found(&shared, &params)?;
    Ok(Html(render::html(&document(&shared, page), &nonce)).into_response())
}

/// Holds no nonce, but its policy does.
async fn email(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
) -> Result<Response, Rejection> {
    let page = found(&shared, &params)?;
    Ok(Html(render::email(&document(&shared, page))).into_response())
}

async fn pdf(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let page = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Pdf, page, "pdf", "pdf"), || {
        let pdf = render::pdf(&document(&shared, page));
        Ok(Rendered::new("application/pdf", pdf).named(&format!("{}.pdf", page.slug)))
    })
}

async fn markdown(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let page = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Page, page, "md", "markdown"), || {
        let text = document(&shared, page).markdown();
        Ok(Rendered::new("text/markdown; charset=utf-8", text))
    })
}

async fn json(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let page = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Page, page, "json", "json"), || {
        let date = page.date.to_string();
        Rendered::json(&json!({
            "user": page.user,
            "slug": page.slug,
            "title": page.title,
            "date": date,
            "markdown": page.text,
        }))
    })
}

fn recipe(kind: ContentKind, page: &Page, form: &str, template: &str) -> Recipe {
    Recipe::new(kind, page.path(form))
        .of(Source::page(page.user, page.slug))
        .of(Source::profile(page.user))
        .of(Source::template(template))
}

fn found<'a>(shared: &'a Shared, params: &PathParams) -> Result<&'a Page, Rejection> {
    let part = |name| params.get(name).unwrap_or_default();
    shared.demo.page(part("id"), part("slug")).ok_or_else(answers::not_found)
}

fn document<'a>(shared: &'a Shared, page: &'a Page) -> Document<'a> {
    Document::of_page(&shared.demo, page)
}
