//! The API's public reading side, and two routes that cost more than others.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use palisade::{core::Rejection, route_registry::AccessRouter};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Routes, posts, visitor::Visitor};
use crate::{
    app::Shared,
    content_cache::{ContentKind, Recipe, Rendered, Source},
    demo::{MediaItem, Profile},
    openapi::{Operation, count, list_of, object, text},
};

pub(super) const SEARCH: &str = "/api/search";
pub(super) const SITE_INFO: &str = "/api/serving/site-info";

const FEED: &str = "/api/feed";
const PROFILES: &str = "/api/profiles";
const MEDIA: &str = "/api/media-items";

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .public(FEED, get(feed))
        .public(PROFILES, get(profiles))
        .public(MEDIA, get(media))
        .protected(SEARCH, get(search))
        .protected(SITE_INFO, get(site_info))
}

pub(super) fn operations() -> Vec<Operation> {
    let profile = object().has("id", text()).has("name", text()).has("about", text());
    let medium = object().has("id", text()).has("title", text()).has("type", text());
    let info = object().has("name", text()).has("url", text());
    let info = info.has("posts", count()).has("pages", count()).has("profiles", count());
    vec![
        Operation::get("/api/feed", "All posts").json(
            200,
            "The posts",
            object().has("posts", list_of(posts::shape())),
        ),
        Operation::get("/api/profiles", "Who writes").json(
            200,
            "The people",
            object().has("profiles", list_of(profile)),
        ),
        Operation::get("/api/media-items", "What is embedded").json(
            200,
            "The media",
            object().has("mediaItems", list_of(medium)),
        ),
        Operation::get(SEARCH, "Posts that hold a text")
            .query("q", text(), "The text; without one, nothing is found")
            .json(200, "The posts", object().has("results", list_of(posts::shape()))),
        Operation::get(SITE_INFO, "What there is, in numbers").json(200, "The numbers", info),
    ]
}

async fn feed(State(shared): State<Arc<Shared>>, visitor: Visitor) -> Result<Response, Rejection> {
    let recipe = list(FEED).of(Source::posts()).of(Source::profiles());
    visitor.shown(&shared, recipe, || {
        let posts = shared.demo.posts.iter();
        let posts: Vec<_> = posts.map(|post| posts::view(&shared.demo, post)).collect();
        Rendered::json(&json!({ "posts": posts }))
    })
}

async fn profiles(
    State(shared): State<Arc<Shared>>,
    visitor: Visitor,
) -> Result<Response, Rejection> {
    let view = |profile: &Profile| json!({ "id": profile.id, "name": profile.name, "about": profile.about });
    visitor.shown(&shared, list(PROFILES).of(Source::profiles()), || {
        let profiles: Vec<_> = shared.demo.profiles.iter().map(view).collect();
        Rendered::json(&json!({ "profiles": profiles }))
    })
}

async fn media(State(shared): State<Arc<Shared>>, visitor: Visitor) -> Result<Response, Rejection> {
    let view = |item: &MediaItem| json!({ "id": item.id, "title": item.title, "type": item.kind });
    visitor.shown(&shared, list(MEDIA).of(Source::media()), || {
        let media: Vec<_> = shared.demo.media.iter().map(view).collect();
        Rendered::json(&json!({ "mediaItems": media }))
    })
}

fn list(path: &'static str) -> Recipe {
    Recipe::new(ContentKind::List, path)
}

async fn search(State(shared): State<Arc<Shared>>, Query(search): Query<Search>) -> Json<Value> {
    let wanted = search.q.to_lowercase();
    let matches = |text: &str| text.to_lowercase().contains(&wanted);
    let found: Vec<_> = shared
        .demo
        .posts
        .iter()
        .filter(|post| !wanted.is_empty() && (matches(post.title) || matches(post.text)))
        .map(|post| posts::view(&shared.demo, post))
        .collect();
    Json(json!({ "results": found }))
}

async fn site_info(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let demo = &shared.demo;
    Json(json!({
        "name": "Palisade",
        "url": shared.base_url,
        "posts": demo.posts.len(),
        "pages": demo.pages.len(),
        "profiles": demo.profiles.len(),
    }))
}
