//! The API's description: all routes are in it, with who may ask them, and nothing else is.

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use http::Request;
use palisade_server::App;
use serde_json::Value;
use tokio::runtime;

use crate::{
    in_process::{LIMIT, ask, settings},
    server::{Server, problem, run},
};

/// A method that no route has.
const NO_METHOD: &str = "BREW";

/// What the description says of one method of a path.
struct Operation {
    method: String,
    /// With a value for each parameter.
    path: String,
    access: String,
}

fn operations(description: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path.replace(['{', '}'], "");
            let access = operation["x-access"].as_str().unwrap().to_owned();
            operations.push(Operation { method: method.to_uppercase(), path, access });
        }
    }
    assert!(operations.len() > 55, "{}", operations.len());
    operations
}

fn description(server: &Server) -> Value {
    let answer = server.get("/openapi.json");
    assert_eq!(answer.headers()["content-type"], "application/json");
    answer.json().unwrap()
}

#[test]
fn every_route_is_described_and_every_description_has_its_route() {
    let folder = tempfile::tempdir().unwrap();
    runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let app = App::open(settings(folder.path())).await.unwrap();
        let request = Request::get("/openapi.json").header("host", "x").body(Body::empty());
        let answer = ask(&app, request.unwrap()).await;
        let text = to_bytes(answer.into_body(), LIMIT).await.unwrap();
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(app.routes().uncovered(text).unwrap(), [""; 0]);
        assert_eq!(app.routes().undescribed(text).unwrap(), [""; 0]);
    });
}

#[test]
fn who_may_ask_is_what_the_description_says() {
    let server = Server::unlimited(&[]);
    let bob = server.token("bob", &[]);
    for Operation { method, path, access } in operations(&description(&server)) {
        let anonymous = server.request(&method, &path).send().unwrap().status().as_u16();
        let name = format!("{method} {path} is {access}");
        match &*access {
            // Whoever may not read something learns no more than that he might as somebody else: the rules of its mount say.
            _ if path.starts_with("/api/vfs/") => assert_eq!(anonymous, 401, "{name}"),
            "public" | "protected" => assert!(![401, 403].contains(&anonymous), "{name}"),
            "authenticated" => assert_eq!(anonymous, 401, "{name}"),
            "admin" => {
                assert_eq!(anonymous, 401, "{name}");
                let answer = server.request(&method, &path).bearer_auth(&bob).send().unwrap();
                let (status, code, _) = problem(answer);
                assert_eq!((status, &*code), (403, "insufficient-role"), "{name}");
            }
            _ => panic!("{name}"),
        }
    }
}

#[test]
fn the_methods_of_a_path_are_those_that_are_described() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let operations = operations(&description(&server));
    let paths: BTreeSet<&str> = operations.iter().map(|operation| &*operation.path).collect();
    for path in paths {
        let of_path = operations.iter().filter(|operation| operation.path == path);
        let described: BTreeSet<&str> = of_path.map(|operation| &*operation.method).collect();
        let answer = server.request(NO_METHOD, path).bearer_auth(&alice).send().unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        let allowed = answer.headers()["allow"].to_str().unwrap();
        let allowed = allowed.split(',').map(str::trim).filter(|method| *method != "HEAD");
        assert_eq!(allowed.collect::<BTreeSet<_>>(), described, "{path}");
    }
}

#[test]
fn with_require_auth_the_description_asks_for_a_credential_where_the_server_does() {
    let check = |require: &str, status: u16, needs_none: bool| {
        let server = Server::unlimited(&[("REQUIRE_AUTH", require)]);
        let search = &description(&server)["paths"]["/api/search"]["get"]["security"];
        let search = search.as_array().unwrap();
        assert_eq!(search.iter().any(|one| *one == serde_json::json!({})), needs_none);
        assert_eq!(server.get("/api/search").status(), status);
    };
    check("false", 200, true);
    check("true", 401, false);
}

#[test]
fn what_every_refusal_has_is_described_for_every_route() {
    let server = Server::unlimited(&[]);
    let description = description(&server);
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for status in ["400", "401", "403", "429", "503"] {
                let answer = &operation["responses"][status];
                assert!(!answer.is_null(), "{method} {path}: {status}");
            }
        }
    }
    let unauthenticated = &description["components"]["responses"]["Unauthenticated"];
    assert!(unauthenticated["headers"]["WWW-Authenticate"].is_object(), "{unauthenticated}");
    assert!(unauthenticated["content"]["application/problem+json"].is_object());
    let bans = &description["paths"]["/api/admin/bans"]["get"]["responses"]["200"]["headers"];
    assert!(bans["RateLimit-Remaining"].is_object() && bans["X-Request-Id"].is_object(), "{bans}");
}

#[test]
fn production_shows_the_description_to_admins_alone() {
    let production = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("CORS_ORIGINS", "https://app.example"),
        ("ADMIN_USERS", "carol"),
    ];
    let server = Server::unlimited(&production);
    for path in ["/openapi.json", "/docs", "/reference", "/reference/scalar.js"] {
        assert_eq!(problem(server.get(path)).0, 404, "{path}");
    }
    let arguments = ["token", "--user", "carol"];
    let (fine, carol, errors) = run(server.folder.path(), &arguments, &production);
    assert!(fine, "{errors}");
    for path in ["/admin/reference", "/admin/reference/openapi.json", "/admin/reference/scalar.js"]
    {
        assert_eq!(problem(server.get(path)).0, 401, "{path}");
        let answer = server.get_as(carol.trim(), path);
        assert_eq!(answer.status(), 200, "{path}");
        let kept = answer.headers()["cache-control"].to_str().unwrap();
        assert!(kept.contains("private") || kept.contains("no-store"), "{path}: {kept}");
    }
    let answer = server.get_as(carol.trim(), "/admin/reference/openapi.json");
    let paths = answer.json::<Value>().unwrap()["paths"].take();
    assert!(paths["/admin/reference"].is_object() && paths["/docs"].is_null());
}

#[test]
fn a4_a_token_is_filled_in_on_one_page_and_never_in_production() {
    const TOKEN: &str = "a-token-</script><script>alert(1)</script>";
    let server = Server::unlimited(&[("SCALAR_AUTH_TOKEN", TOKEN)]);
    let alice = server.token("alice", &["admin"]);
    let answer = server.get("/reference");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    let page = answer.text().unwrap();
    assert!(page.contains(r#""token":"a-token-\u003c/script>\u003cscript>"#), "{page}");
    for path in ["/docs", "/openapi.json", "/admin/reference"] {
        let page = server.get_as(&alice, path).text().unwrap();
        assert!(!page.contains("a-token-"), "{path}");
    }
    let production = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("CORS_ORIGINS", "https://app.example"),
        ("SCALAR_AUTH_TOKEN", TOKEN),
    ];
    let (fine, _, errors) = run(server.folder.path(), &["check-config"], &production);
    assert!(!fine && errors.contains("SCALAR_AUTH_TOKEN"), "{errors}");
    assert!(!errors.contains("a-token-"), "{errors}");
}
