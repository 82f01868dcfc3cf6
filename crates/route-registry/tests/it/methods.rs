//! Access per method.

use http::Method;
use palisade_core::{Access, RouteTag};
use palisade_route_registry::{Declare, Registry};

fn posts() -> Registry {
    Registry::builder()
        .declare(Declare::public("/api/posts/:id").methods([Method::GET]).id("posts.read"))
        .declare(
            Declare::authenticated("/api/posts/{post}").methods([Method::PUT]).id("posts.write"),
        )
        .declare(Declare::admin("/api/posts/:id").methods([Method::DELETE]).id("posts.delete"))
        .build()
        .unwrap()
}

fn check(method: Method, access: Access, id: &str) {
    let registry = posts();
    let found = registry.resolve(&method, "/api/posts/7");
    assert_eq!((found.access(), found.route().id()), (access, id), "{method}");
}

#[test]
fn each_method_has_its_own_declaration() {
    check(Method::GET, Access::Public, "posts.read");
    check(Method::PUT, Access::Authenticated, "posts.write");
    check(Method::DELETE, Access::Admin, "posts.delete");
}

#[test]
fn head_follows_get() {
    check(Method::HEAD, Access::Public, "posts.read");
}

#[test]
fn a_method_nobody_declared_gets_the_strictest_access() {
    for method in ["OPTIONS", "QUERY", "PATCH", "get", "TRACE", "CONNECT"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        check(method.clone(), Access::Admin, "posts.delete");
        assert!(posts().resolve(&method, "/api/posts/7").declared_for_method().is_none());
    }
}

#[test]
fn a_method_nobody_declared_is_protected_where_all_that_is_declared_is_public() {
    let registry = Registry::builder()
        .declare(Declare::public("/feed").methods([Method::GET]).tag(RouteTag::EMBED))
        .declare(Declare::public("/post/:id").methods([Method::GET]))
        .tag_prefix("/post/", RouteTag::API)
        .build()
        .unwrap();
    for (path, tag) in [("/feed", RouteTag::EMBED), ("/post/7", RouteTag::API)] {
        for (method, access) in [
            (Method::GET, Access::Public),
            (Method::HEAD, Access::Public),
            (Method::DELETE, Access::Protected),
            (Method::OPTIONS, Access::Protected),
        ] {
            let found = registry.resolve(&method, path);
            assert_eq!(found.access(), access, "{method} {path}");
            assert_eq!(found.route().id(), found.declared().unwrap().id());
            assert!(found.route().has_tag(tag));
        }
    }
}

#[test]
fn each_declaration_names_its_own_parameters() {
    let registry = posts();
    assert_eq!(registry.resolve(&Method::GET, "/api/posts/7").params().get("id"), Some("7"));
    assert_eq!(registry.resolve(&Method::PUT, "/api/posts/7").params().get("post"), Some("7"));
}

#[test]
fn the_path_decides_before_the_method() {
    let registry = Registry::builder()
        .declare(Declare::admin("/post/new").methods([Method::GET]))
        .declare(Declare::public("/post/:id").methods([Method::POST]))
        .build()
        .unwrap();
    assert_eq!(registry.resolve(&Method::POST, "/post/new").access(), Access::Admin);
}
