//! Paths that a router which is less exact could take for another.

use http::Method;
use palisade_core::Access;
use palisade_route_registry::{Declare, Registry};

fn check(registry: &Registry, path: &str, access: Access) {
    assert_eq!(registry.resolve(&Method::GET, path).access(), access, "{path}");
}

fn site() -> Registry {
    Registry::builder()
        .admin("/admin")
        .authenticated("/assets/Secret/")
        .public("/:page")
        .public("/assets/{*rest}")
        .build()
        .unwrap()
}

#[test]
fn a_public_parameter_opens_no_other_spelling_of_a_stricter_route() {
    let registry = site();
    for path in ["/admin", "/Admin", "/ADMIN", "/admin/"] {
        check(&registry, path, Access::Admin);
    }
    for path in ["/assets/Secret/", "/assets/secret/", "/assets/secret", "/assets/SECRET"] {
        check(&registry, path, Access::Authenticated);
    }
    for path in ["/About", "/adm", "/assets/Secret/x", "/assets/Logo.PNG"] {
        check(&registry, path, Access::Public);
    }
}

#[test]
fn the_route_keeps_its_name_and_its_parameters() {
    let registry = site();
    let found = registry.resolve(&Method::GET, "/Admin");
    assert_eq!(found.route().id(), "/:page");
    assert_eq!(found.params().get("page"), Some("Admin"));
}

#[test]
fn escapes_and_letters_of_other_scripts_make_no_twin_more_open() {
    let registry = Registry::builder().admin("/@desk").public("/:page").build().unwrap();
    for path in ["/%40desk", "/%40DESK", "/@de%C5%BFk", "/@des%E2%84%AA", "/@DES%E2%84%AA"] {
        check(&registry, path, Access::Admin);
    }
    let registry = Registry::builder().admin("/@desk").build().unwrap();
    for path in ["/%40desk", "/%40DESK", "/@des%e2%84%aa/"] {
        check(&registry, path, Access::Admin);
    }
}

#[test]
fn what_is_declared_in_two_spellings_is_as_declared() {
    let registry =
        Registry::builder().public("/about").admin("/About").public("/x/").build().unwrap();
    check(&registry, "/about", Access::Public);
    check(&registry, "/About", Access::Admin);
    check(&registry, "/x/", Access::Public);
    check(&registry, "/ABOUT", Access::Admin);
    check(&registry, "/x", Access::Protected);
}

#[test]
fn a_value_in_capitals_is_no_twin_of_its_own_route() {
    let registry = Registry::builder()
        .declare(Declare::public("/posts/:id").methods([Method::GET]))
        .declare(Declare::admin("/posts/:id").methods([Method::DELETE]))
        .build()
        .unwrap();
    check(&registry, "/posts/ABC", Access::Public);
    assert_eq!(registry.resolve(&Method::DELETE, "/posts/ABC").access(), Access::Admin);
}

#[test]
fn a_twin_is_asked_for_the_method() {
    let registry = Registry::builder()
        .declare(Declare::public("/posts/new").methods([Method::GET]))
        .declare(Declare::admin("/posts/new").methods([Method::POST]))
        .public("/posts/:id")
        .build()
        .unwrap();
    let access = |method: Method, path: &str| registry.resolve(&method, path).access();
    assert_eq!(access(Method::GET, "/posts/New"), Access::Public);
    assert_eq!(access(Method::POST, "/posts/New"), Access::Admin);
    assert_eq!(access(Method::PUT, "/posts/New"), Access::Admin);
}

#[test]
fn a_twin_brings_its_scopes() {
    let registry = Registry::builder()
        .declare(Declare::authenticated("/keys").scope("keys"))
        .declare(Declare::authenticated("/:page").scope("pages"))
        .build()
        .unwrap();
    let scopes = |path: &str| registry.resolve(&Method::GET, path).scopes().collect::<Vec<_>>();
    assert_eq!(scopes("/keys"), ["keys"]);
    assert_eq!(scopes("/other"), ["pages"]);
    assert_eq!(scopes("/Keys"), ["pages", "keys"]);
    assert_eq!(scopes("/keys/"), ["keys"]);
    assert_eq!(scopes("/KEYS/"), ["keys", "pages"]);
}
