//! What readers and search engines fetch.

use std::{fmt::Write, io, sync::Arc};

use axum::{extract::State, response::Response, routing::get};
use palisade::{core::Rejection, route_registry::AccessRouter};

use super::{Routes, visitor::Visitor};
use crate::{
    app::Shared,
    content_cache::{ContentKind, Recipe, Rendered, Source},
    demo::Demo,
    openapi::Operation,
    render,
};

const ATOM: &str = "/feed.xml";
const PRODUCTS: &str = "/products.xml";
const SITEMAP: &str = "/sitemap-en.xml";
const LLMS: &str = "/llms.txt";

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public(ATOM, get(atom))
        .public(PRODUCTS, get(products))
        .public(SITEMAP, get(sitemap))
        .public(LLMS, get(llms))
}

async fn atom(State(shared): State<Arc<Shared>>, visitor: Visitor) -> Result<Response, Rejection> {
    let recipe = feed(ATOM, "atom").of(Source::posts()).of(Source::profiles());
    visitor.shown(&shared, recipe, || {
        xml("application/atom+xml; charset=utf-8", &shared, render::atom)
    })
}

async fn products(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
) -> Result<Response, Rejection> {
    let recipe = feed(PRODUCTS, "products").of(Source::products());
    visitor.shown(&shared, recipe, || {
        xml("application/rss+xml; charset=utf-8", &shared, render::products)
    })
}

async fn sitemap(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
) -> Result<Response, Rejection> {
    let recipe = feed(SITEMAP, "sitemap").of(Source::posts()).of(Source::pages());
    visitor
        .shown(&shared, recipe, || xml("application/xml; charset=utf-8", &shared, render::sitemap))
}

async fn llms(State(shared): State<Arc<Shared>>, visitor: Visitor) -> Result<Response, Rejection> {
    let recipe = feed(LLMS, "llms").of(Source::posts());
    visitor.shown(&shared, recipe, || {
        let base = &shared.base_url;
        let mut text = String::from(
            "# Palisade\n\n> A reference server behind a documented security stack.\n\n## Posts\n\n",
        );
        for post in &shared.demo.posts {
            // Writing into a string does not fail.
            writeln!(text, "- [{}]({base}{})", post.title, post.path("md")).unwrap_or_default();
        }
        Ok(Rendered::new("text/plain; charset=utf-8", text))
    })
}

fn feed(path: &'static str, template: &str) -> Recipe {
    Recipe::new(ContentKind::Feed, path).of(Source::template(template))
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
) -> io::Result<Rendered> {
    Ok(Rendered::new(media_type, render(&shared.demo, &shared.base_url)?))
}
