//! The routes of the documents, each with the class they give it.

use http::Method;
use palisade_core::{Access, RouteTag};
use palisade_route_registry::{Declare, Registry};

const PUBLIC: &[(&str, &str)] = &[
    ("/feed.xml", "/feed.xml"),
    ("/products.xml", "/products.xml"),
    ("/sitemap-en.xml", "/sitemap-en.xml"),
    ("/llms.txt", "/llms.txt"),
    ("/post/:id.xhtml", "/post/7.xhtml"),
    ("/post/:id.pdf", "/post/7.pdf"),
    ("/post/:id.md", "/post/7.md"),
    ("/post/:id.json", "/post/7.json"),
    ("/user/:id/pages/:slug.xhtml", "/user/u/pages/s.xhtml"),
    ("/user/:id/pages/:slug.html", "/user/u/pages/s.html"),
    ("/user/:id/pages/:slug.pdf", "/user/u/pages/s.pdf"),
    ("/user/:id/pages/:slug.md", "/user/u/pages/s.md"),
    ("/user/:id/pages/:slug.json", "/user/u/pages/s.json"),
    ("/user/:id/pages/:slug.email.html", "/user/u/pages/s.email.html"),
    ("/api/posts/:id", "/api/posts/7"),
    ("/api/feed", "/api/feed"),
    ("/api/profiles", "/api/profiles"),
    ("/api/media-items", "/api/media-items"),
    ("/embed/:id", "/embed/7"),
    ("/embed/page/:id", "/embed/page/7"),
];

const ADMIN: &[(Method, &str)] = &[
    (Method::POST, "/api/admin/system/restart"),
    (Method::GET, "/api/admin/bans"),
    (Method::POST, "/api/admin/bans/unban-ip"),
    (Method::POST, "/api/admin/bans/unban-user"),
    (Method::GET, "/api/admin/bans/violations"),
    (Method::POST, "/api/flush-cache"),
    (Method::POST, "/api/cache/invalidate"),
    (Method::GET, "/api/cache/inspect"),
    (Method::GET, "/api/analytics"),
    (Method::DELETE, "/api/analytics"),
    (Method::GET, "/api/analytics/stream"),
    (Method::GET, "/api/logs/system/stream"),
];

/// All of them, and `/api/me/secrets`.
pub(crate) fn registry() -> Registry {
    let mut builder = Registry::builder()
        .authenticated("/api/me/secrets")
        .tag_prefix("/api/", RouteTag::API)
        .tag_prefix("/embed/", RouteTag::EMBED);
    for (pattern, _) in PUBLIC {
        builder = builder.public(*pattern);
    }
    for (method, pattern) in ADMIN {
        builder = builder.declare(Declare::admin(*pattern).methods([method.clone()]));
    }
    builder.build().unwrap()
}

#[test]
fn content_routes_are_public_under_their_own_pattern() {
    let registry = registry();
    for (pattern, path) in PUBLIC {
        let found = registry.resolve(&Method::GET, path);
        assert_eq!((found.access(), found.route().id()), (Access::Public, *pattern), "{path}");
    }
}

#[test]
fn admin_routes_are_admin_for_every_method() {
    let registry = registry();
    for (method, path) in ADMIN {
        let found = registry.resolve(method, path);
        assert_eq!(found.access(), Access::Admin, "{path}");
        assert!(found.declared_for_method().is_some());
        for other in [Method::OPTIONS, Method::HEAD, Method::PATCH, Method::TRACE] {
            assert_eq!(registry.resolve(&other, path).access(), Access::Admin, "{other} {path}");
        }
    }
}

#[test]
fn everything_else_is_protected() {
    let registry = registry();
    for path in
        ["/", "/post/7", "/post/7.exe", "/api/posts", "/api/secrets", "/embed", "/user/u/pages/s"]
    {
        let found = registry.resolve(&Method::GET, path);
        assert_eq!(
            (found.access(), found.route().id()),
            (Access::Protected, "unmatched"),
            "{path}"
        );
    }
}
