//! Mistakes that are told when the registry is built.

use http::Method;
use palisade_core::{ConfigError, RouteTag};
use palisade_route_registry::{Declare, Registry, RegistryBuilder};

use crate::builder;

fn wrong(builder: RegistryBuilder, names: &[&str]) {
    assert_eq!(builder.lint().len(), 1, "{:?}", builder.lint());
    let error = builder.build().unwrap_err().to_string();
    for name in names {
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn two_accesses_for_one_shape_are_refused_and_both_patterns_named() {
    wrong(
        Registry::builder().public("/post/:id").admin("/post/{slug}"),
        &["`/post/:id`", "`/post/{slug}`", "Public, not Admin", "; remove one"],
    );
    wrong(builder(&["/a/*", "/a/{*rest}"]), &["`/a/*`", "`/a/{*rest}`"]);
    wrong(builder(&["/a.{x}", "/a.{y}"]), &["`/a.{x}`", "`/a.{y}`"]);
}

#[test]
fn overlapping_methods_are_refused() {
    let get = Declare::public("/x").methods([Method::GET]);
    let head = Declare::public("/x").methods([Method::HEAD]);
    let both = Declare::public("/x").methods([Method::GET, Method::POST]);
    let post = Declare::admin("/x").methods([Method::POST]);
    let declare =
        |a: &Declare, b: &Declare| Registry::builder().declare(a.clone()).declare(b.clone());
    wrong(declare(&get, &head), &["`/x`", "HEAD follows GET"]);
    wrong(declare(&head, &get), &["`/x`"]);
    wrong(declare(&both, &post), &["`/x`"]);
    wrong(declare(&get, &Declare::admin("/x")), &["`/x`"]);
    wrong(declare(&Declare::admin("/x"), &get), &["`/x`"]);
    assert!(declare(&get, &post).build().is_ok());
}

#[test]
fn a_catch_all_that_parameters_leave_nothing_to_is_refused() {
    let patterns = ["/a/{x}", "/a/{x}/", "/a/{x}/{*deep}", "/a/{*rest}"];
    wrong(builder(&patterns), &["`/a/{*rest}`", "`/a/{x}`", "remove one"]);
    for left_out in 0..3 {
        let mut patterns = patterns.to_vec();
        patterns.remove(left_out);
        assert!(builder(&patterns).build().is_ok(), "{patterns:?}");
    }
    let deeper = ["/{x}", "/{x}/", "/{x}/{y}", "/{x}/{y}/", "/{x}/{y}/{*deep}", "/{*rest}"];
    wrong(builder(&deeper), &["`/{*rest}`"]);
}

#[test]
fn ids_methods_and_prefixes_are_checked() {
    wrong(
        Registry::builder().declare(Declare::public("/x").id("unmatched")),
        &["`unmatched`", "`/x`"],
    );
    wrong(Registry::builder().declare(Declare::public("/x").id("")), &["route id"]);
    wrong(Registry::builder().declare(Declare::public("/x").methods([])), &["`/x`", "method"]);
    for prefix in ["/api", "api/", "", "/:x/", "/a//"] {
        wrong(Registry::builder().tag_prefix(prefix, RouteTag::API), &["tag prefix"]);
    }
}

#[test]
fn lint_tells_every_mistake_and_build_the_first() {
    let builder = builder(&["x", "/a", "/a", "/:"]).tag_prefix("/api", RouteTag::API);
    assert_eq!(builder.lint().len(), 4);
    assert_eq!(builder.clone().build().unwrap_err(), builder.lint()[0]);
}

#[test]
fn every_mistake_has_its_code() {
    let code = |builder: RegistryBuilder, code: &str| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        // It stays where all mistakes of a start are of one type.
        assert!(ConfigError::from(error).to_string().contains(&format!("[{code}]")));
    };
    code(builder(&["post"]), "route-pattern");
    code(builder(&["/post/:id", "/post/{slug}"]), "route-conflict");
    code(builder(&["/a/{x}", "/a/{x}/", "/a/{x}/{*y}", "/a/{*z}"]), "route-unreachable");
    code(Registry::builder().declare(Declare::public("/x").methods([])), "route-methods");
    code(Registry::builder().declare(Declare::public("/x").id("unmatched")), "route-id");
    code(Registry::builder().declare(Declare::public("/x").scope("read")), "route-scope");
    code(Registry::builder().tag_prefix("/api", RouteTag::API), "route-prefix");
}

#[test]
fn scopes_are_tokens_and_stand_on_routes_that_need_an_identity() {
    let scoped =
        |declared: Declare, scope: &str| Registry::builder().declare(declared.scope(scope));
    for scope in ["", "a b", "a\"b", "a\\b", "caf\u{e9}", "a\r\nb"] {
        wrong(scoped(Declare::admin("/x"), scope), &["scope", "`/x`"]);
    }
    let fix = "declare it authenticated or admin";
    wrong(scoped(Declare::public("/x"), "read"), &["`read`", "`/x` is Public", fix]);
    wrong(scoped(Declare::protected("/x"), "read"), &["`read`", "`/x` is Protected"]);
    assert!(scoped(Declare::authenticated("/x"), "https://api.example/posts:read").build().is_ok());
    assert!(scoped(Declare::admin("/x"), "read").build().is_ok());
}

#[test]
fn the_routes_are_listed_in_order() {
    let registry = Registry::builder()
        .declare(Declare::admin("/b").methods([Method::GET]).tag(RouteTag::STREAM))
        .public("/a")
        .build()
        .unwrap();
    let routes: Vec<_> =
        registry.routes().map(|route| (route.pattern().as_str(), route.id())).collect();
    assert_eq!(routes, [("/b", "/b"), ("/a", "/a")]);
    let first = registry.routes().next().unwrap();
    assert_eq!(first.methods(), Some(&[Method::GET][..]));
    assert_eq!(first.tags(), [RouteTag::STREAM]);
}
