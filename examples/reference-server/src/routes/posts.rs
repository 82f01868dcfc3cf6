//! `/post/:id.{xhtml,pdf,md,json}`: a post in every form.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use palisade::{
    core::Rejection,
    route_registry::{AccessRouter, PathParams},
    secure_headers::CspNonce,
};
use serde_json::{Value, json};

use super::{Routes, answers};
use crate::{
    app::Shared,
    demo::{Demo, Post},
    openapi::{Members, Operation, number, object, text},
    render::{self, Document},
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public(
            "/post/:id.xhtml",
            get(async |State(shared): State<Arc<Shared>>, nonce: CspNonce, params: PathParams| {
                let body = render::xhtml(&document(&shared, &params)?, &nonce);
                Ok::<_, Rejection>(answers::of_type("application/xhtml+xml; charset=utf-8", body))
            }),
        )
        .public(
            "/post/:id.pdf",
            get(async |State(shared): State<Arc<Shared>>, params: PathParams| {
                let document = document(&shared, &params)?;
                let name = answers::named(&format!("{}.pdf", params.get("id").unwrap_or_default()));
                Ok::<_, Rejection>(
                    (name, answers::of_type("application/pdf", render::pdf(&document)))
                        .into_response(),
                )
            }),
        )
        .public(
            "/post/:id.md",
            get(async |State(shared): State<Arc<Shared>>, params: PathParams| {
                let body = document(&shared, &params)?.markdown();
                Ok::<_, Rejection>(answers::of_type("text/markdown; charset=utf-8", body))
            }),
        )
        .public("/post/:id.json", get(one))
        .public("/api/posts/:id", get(one))
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

async fn one(State(shared): State<Arc<Shared>>, params: PathParams) -> Result<Response, Rejection> {
    Ok(Json(view(&shared.demo, found(&shared, &params)?)).into_response())
}

fn found<'a>(shared: &'a Shared, params: &PathParams) -> Result<&'a Post, Rejection> {
    shared.demo.post(params.parse("id")?).ok_or_else(answers::not_found)
}

fn document<'a>(shared: &'a Shared, params: &PathParams) -> Result<Document<'a>, Rejection> {
    Ok(Document::of_post(&shared.demo, found(shared, params)?))
}
