//! Operations of an `OpenAPI` description that nobody declared.

use http::Method;
use palisade_route_registry::{Declare, Registry};

fn registry() -> Registry {
    Registry::builder()
        .public("/post/:id.xhtml")
        .public("/post/new")
        .public("/files/{*rest}")
        .declare(Declare::public("/api/posts/:id").methods([Method::GET]))
        .declare(Declare::admin("/api/posts/:id").methods([Method::DELETE]))
        .admin("/v2/api/keys")
        .build()
        .unwrap()
}

fn uncovered(paths: &str) -> Vec<String> {
    let openapi = format!(r#"{{ "openapi": "3.1.0", "paths": {paths} }}"#);
    let mut uncovered = registry().uncovered(&openapi).unwrap();
    uncovered.sort();
    uncovered
}

#[test]
fn what_is_declared_is_covered() {
    let none = Vec::<String>::new();
    assert_eq!(uncovered(r#"{ "/post/{id}.xhtml": { "get": {}, "head": {} } }"#), none);
    assert_eq!(uncovered(r#"{ "/post/new": { "post": {} } }"#), none);
    assert_eq!(uncovered(r#"{ "/files/{name}": { "put": {}, "query": {} } }"#), none);
    let posts =
        r#"{ "/api/posts/{post}": { "parameters": [], "get": {}, "head": {}, "delete": {} } }"#;
    assert_eq!(uncovered(posts), none);
    assert_eq!(uncovered(r#"{ "x-note": 7 }"#), none);
    assert_eq!(registry().assert_covers(r#"{ "openapi": "3.2.0" }"#), Ok(()));
}

#[test]
fn what_nobody_declared_is_named() {
    let check = |paths: &str, expected: &[&str]| assert_eq!(uncovered(paths), expected);
    check(r#"{ "/post/{id}": { "get": {} } }"#, &["GET /post/{id}"]);
    check(r#"{ "/post/{id}.html": { "get": {} } }"#, &["GET /post/{id}.html"]);
    check(r#"{ "/{section}/new": { "get": {} } }"#, &["GET /{section}/new"]);
    check(r#"{ "/files/": { "get": {} } }"#, &["GET /files/"]);
    check(r#"{ "/API/posts/{id}": { "get": {} } }"#, &["GET /API/posts/{id}"]);
    check(r#"{ "/": { "get": {}, "trace": {} } }"#, &["GET /", "TRACE /"]);
}

#[test]
fn a_method_that_is_not_declared_is_not_covered() {
    let posts = r#"{ "/api/posts/{id}": { "get": {}, "put": {}, "options": {},
        "additionalOperations": { "COPY": {} } } }"#;
    let expected = ["COPY /api/posts/{id}", "OPTIONS /api/posts/{id}", "PUT /api/posts/{id}"];
    assert_eq!(uncovered(posts), expected);
}

#[test]
fn a_path_that_is_always_refused_is_not_covered() {
    assert_eq!(uncovered(r#"{ "/files/a;b": { "get": {} } }"#), ["GET /files/a;b"]);
    assert_eq!(uncovered(r#"{ "/files//{x}": { "get": {} } }"#), ["GET /files//{x}"]);
}

#[test]
fn paths_stand_behind_those_of_their_servers() {
    let check = |servers: &str, expected: &[&str]| {
        let openapi = format!(
            r#"{{ "openapi": "3.1.0", "servers": {servers}, "paths": {{ "/keys": {{ "get": {{}} }} }} }}"#
        );
        assert_eq!(registry().uncovered(&openapi).unwrap(), expected, "{servers}");
    };
    check(r#"[{ "url": "https://api.example/v2/api/" }]"#, &[]);
    check(r#"[{ "url": "/v2/api" }]"#, &[]);
    check(r#"[{ "url": "//api.example/v2/api?x#y" }]"#, &[]);
    let variable =
        r#"[{ "url": "https://{host}/{v}/api", "variables": { "v": { "default": "v2" } } }]"#;
    check(variable, &[]);
    check(r#"[{ "url": "https://api.example" }]"#, &["GET /keys"]);
    check(r#"[{ "url": "/v2/api" }, { "url": "/v3/api" }]"#, &["GET /v3/api/keys"]);
    check("[]", &["GET /keys"]);
    let inner = r#"{ "openapi": "3.0.4", "servers": [{ "url": "/none" }], "paths": { "/keys": {
        "servers": [{ "url": "/v2/api" }],
        "get": {}, "put": { "servers": [{ "url": "/v4" }] } } } }"#;
    assert_eq!(registry().uncovered(inner).unwrap(), ["PUT /v4/keys"]);
}

#[test]
fn a_route_that_no_operation_describes_is_named() {
    let undescribed = |paths: &str| {
        let openapi = format!(r#"{{ "openapi": "3.1.0", "paths": {paths} }}"#);
        registry().undescribed(&openapi).unwrap()
    };
    let all = r#"{ "/post/{id}.xhtml": { "get": {} }, "/post/new": { "post": {} }, "/files/{rest}": { "get": {} },
        "/api/posts/{id}": { "get": {}, "delete": {} }, "/v2/api/keys": { "get": {}, "post": {} } }"#;
    assert_eq!(undescribed(all), [""; 0]);
    let some = r#"{ "/post/{id}.xhtml": { "parameters": [] }, "/post/{name}": { "get": {} },
        "/files/{rest}": { "put": {} }, "/api/posts/{id}": { "get": {} }, "/v2/api/keys": { "get": {} } }"#;
    assert_eq!(undescribed(some), ["/post/{id}.xhtml", "/post/new", "DELETE /api/posts/{id}"]);
    assert_eq!(registry().undescribed("").unwrap_err().code(), "openapi");
}

#[test]
fn all_are_told_at_once() {
    let openapi =
        r#"{ "openapi": "3.1.0", "paths": { "/a": { "get": {} }, "/b": { "get": {} } } }"#;
    let error = registry().assert_covers(openapi).unwrap_err();
    assert_eq!(error.code(), "route-uncovered");
    assert!(error.to_string().contains("`GET /a`, `GET /b`"), "{error}");
}

#[test]
fn what_cannot_be_read_is_not_taken_for_covered() {
    for openapi in [
        "",
        "[]",
        "openapi: 3.1.0",
        r#"{ "swagger": "2.0", "paths": {} }"#,
        r#"{ "openapi": "4.0.0", "paths": {} }"#,
        r#"{ "openapi": "3.1.0", "paths": [] }"#,
        r#"{ "openapi": "3.1.0", "paths": { "a": { "get": {} } } }"#,
        r##"{ "openapi": "3.1.0", "paths": { "/a": { "$ref": "#/components/pathItems/a" } } }"##,
        r#"{ "openapi": "3.1.0", "paths": { "/a": { "get": null } } }"#,
        r#"{ "openapi": "3.1.0", "paths": { "/a": { "additionalOperations": { "A B": {} } } } }"#,
        r#"{ "openapi": "3.1.0", "servers": [{}], "paths": { "/a": { "get": {} } } }"#,
    ] {
        assert_eq!(registry().assert_covers(openapi).unwrap_err().code(), "openapi", "{openapi}");
    }
}
