//! What admins change: by whom a browser may be sent, how often, and what is kept of it.

use http::HeaderMap;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem, until};

const FLUSH: &str = "/api/flush-cache";

/// Flushes the cache as an admin, with these headers beside the token.
fn flush(server: &Server, token: &str, headers: &[(&str, &str)]) -> Response {
    let request = server.request("POST", FLUSH).bearer_auth(token);
    let with = |request: reqwest::blocking::RequestBuilder, (name, value): &(&str, &str)| {
        request.header(*name, *value)
    };
    headers.iter().fold(request, with).send().unwrap()
}

/// Every change that an admin can make, with an order that is good.
fn changes() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        ("POST", "/api/flush-cache", json!(null), "cache.flush"),
        ("POST", "/api/cache/invalidate", json!({ "types": ["pdf"] }), "cache.invalidate"),
        ("DELETE", "/api/analytics", json!(null), "analytics.clear"),
        ("POST", "/api/admin/bans/ban-ip", json!({ "ip": "203.0.113.9", "reason": "x" }), "ban.ip"),
        ("POST", "/api/admin/bans/ban-user", json!({ "userId": "m", "reason": "x" }), "ban.user"),
        ("POST", "/api/admin/bans/ban-token", json!({ "token": "t", "reason": "x" }), "ban.token"),
        ("POST", "/api/admin/bans/unban-ip", json!({ "ip": "203.0.113.9" }), "unban.ip"),
        ("POST", "/api/admin/bans/unban-user", json!({ "userId": "m" }), "unban.user"),
        ("POST", "/api/admin/bans/unban-token", json!({ "token": "t" }), "unban.token"),
        ("POST", "/api/admin/users/disable", json!({ "userId": "m" }), "user.disable"),
        ("POST", "/api/admin/users/enable", json!({ "userId": "m" }), "user.enable"),
        ("POST", "/api/admin/users/roles", json!({ "userId": "m", "roles": [] }), "user.roles"),
        ("POST", "/api/admin/users/sign-out", json!({ "userId": "m" }), "user.sign-out"),
        ("POST", "/api/admin/api-keys", json!({ "owner": "m" }), "api-key.create"),
        ("POST", "/api/admin/api-keys/:id/rotate", json!({}), "api-key.rotate"),
        ("DELETE", "/api/admin/api-keys/:id", json!(null), "api-key.revoke"),
        ("POST", "/api/admin/system/restart", json!(null), "system.restart"),
    ]
}

#[test]
fn a5_what_a_page_of_another_site_sends_changes_nothing() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let admin = server.token("alice", &["admin"]);
    for (method, path, body, _) in changes() {
        let path = path.replace(":id", "000000000000");
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = server.request(method, &path).bearer_auth(&admin).header(name, value);
            let (status, code, _) = problem(request.json(&body).send().unwrap());
            assert_eq!((status, &*code), (403, "cross-site-request"), "{method} {path} {value}");
        }
    }
    let state = |path: &str| server.get_as(&admin, path).text().unwrap();
    assert_eq!(
        state("/api/admin/bans"),
        r#"{"bannedIPs":[],"bannedTokens":[],"bannedUserIds":[]}"#,
        "nothing of it happened, and nobody was banned for it"
    );
    assert_eq!(state("/api/admin/api-keys"), r#"{"apiKeys":[]}"#);
    assert!(!state("/api/admin/users").contains("\"m\""));
    assert!(!server.log().contains("admin.action"), "{}", server.log());
    assert!(state("/api/admin/bans/violations").contains("\"offenders\":[]"));
}

#[test]
fn a5_own_pages_configured_ones_and_programs_may() {
    let server = Server::unlimited(&[("CORS_ORIGINS", "https://app.example")]);
    let admin = server.token("alice", &["admin"]);
    let port = server.base.rsplit_once(':').unwrap().1;
    let own = server.base.as_str();
    let tls = own.replace("http:", "https:");
    let other_port = own.replace(port, "1");
    let sub = "https://sub.app.example";
    for (headers, fine) in [
        (&[][..], true),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("sec-fetch-site", "same-origin"), ("origin", own)], true),
        (&[("origin", own)], true),
        (&[("origin", tls.as_str())], true),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")], true),
        (&[("sec-fetch-site", "cross-site"), ("origin", tls.as_str())], false),
        (&[("origin", other_port.as_str())], false),
        (&[("origin", sub)], false),
        (&[("origin", "https://APP.example")], false),
        (&[("origin", "https://app.example"), ("origin", "https://app.example")], false),
        (&[("origin", "")], false),
        (&[("sec-fetch-site", "new-word")], false),
        (&[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")], false),
    ] {
        let status = flush(&server, &admin, headers).status();
        assert_eq!(status, if fine { 200 } else { 403 }, "{headers:?}");
    }
    // What only reads is nobody's business.
    let read = server.request("GET", "/api/admin/users").bearer_auth(&admin);
    assert_eq!(read.header("origin", "https://evil.example").send().unwrap().status(), 200);
}

#[test]
fn a5_with_a_public_url_the_host_that_is_asked_says_nothing() {
    let server = Server::unlimited(&[("PUBLIC_URL", "https://API.example:443/")]);
    let admin = server.token("alice", &["admin"]);
    // A name of the attacker's that leads here (DNS rebinding): for the browser it is one site.
    let rebound = [("origin", server.base.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(problem(flush(&server, &admin, &rebound)).1, "cross-site-request");
    let own = [("origin", "https://api.example"), ("sec-fetch-site", "same-origin")];
    assert_eq!(flush(&server, &admin, &own).status(), 200);
}

#[test]
fn a5_who_may_not_change_anything_learns_nothing_of_origins() {
    let server = Server::unlimited(&[]);
    let bob = server.token("bob", &[]);
    let evil = [("origin", "https://evil.example")];
    assert_eq!(problem(flush(&server, &bob, &evil)).1, "insufficient-role");
    let nobody = server.request("POST", FLUSH).header("origin", "https://evil.example");
    assert_eq!(problem(nobody.send().unwrap()).1, "credentials-required");
}

#[test]
fn a5_a_flood_of_changes_and_a_replayed_one_are_limited_for_each_admin() {
    let settings = [
        ("RATE_LIMIT_MAX", "1000"),
        ("RATE_LIMIT_WINDOW_MS", "1000"),
        ("ADMIN_RATE_LIMIT_MAX", "3"),
        ("ADMIN_RATE_LIMIT_WINDOW_MS", "3600000"),
        ("AUTO_BAN_ENABLED", "false"),
    ];
    let server = Server::start(&settings);
    let (alice, root) = (server.token("alice", &["admin"]), server.token("root", &["admin"]));
    let number = |headers: &HeaderMap, name: &str| -> u64 {
        headers[name].to_str().unwrap().parse().unwrap()
    };
    // What another site has her browser send uses nothing up.
    for _ in 0..5 {
        assert_eq!(flush(&server, &alice, &[("origin", "https://evil.example")]).status(), 403);
    }
    for left in [2, 1, 0] {
        let answer = flush(&server, &alice, &[]);
        assert_eq!(answer.status(), 200);
        assert_eq!(number(answer.headers(), "ratelimit-remaining"), left);
    }
    for path in [FLUSH, "/api/admin/system/restart"] {
        let answer = server.request("POST", path).bearer_auth(&alice).send().unwrap();
        assert!(number(answer.headers(), "retry-after") > 60);
        let (status, code, body) = problem(answer);
        assert_eq!((status, &*code), (429, "quota-exceeded"), "{path}");
        assert_eq!(body["violated-policies"], json!(["admin-changes"]));
    }
    assert_eq!(server.get("/healthz").status(), 200, "it did not restart");
    assert_eq!(flush(&server, &root, &[]).status(), 200, "another admin has her own");
    assert_eq!(server.get_as(&alice, "/api/admin/users").status(), 200, "reading is not limited");
}

#[test]
fn a5_every_change_is_in_the_audit_with_who_and_what() {
    let mut server = Server::unlimited(&[("AUTO_BAN_ENABLED", "true"), ("LOG_FORMAT", "json")]);
    let admin = server.token("alice", &["admin"]);
    let mut id = String::new();
    let mut requests = Vec::new();
    for (method, path, body, action) in changes() {
        let request = server.request(method, &path.replace(":id", &id)).bearer_auth(&admin);
        let request = request.header("user-agent", "ops/1");
        let answer = request.json(&body).send().unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {}", answer.text().unwrap());
        let request_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        requests.push((action, request_id));
        if action == "api-key.create" {
            let made: Value = answer.json().unwrap();
            id = made["apiKey"]["id"].as_str().unwrap().to_owned();
        }
    }
    assert!(server.wait(), "the last one ends it");
    let log = server.log();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions: Vec<&Value> =
        events.iter().filter(|event| event["event"] == "admin.action").collect();
    assert_eq!(actions.len(), requests.len(), "one line each: {actions:#?}");
    for (event, (action, request_id)) in actions.into_iter().zip(requests) {
        assert_eq!((&event["action"], &event["request_id"]), (&json!(action), &json!(request_id)));
        assert_eq!((&event["outcome"], &event["address"]), (&json!("done"), &json!("127.0.0.1")));
        assert_eq!(event["target"], "palisade::security");
        for (name, part) in [("user_id", "alice"), ("user_agent", "ops/1")] {
            assert!(event[name].as_str().unwrap().contains(part), "{event}");
        }
    }
    assert!(!log.contains("\"token\":\"t\""), "no token in clear");
}

#[test]
fn a5_a_change_that_is_refused_is_in_the_audit_too() {
    let server =
        Server::unlimited(&[("AUTO_BAN_ENABLED", "true"), ("TRUSTED_PROXIES", "10.0.0.0/8")]);
    let admin = server.token("alice", &["admin"]);
    let order = json!({ "ip": "10.1.2.3", "reason": "typo" });
    let refused = server.post_as(&admin, "/api/admin/bans/ban-ip", &order);
    let (status, code, _) = problem(refused);
    assert_eq!((status, &*code), (422, "protected-address"));
    let is_told = || {
        let log = server.log();
        log.lines().any(|line| {
            line.contains("admin.action")
                && line.contains("refused: protected-address")
                && line.contains("10.1.2.3")
        })
    };
    until("the line", is_told);
}
