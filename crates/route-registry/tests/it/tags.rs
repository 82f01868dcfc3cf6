//! Tags, of a declaration and by prefix.

use http::Method;
use palisade_core::RouteTag;
use palisade_route_registry::{Declare, Registry};

const DOCS: RouteTag = RouteTag::new("docs");

fn registry() -> Registry {
    Registry::builder()
        .declare(Declare::public("/embed/:id").tag(RouteTag::EMBED))
        .declare(Declare::admin("/api/stream").tag(RouteTag::STREAM))
        .public("/api/docs/:page")
        .public("/:section/index")
        .public("/:section/docs/index")
        .tag_prefix("/api/", RouteTag::API)
        .tag_prefix("/api/docs/", DOCS)
        .tag_prefix("/api/docs/", RouteTag::UNTRACKED)
        .build()
        .unwrap()
}

fn check(path: &str, expected: &[RouteTag]) {
    let registry = registry();
    let found = registry.resolve(&Method::GET, path);
    for tag in [RouteTag::EMBED, RouteTag::STREAM, RouteTag::API, RouteTag::UNTRACKED, DOCS] {
        assert_eq!(found.route().has_tag(tag), expected.contains(&tag), "{path} {tag:?}");
    }
}

#[test]
fn a_declaration_carries_its_tags() {
    check("/embed/7", &[RouteTag::EMBED]);
    check("/api/stream", &[RouteTag::STREAM, RouteTag::API]);
}

#[test]
fn a_prefix_tags_what_is_under_it_matched_or_not() {
    check("/api/docs/a", &[RouteTag::API, DOCS, RouteTag::UNTRACKED]);
    check("/api/nothing", &[RouteTag::API]);
    check("/api/docs/no/thing", &[RouteTag::API, DOCS, RouteTag::UNTRACKED]);
    check("/api", &[]);
    check("/api-v2/x", &[]);
    check("/other", &[]);
}

#[test]
fn a_pattern_that_reaches_into_a_prefix_is_tagged_by_the_path() {
    check("/api/index", &[RouteTag::API]);
    check("/other/index", &[]);
    check("/api/docs/index", &[RouteTag::API, DOCS, RouteTag::UNTRACKED]);
    check("/other/docs/index", &[]);
}

#[test]
fn the_order_of_prefixes_does_not_matter() {
    let registry = Registry::builder()
        .tag_prefix("/api/docs/", DOCS)
        .tag_prefix("/", RouteTag::UNTRACKED)
        .tag_prefix("/api/", RouteTag::API)
        .build()
        .unwrap();
    let found = registry.resolve(&Method::GET, "/api/docs/x");
    assert!(
        [DOCS, RouteTag::UNTRACKED, RouteTag::API].iter().all(|tag| found.route().has_tag(*tag))
    );
}

#[test]
fn the_limit_of_a_prefix_holds_in_every_spelling_and_nothing_else_does() {
    let registry = Registry::builder()
        .public("/api/feed")
        .public("/embed/player")
        .public("/:a/:b/:c")
        .tag_prefix("/api/", RouteTag::API)
        .tag_prefix("/embed/", RouteTag::EMBED)
        .build()
        .unwrap();
    let tags = |path| {
        let found = registry.resolve(&Method::GET, path);
        [RouteTag::API, RouteTag::EMBED].map(|tag| found.route().has_tag(tag))
    };
    for path in ["/api/feed", "/API/feed", "/Api/other", "/api/feed/", "/%61pi/feed", "/API/a/b"] {
        assert_eq!(tags(path), [true, false], "{path}");
    }
    for path in ["/EMBED/player", "/APIS/feed", "/a/API", "/a/API/b", "/feed/"] {
        assert_eq!(tags(path), [false, false], "{path}");
    }
    assert_eq!(tags("/embed/player"), [false, true]);
}
