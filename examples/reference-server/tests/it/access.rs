//! Who may ask what.

use crate::{
    malformed::raw,
    server::{Server, problem, run},
};

#[test]
fn an_admin_route_answers_401_to_nobody_403_to_a_user_and_200_to_an_admin() {
    let server = Server::unlimited(&[]);
    let path = "/api/admin/bans/violations";
    let server_with_bans = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let nobody = server.get(path);
    assert!(!nobody.headers()["www-authenticate"].to_str().unwrap().contains("error"));
    let (status, code, body) = problem(nobody);
    assert_eq!((status, &*code), (401, "credentials-required"));
    assert!(body["instance"].as_str().is_some_and(|id| id.len() == 32));

    let user = server.get_as(&server.token("bob", &[]), path);
    assert_eq!(problem(user).1, "insufficient-role");
    let admin = server_with_bans.get_as(&server_with_bans.token("alice", &["admin"]), path);
    assert_eq!(admin.status(), 200);
}

#[test]
fn a_user_named_by_admin_users_is_an_admin_from_the_start() {
    let server = Server::start(&[("ADMIN_USERS", "carol, dave"), ("RATE_LIMIT_ENABLED", "false")]);
    assert_eq!(server.get_as(&server.token("carol", &[]), "/api/admin/bans").status(), 200);
    assert_eq!(server.get_as(&server.token("bob", &[]), "/api/admin/bans").status(), 403);
}

#[test]
fn a_token_is_worth_what_its_user_is_today() {
    let refusing = [("UNKNOWN_USERS", "refuse"), ("ADMIN_USERS", "carol")];
    let server = Server::unlimited(&refusing);
    let stranger = server.token("stranger", &["admin"]);
    let answer = server.get_as(&stranger, "/api/feed");
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    let (status, code, _) = problem(answer);
    assert_eq!((status, &*code), (401, "invalid-token.unknown-user"), "on a public route too");
    let cases: [(&str, &[&str], u16); 3] =
        [("alice", &[], 200), ("carol", &[], 200), ("bob", &["admin"], 403)];
    for (user, roles, status) in cases {
        let token = server.token(user, roles);
        assert_eq!(server.get_as(&token, "/api/analytics").status(), status, "{user}");
    }

    let admitting = Server::unlimited(&[]);
    let cases: [(&[&str], u16); 2] = [(&["admin"], 200), (&[], 403)];
    for (roles, status) in cases {
        let stranger = admitting.token("stranger", roles);
        assert_eq!(admitting.get_as(&stranger, "/api/analytics").status(), status, "{roles:?}");
    }
}

#[test]
fn in_production_only_who_is_known_comes_in() {
    let production = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("CORS_ORIGINS", "https://app.example"),
        ("ADMIN_USERS", "carol"),
    ];
    let server = Server::unlimited(&production);
    let token = |user: &str| {
        let arguments = ["token", "--user", user, "--role", "admin"];
        let (fine, token, errors) = run(server.folder.path(), &arguments, &production);
        assert!(fine, "{errors}");
        token.trim().to_owned()
    };
    assert_eq!(server.get_as(&token("carol"), "/api/analytics").status(), 200);
    // Who may be called alice is somebody else's to say: she is an admin of the demo alone.
    for user in ["alice", "mallory"] {
        let refused = server.get_as(&token(user), "/api/analytics");
        assert_eq!(problem(refused).1, "invalid-token.unknown-user", "{user}");
    }
}

#[test]
fn me_is_the_caller_as_the_server_sees_it() {
    let server = Server::unlimited(&[]);
    assert_eq!(problem(server.get("/api/me")).1, "credentials-required");
    let me: serde_json::Value =
        server.get_as(&server.token("alice", &["admin"]), "/api/me").json().unwrap();
    assert_eq!(
        me,
        serde_json::json!({ "sub": "alice", "roles": ["admin"], "authenticatedBy": "jwt", "isAdmin": true })
    );
}

#[test]
fn a_bad_token_is_refused_on_public_routes_too() {
    let server = Server::unlimited(&[]);
    let answer = server.get_as("not.a.token", "/api/feed");
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let (status, code, _) = problem(answer);
    assert_eq!((status, code.split('.').next().unwrap()), (401, "invalid-token"));
}

#[test]
fn require_auth_closes_what_is_not_public() {
    let open = Server::unlimited(&[]);
    assert_eq!(open.get("/api/search?q=wall").status(), 200);
    assert_eq!(open.get("/api/nothing-here").status(), 404);
    let closed = Server::unlimited(&[("REQUIRE_AUTH", "true")]);
    assert_eq!(closed.get("/api/search?q=wall").status(), 401);
    assert_eq!(closed.get("/api/nothing-here").status(), 401);
    assert_eq!(closed.get("/api/feed").status(), 200);
    assert_eq!(closed.get_as(&closed.token("bob", &[]), "/api/search?q=wall").status(), 200);
}

#[test]
fn a_method_that_is_not_of_the_route_is_405_with_allow() {
    let server = Server::unlimited(&[]);
    let answer = server.request("PUT", "/api/feed").send().unwrap();
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
    assert_eq!(problem(answer).1, "method-not-allowed");
    let admin = server.token("alice", &["admin"]);
    for method in ["POST", "PUT", "PATCH"] {
        assert_eq!(
            server.request(method, "/api/analytics").send().unwrap().status(),
            401,
            "{method}"
        );
        assert_eq!(
            server.request(method, "/api/analytics").bearer_auth(&admin).send().unwrap().status(),
            405,
            "{method}"
        );
    }
}

#[test]
fn two_credentials_are_refused() {
    let server = Server::unlimited(&[]);
    let token = server.token("bob", &[]);
    let answer = server
        .request("GET", "/api/me")
        .bearer_auth(&token)
        .header("x-api-key", "k")
        .send()
        .unwrap();
    assert_eq!(problem(answer).1, "ambiguous-credentials");
}

#[test]
fn paths_that_could_be_read_in_two_ways_are_refused() {
    let server = Server::unlimited(&[]);
    for path in [
        "/api/%2e%2e/admin/bans",
        "/api//feed",
        "/embed/..%2fadmin",
        "/api/feed;a=b",
        "/api/feed%00",
        "/%61pi/admin/bans",
    ] {
        // The client normalises paths; a socket does not.
        let answer =
            raw(&server, format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        assert!(answer.contains("ambiguous-path"), "{path}: {answer}");
    }
}

#[test]
fn r1_no_spelling_of_an_admin_path_is_more_open_on_the_wire() {
    let server = Server::unlimited(&[]);
    let ambiguous = [
        "/api/%252e%252e/admin/bans",
        "/embed/..%5cadmin",
        r"/embed\..\api\admin\bans",
        "/api/admin/bans%3ba=b",
        "/api/admin/bans%3F",
        "/api/admin/bans%23.png",
        "/api/admin/./bans",
        "http://x//api/admin/bans",
    ];
    let guarded = [
        "/API/ADMIN/BANS",
        "/api/admin/bans/",
        "/Api/Analytics",
        "/api/admin/bans#/feed.xml",
        "/api/admin/bans?/feed.xml",
        "http://x/api/admin/bans",
    ];
    let refused = ambiguous.map(|target| (target, "400", "ambiguous-path")).into_iter();
    let refused = refused.chain(guarded.map(|target| (target, "401", "\"credentials-required\"")));
    for (target, status, code) in refused {
        let answer =
            raw(&server, format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {answer}");
        assert!(answer.contains(code), "{target}: {answer}");
    }
}
