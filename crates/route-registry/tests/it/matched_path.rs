//! Inside of axum's own router: the route is the one it matched.

use axum::{Router, routing::get};
use http::{Method, StatusCode};
use palisade_core::{GateLayer, SecurityContext};
use palisade_route_registry::{PathParams, Registry, RegistryBuilder, RoutePolicy};

use crate::dispatch::ask;

/// Answers what was learnt.
async fn learnt(context: SecurityContext, params: PathParams) -> String {
    let route = context.route().unwrap();
    format!("{} {:?} {params:?}", route.id(), route.access())
}

fn layer(registry: RegistryBuilder) -> GateLayer<RoutePolicy> {
    GateLayer::new(RoutePolicy::new(registry.inside_axum().build().unwrap()))
}

/// What `path` finds in a router with these routes and a fallback.
fn found(routes: &[&str], registry: RegistryBuilder, path: &str) -> String {
    let router = Router::new();
    let router = routes.iter().fold(router, |router, route| router.route(route, get(learnt)));
    told(router.fallback(learnt).layer(layer(registry)), path)
}

fn told(router: Router, path: &str) -> String {
    let answer = ask(router, Method::GET, path, "");
    assert_eq!(answer.status, StatusCode::OK, "{path} {answer:?}");
    answer.text
}

#[test]
fn the_matched_route_is_found_whatever_its_parameters_are_called() {
    let registry = || Registry::builder().public("/post/:id").admin("/admin/*");
    let routes = ["/post/{slug}", "/admin/{*path}"];
    assert_eq!(found(&routes, registry(), "/post/7"), r#"/post/:id Public {"id": "7"}"#);
    assert_eq!(found(&routes, registry(), "/admin/a/b"), r#"/admin/* Admin {"rest": "a/b"}"#);
}

#[test]
fn a_parameter_with_text_in_front_is_matched_too() {
    let registry = || Registry::builder().public("/img-{id}").admin("/i{x}/raw").public("/a{x}");
    let routes = ["/img-{name}", "/i{x}/raw", "/a{*rest}", "/b{{x}}"];
    assert_eq!(found(&routes, registry(), "/img-7"), r#"/img-{id} Public {"id": "7"}"#);
    assert_eq!(found(&routes, registry(), "/ix/raw"), r#"/i{x}/raw Admin {"x": "x"}"#);
    // Text in front of a catch-all, and braces that stand for themselves: no pattern has them, whatever they look like.
    assert_eq!(found(&routes, registry(), "/ab"), "unmatched Protected {}");
    assert_eq!(found(&routes, registry(), "/b%7Bx%7D"), "unmatched Protected {}");
    assert_eq!(found(&routes, registry(), "/b{x}"), "unmatched Protected {}");
}

#[test]
fn where_the_policy_stands_outlives_a_merge() {
    let registry = || Registry::builder().admin("/api/posts/{id}").public("/posts/{id}");
    let inner = || Router::new().route("/posts/{id}", get(learnt));
    for merged in [
        registry().merge(Registry::builder().inside_axum()),
        Registry::builder().merge(registry().inside_axum()),
    ] {
        let layer = GateLayer::new(RoutePolicy::new(merged.build().unwrap()));
        let router = Router::new().nest("/api", inner().layer(layer));
        assert_eq!(told(router, "/api/posts/7"), r#"/api/posts/{id} Admin {"id": "7"}"#);
    }
}

#[test]
fn a_route_that_only_the_router_knows_is_protected() {
    let registry = || Registry::builder().public("/{*rest}").public("/post/{id}");
    let routes = ["/secret/{x}", "/post/new", "/{*rest}"];
    assert_eq!(found(&routes, registry(), "/secret/7"), "unmatched Protected {}");
    assert_eq!(found(&routes, registry(), "/post/new"), "unmatched Protected {}");
    assert_eq!(found(&routes, registry(), "/post/7"), "/{*rest} Public {}");
}

#[test]
fn of_two_opinions_the_stricter_one_holds() {
    let registry = || Registry::builder().admin("/post/drafts").public("/post/{id}");
    let routes = ["/post/{id}"];
    assert_eq!(found(&routes, registry(), "/post/drafts"), "/post/{id} Admin {}");
    assert_eq!(found(&routes, registry(), "/post/7"), r#"/post/{id} Public {"id": "7"}"#);
}

#[test]
fn what_the_router_did_not_match_is_protected() {
    let registry = || Registry::builder().public("/feed.xml").admin("/admin/{*rest}");
    assert_eq!(found(&["/"], registry(), "/feed.xml"), "unmatched Protected {}");
    assert_eq!(found(&["/"], registry(), "/admin/x"), "unmatched Admin {}");
    assert_eq!(found(&["/"], registry(), "/nothing"), "unmatched Protected {}");
}

#[test]
fn r5_a_nested_router_is_judged_by_the_whole_path() {
    let registry = || Registry::builder().admin("/api/posts/{id}").public("/posts/{id}");
    let inner = || Router::new().route("/posts/{id}", get(learnt));
    let expected = r#"/api/posts/{id} Admin {"id": "7"}"#;
    let outside = Router::new().nest("/api", inner()).layer(layer(registry()));
    assert_eq!(told(outside, "/api/posts/7"), expected);
    let inside = Router::new().nest("/api", inner().layer(layer(registry())));
    assert_eq!(told(inside, "/api/posts/7"), expected);
}

#[test]
fn an_ambiguous_path_is_refused_there_too() {
    let router: Router = Router::new()
        .route("/{*rest}", get(learnt))
        .layer(layer(Registry::builder().public("/{*rest}")));
    for path in ["/a//b", "/a%2fb", "/a;b", "/%2e%2e/b"] {
        let answer = ask(router.clone(), Method::GET, path, "");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
}
