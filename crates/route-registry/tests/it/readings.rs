//! Routers that are less exact in one way and not in another: none of them finds a stricter route than the registry.

use http::Method;
use palisade_core::{Access, RouteTag};
use palisade_route_registry::{Declare, Registry, RegistryBuilder};

fn check(registry: RegistryBuilder, path: &str, access: Access) {
    let registry = registry.build().unwrap();
    assert_eq!(registry.resolve(&Method::GET, path).access(), access, "{path}");
}

/// Public pages wherever nothing else is.
fn pages() -> RegistryBuilder {
    Registry::builder().public("/:a").public("/:a/:b").public("/:a/:b/")
}

#[test]
fn a_slash_cut_off_in_capitals_of_its_own_finds_a_parameter_beside_a_suffix() {
    let posts =
        || pages().authenticated("/api/posts/:id").public("/api/posts/:id.xhtml").public("/api/*");
    check(posts(), "/api/posts/7.xhtmL", Access::Authenticated);
    check(posts(), "/api/posts/7.xhtmL/", Access::Authenticated);
    check(posts(), "/api/posts/7.xhtml", Access::Public);
    check(posts(), "/api/posts/7.xhtml/", Access::Public);
    check(posts(), "/api/posts/ABC.xhtml", Access::Public);
}

#[test]
fn a_slash_cut_off_in_capitals_of_its_own_finds_a_parameter_beside_a_literal() {
    let drafts = || pages().admin("/drafts/:id").public("/drafts/help");
    check(drafts(), "/drafts/Help/", Access::Admin);
    check(drafts(), "/drafts/help/", Access::Public);
    check(drafts(), "/drafts/help", Access::Public);
}

#[test]
fn a_slash_cut_off_finds_a_wildcard_in_its_own_capitals() {
    let files = || pages().admin("/Files/*").public("/files/:name").public("/:a/:b/:c/");
    check(files(), "/Files/a/b/", Access::Admin);
    check(files(), "/files/a/b/", Access::Admin);
    check(files(), "/files/a", Access::Public);
    check(files(), "/FILES/A/", Access::Admin);
}

#[test]
fn letter_case_ignored_behind_an_escape_finds_a_wildcard_beside_a_literal() {
    let files = || pages().admin("/files/*").public("/files/@me");
    check(files(), "/Files/%40me", Access::Admin);
    check(files(), "/files/%40me", Access::Admin);
    check(files(), "/Files/@me", Access::Public);
    check(files(), "/%40me/FILES", Access::Public);
}

#[test]
fn an_escape_decoded_in_capitals_of_its_own_finds_text_around_a_parameter() {
    let names = || pages().admin("/@{name}").public("/@me").public("/at-{name}");
    check(names(), "/%40ME", Access::Admin);
    check(names(), "/%40ME/", Access::Admin);
    check(names(), "/%40me", Access::Public);
    check(names(), "/%41t-%40me", Access::Public);
}

#[test]
fn two_of_three_differences_not_seen_find_what_all_three_hide() {
    // Each path has capitals, an escape and a slash; the third difference, where it is not seen either, leads elsewhere.
    let cut_and_decoded = pages().admin("/x/@{name}").public("/x/@me");
    check(cut_and_decoded, "/x/%40ME/", Access::Admin);
    let cut_and_folded = pages().admin("/x/:id").public("/x/@me");
    check(cut_and_folded, "/X/%40me/", Access::Admin);
    let decoded_and_folded = pages().admin("/x/@{name}/").public("/x/@{name}.png");
    check(decoded_and_folded, "/X/%40me.png/", Access::Admin);
}

#[test]
fn a_pattern_is_read_as_a_path_is() {
    let slash = || pages().admin("/docs/:id/").public("/docs/:id.png");
    check(slash(), "/docs/7.PNG", Access::Admin);
    check(slash(), "/docs/7.png", Access::Public);
    check(slash(), "/docs/7.png/", Access::Admin);
    let capitals = || pages().admin("/Docs/:id").public("/docs/:id.png/");
    check(capitals(), "/docs/7.png", Access::Admin);
    check(capitals(), "/docs/7", Access::Admin);
    check(capitals(), "/docs/7.png/", Access::Public);
    let wildcard = || Registry::builder().admin("/Docs/*").public("/docs/@me/").public("/*");
    check(wildcard(), "/docs/@me", Access::Admin);
    check(wildcard(), "/other/@me", Access::Public);
}

#[test]
fn letters_of_other_scripts_are_those_letters_to_some_and_ascii_to_others() {
    let desks = || pages().admin("/desks/:id").public("/desks/sink");
    check(desks(), "/Desks/%C5%BFink", Access::Admin);
    check(desks(), "/Desks/Sink", Access::Public);
    for path in ["/sin%E2%84%AA", "/s%C4%B0nk", "/s%C4%B1nk", "/%C5%BF%C4%B0N%e2%84%aa/"] {
        check(pages().admin("/sink"), path, Access::Admin);
    }
}

#[test]
fn a_method_nobody_declared_is_no_more_open_in_another_spelling() {
    let registry = Registry::builder()
        .declare(Declare::public("/feed").methods([Method::GET]))
        .declare(Declare::public("/Feed/:id").methods([Method::POST]))
        .declare(Declare::admin("/feed/:id").methods([Method::GET]))
        .declare(Declare::public("/feed/:id/").methods([Method::POST]))
        .public("/:page")
        .build()
        .unwrap();
    let access = |method: Method, path: &str| registry.resolve(&method, path).access();
    for path in ["/feed", "/Feed", "/feed/"] {
        assert_eq!(access(Method::PUT, path), Access::Protected, "{path}");
    }
    assert_eq!(access(Method::GET, "/Feed"), Access::Public);
    for path in ["/feed/7", "/Feed/7", "/feed/7/", "/FEED/7"] {
        assert_eq!(access(Method::POST, path), Access::Admin, "{path}");
    }
}

#[test]
fn a_scope_of_one_route_is_asked_for_once() {
    let registry = Registry::builder()
        .declare(Declare::authenticated("/keys/:id").scope("keys"))
        .declare(Declare::authenticated("/keys/new").scope("new"))
        .build()
        .unwrap();
    let scopes = |path: &str| registry.resolve(&Method::GET, path).scopes().collect::<Vec<_>>();
    assert_eq!(scopes("/Keys/7/"), ["keys"]);
    assert_eq!(scopes("/keys/New/"), ["new", "keys"]);
}

#[test]
fn a_prefix_in_capitals_limits_small_letters_too() {
    let registry =
        Registry::builder().public("/:a/:b").tag_prefix("/API/", RouteTag::API).build().unwrap();
    let is_limited = |path| registry.resolve(&Method::GET, path).route().has_tag(RouteTag::API);
    assert!(["/API/feed", "/api/feed", "/Api/feed/", "/api/"].into_iter().all(is_limited));
    assert!(!["/apis/feed", "/feed/api"].into_iter().any(is_limited));
}
