//! What readers and search engines fetch.

use std::{fmt::Write, io, sync::Arc};

use axum::{extract::State, response::Response, routing::get};
use palisade::{core::Rejection, route_registry::AccessRouter};

use super::{Routes, answers};
use crate::{app::Shared, demo::Demo, openapi::Operation, render};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public(
            "/feed.xml",
            get(async |State(shared): State<Arc<Shared>>| {
                xml("application/atom+xml; charset=utf-8", &shared, render::atom)
            }),
        )
        .public(
            "/products.xml",
            get(async |State(shared): State<Arc<Shared>>| {
                xml("application/rss+xml; charset=utf-8", &shared, render::products)
            }),
        )
        .public(
            "/sitemap-en.xml",
            get(async |State(shared): State<Arc<Shared>>| {
                xml("application/xml; charset=utf-8", &shared, render::sitemap)
            }),
        )
        .public("/llms.txt", get(llms))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/feed.xml", "Posts, as Atom")
            .content(["application/atom+xml; charset=utf-8"], "The feed"),
        Operation::get("/products.xml", "Products, as RSS")
            .content(["application/rss+xml; charset=utf-8"], "The feed"),
        Operation::get("/sitemap-en.xml", "All pages, for search engines")
            .content(["application/xml; charset=utf-8"], "The sitemap"),
        Operation::get("/llms.txt", "What there is, for language models")
            .content(["text/plain; charset=utf-8"], "The text"),
    ]
}

fn xml(
    media_type: &'static str,
    shared: &Shared,
    render: impl Fn(&Demo, &str) -> io::Result<Vec<u8>>,
) -> Result<Response, Rejection> {
    let body = render(&shared.demo, &shared.base_url).map_err(|error| answers::broken(&error))?;
    Ok(answers::of_type(media_type, body))
}

async fn llms(State(shared): State<Arc<Shared>>) -> Response {
    let base = &shared.base_url;
    let mut text = String::from(
        "# Palisade\n\n> A reference server behind a documented security stack.\n\n## Posts\n\n",
    );
    for post in &shared.demo.posts {
        // Writing into a string does not fail.
        writeln!(text, "- [{}]({base}/post/{}.md)", post.title, post.id).unwrap_or_default();
    }
    answers::of_type("text/plain; charset=utf-8", text)
}
