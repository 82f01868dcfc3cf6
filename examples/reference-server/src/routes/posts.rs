//! `/post/:id.{xhtml,pdf,md,json}`: a post in every form.

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use palisade::{
    core::Rejection,
    route_registry::{AccessRouter, PathParams},
    secure_headers::CspNonce,
};
use serde_json::{Value, json};

use super::{Routes, answers, visitor::Visitor};
use crate::{
    app::Shared,
    content_cache::{ContentKind, Recipe, Rendered, Source},
    demo::{Demo, Post},
    openapi::{Members, Operation, number, object, text},
    render::{self, Document},
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public("/post/:id.xhtml", get(xhtml))
        .public("/post/:id.pdf", get(pdf))
        .public("/post/:id.md", get(markdown))
        .public("/post/:id.json", get(json))
        .public("/api/posts/:id", get(api))
}

pub(super) fn operations() -> Vec<Operation> {
    let post = |path, summary| Operation::get(path, summary).path("id", number(0, None));
    vec![
        post("/post/:id.xhtml", "A post as a page")
            .content(["application/xhtml+xml; charset=utf-8"], "The post"),
        post("/post/:id.pdf", "A post to print").content(["application/pdf"], "The post"),
        post("/post/:id.md", "A post as Markdown")
            .content(["text/markdown; charset=utf-8"], "The post"),
        post("/post/:id.json", "A post as data").json(200, "The post", shape()),
        post("/api/posts/:id", "A post as data").json(200, "The post", shape()),
    ]
}

/// What [`view`] shows.
pub(super) fn shape() -> Members {
    let author = object().has("id", text()).has("name", text());
    object()
        .has("id", number(0, None))
        .has("title", text())
        .has("author", author)
        .has("date", text())
        .has("markdown", text())
}

/// A post as the API shows it.
pub(super) fn view(demo: &Demo, post: &Post) -> Value {
    json!({
        "id": post.id,
        "title": post.title,
        "author": { "id": post.author, "name": demo.name_of(post.author) },
        "date": post.date.to_string(),
        "markdown": post.text,
    })
}

/// With a nonce, so it is rendered for each who asks.
async fn xhtml(
    State(shared): State<Arc<Shared>>,
    nonce: CspNonce,
    params: PathParams,
) -> Result<Response, Rejection> {
    let document = Document::of_post(&shared.demo, found(&shared, &params)?);
    let body = render::xhtml(&document, &nonce);
    Ok(answers::of_type("application/xhtml+xml; charset=utf-8", body))
}

async fn pdf(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let post = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Pdf, post.path("pdf"), post, "pdf"), || {
        let pdf = render::pdf(&Document::of_post(&shared.demo, post));
        Ok(Rendered::new("application/pdf", pdf).named(&format!("{}.pdf", post.id)))
    })
}

async fn markdown(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let post = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Post, post.path("md"), post, "markdown"), || {
        let text = Document::of_post(&shared.demo, post).markdown();
        Ok(Rendered::new("text/markdown; charset=utf-8", text))
    })
}

async fn json(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let post = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Post, post.path("json"), post, "json"), || {
        Rendered::json(&view(&shared.demo, post))
    })
}

async fn api(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
    params: PathParams,
) -> Result<Response, Rejection> {
    let post = found(&shared, &params)?;
    visitor.shown(&shared, recipe(ContentKind::Post, post.api_path(), post, "json"), || {
        Rendered::json(&view(&shared.demo, post))
    })
}

fn recipe(kind: ContentKind, path: String, post: &Post, template: &str) -> Recipe {
    Recipe::new(kind, path)
        .of(Source::post(post.id))
        .of(Source::profile(post.author))
        .of(Source::template(template))
}

fn found<'a>(shared: &'a Shared, params: &PathParams) -> Result<&'a Post, Rejection> {
    shared.demo.post(params.parse("id")?).ok_or_else(answers::not_found)
}
