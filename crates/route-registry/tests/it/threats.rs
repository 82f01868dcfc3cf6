//! The rows R1 to R7 of the adversarial list.

use http::{Method, StatusCode};
use palisade_core::Access;
use palisade_route_registry::{Declare, Registry, RoutePolicy};
use palisade_test_support::{Ask, context};

use crate::documented;

/// A service whose whole admin area is admin, beside public files.
fn guarded() -> Registry {
    Registry::builder()
        .admin("/admin")
        .admin("/admin/{*rest}")
        .public("/health")
        .public("/files/{*rest}")
        .build()
        .unwrap()
}

/// Refused, or no more open than `/admin`.
fn holds(path: &str) {
    let context = context();
    let answer = Ask::get(path).context(&context).policies(RoutePolicy::new(guarded()));
    let access = context.route().unwrap().access();
    assert!(
        answer.status() == StatusCode::BAD_REQUEST || access == Access::Admin,
        "{path} {access:?}"
    );
}

#[test]
fn r1_no_spelling_of_a_path_is_more_open_than_the_route_it_could_name() {
    for path in [
        "/admin/%2e%2e/",
        "/files/%2e%2e/admin",
        "/files/%252e%252e/admin",
        "//admin",
        "/admin/",
        "/ADMIN",
        "/Admin/",
        "/ADMIN/Bans",
        "/admin;a=b",
        "/admin%3ba=b",
        "/files/..;/admin",
        "/files\\..\\admin",
        "/files/..%5cadmin",
        "/admin%00",
        "/admin%00.png",
        "/files/..%2fadmin",
        "/files%2f..%2fadmin",
        "/files/../admin",
        "/./admin",
        "/%61dmin",
        "/%2561dmin",
        "/adm%69n/x",
        "/admin//",
        "/admin/./",
        "/%c0%ae%c0%ae/admin",
    ] {
        holds(path);
    }
}

#[test]
fn r1_an_unmatched_twin_of_an_admin_route_is_admin_and_matches_nothing() {
    let registry = documented::registry();
    for path in ["/api/admin/bans/", "/API/admin/BANS", "/Api/Analytics/"] {
        let found = registry.resolve(&Method::GET, path);
        assert_eq!((found.access(), found.route().id()), (Access::Admin, "unmatched"), "{path}");
        assert!(found.declared().is_none());
    }
    for path in ["/FEED.xml", "/feed.xml/"] {
        let found = registry.resolve(&Method::GET, path);
        assert_eq!(found.access(), Access::Protected, "a public twin opens nothing: {path}");
    }
}

#[test]
fn r2_an_encoded_delimiter_does_not_cut_the_path() {
    for path in ["/health%3F/x", "/health%23/x", "/health%3f", "/admin%3F", "/admin%23.png"] {
        let answer = Ask::get(path).policies(RoutePolicy::new(guarded()));
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[test]
fn r3_the_query_takes_no_part() {
    for target in
        ["/admin?/health", "/admin?x=/files/a", "/admin?/../health", "/admin?%2f..%2fhealth"]
    {
        let context = context();
        let answer = Ask::get(target).context(&context).policies(RoutePolicy::new(guarded()));
        assert_eq!(answer.status(), StatusCode::OK, "{target}");
        assert_eq!(context.route().unwrap().access(), Access::Admin, "{target}");
    }
}

#[test]
fn r4_a_suffix_makes_nothing_public() {
    let registry = documented::registry();
    let access = |path: &str| registry.resolve(&Method::GET, path).access();
    assert_eq!(access("/api/admin/bans.xhtml"), Access::Protected);
    assert_eq!(access("/post/7/edit.xhtml"), Access::Protected);
    assert_eq!(access("/post/.xhtml"), Access::Protected);
    assert_eq!(access("/post/7.xhtml/edit"), Access::Protected);
    assert_eq!(access("/post/7axhtml"), Access::Protected);
    assert_eq!(access("/api/admin/bans/x.png"), Access::Protected);
    assert_eq!(access("/api/analytics/stream.md"), Access::Protected);
}

#[test]
fn r5_an_encoded_slash_does_not_leave_a_mount() {
    for path in ["/files/a%2f..%2f..%2fadmin", "/files/..%2Fx", "/files%2Fx", "/files/a%5c..%5cx"] {
        let answer = Ask::get(path).policies(RoutePolicy::new(guarded()));
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[test]
fn r6_no_method_skips_the_admin_check() {
    let registry = Registry::builder()
        .declare(Declare::admin("/api/analytics").methods([Method::GET]))
        .declare(Declare::public("/api/analytics").methods([Method::POST]))
        .build()
        .unwrap();
    for method in ["HEAD", "OPTIONS", "QUERY", "TRACE", "CONNECT", "PUT", "get", "FOO"] {
        let context = context();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Ask::method(method.clone(), "/api/analytics")
            .header("x-http-method-override", "POST")
            .context(&context)
            .policies(RoutePolicy::new(registry.clone()));
        assert_eq!(context.route().unwrap().access(), Access::Admin, "{method}");
    }
}

#[test]
fn r7_a_route_nobody_declared_is_protected() {
    for path in ["/", "/new-feature", "/healthz", "/constructor", "/__proto__", "/file"] {
        let context = context();
        Ask::get(path).context(&context).policies(RoutePolicy::new(guarded()));
        let route = context.route().unwrap();
        assert_eq!((route.id(), route.access()), ("unmatched", Access::Protected), "{path}");
    }
    let empty = Registry::builder().build().unwrap();
    assert_eq!(empty.resolve(&Method::GET, "/x").access(), Access::Protected);
}
