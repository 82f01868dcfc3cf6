//! What nobody learns of API keys: which there are, and what one was that came the wrong way.

use std::{collections::BTreeMap, fs};

use palisade::authn_api_key::{ApiKeys, KeyFormat, NewKey};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem};

const KEYS: &str = "/api/admin/api-keys";

fn ask(server: &Server, key: &str, path: &str) -> Response {
    server.request("GET", path).header("x-api-key", key).send().unwrap()
}

fn create(server: &Server, admin: &str) -> (String, String) {
    let made: Value = server.post_as(admin, KEYS, &json!({ "owner": "bob" })).json().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["apiKey"]["id"]), text(&made["key"]))
}

/// A key of another service's.
fn of_another(environment: &str) -> String {
    let format = KeyFormat::new("palisade", environment).unwrap();
    let keys = ApiKeys::builder(format).build().unwrap();
    keys.create(NewKey::owned_by("bob")).unwrap().text.expose().to_owned()
}

/// All of an answer but what each has of its own.
fn told(answer: Response) -> (u16, BTreeMap<String, String>, Value) {
    let status = answer.status().as_u16();
    let own = ["x-request-id", "date", "content-security-policy"];
    let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value));
    let headers = headers.filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name, format!("{value:?}"))).collect();
    let mut body: Value = answer.json().unwrap();
    body.as_object_mut()
        .unwrap()
        .retain(|name, _| !["instance", "requestId"].contains(&name.as_str()));
    (status, headers, body)
}

#[test]
fn w5_a_key_that_is_unknown_foreign_disabled_or_wrong_is_answered_alike() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let (id, disabled) = create(&server, &admin);
    let revoked = server.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&admin).send();
    assert_eq!(revoked.unwrap().status(), 200);
    let (id, rotated) = create(&server, &admin);
    let order = json!({ "overlapSeconds": 0 });
    assert_eq!(server.post_as(&admin, &format!("{KEYS}/{id}/rotate"), &order).status(), 200);
    for path in ["/api/me", "/api/feed"] {
        let unknown = told(ask(&server, &of_another("test"), path));
        assert_eq!((unknown.0, &unknown.2["code"]), (401, &json!("invalid-api-key")));
        let (live, typo) = (of_another("live"), format!("{disabled}x"));
        for (what, key) in [
            ("foreign", live.as_str()),
            ("disabled", &disabled),
            ("rotated", &rotated),
            ("a typo", &typo),
            ("no key", "guess"),
        ] {
            assert_eq!(told(ask(&server, key, path)), unknown, "{what}");
        }
    }
    // Ids are no secret, and tell nothing to who is no admin.
    let bob = server.token("bob", &[]);
    for id in [&*id, "000000000000"] {
        let answer = server.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&bob);
        assert_eq!(problem(answer.send().unwrap()).1, "insufficient-role", "{id}");
    }
}

#[test]
fn w5_a_key_in_the_query_opens_nothing_and_its_text_is_kept_nowhere() {
    let server = Server::unlimited(&[("LOG_LEVEL", "trace")]);
    let admin = server.token("alice", &["admin"]);
    let (_, key) = create(&server, &admin);
    let secret = key.rsplit_once('_').unwrap().1;
    for path in ["/api/me", "/api/analytics", "/api/analytics/stream", KEYS] {
        for name in ["x-api-key", "X-API-Key", "api_key", "apikey", "key", "token", "ticket"] {
            let answer = server.get(&format!("{path}?{name}={key}"));
            let (status, _, body) = problem(answer);
            assert_eq!(status, 401, "{path} {name}");
            assert!(!body.to_string().contains(secret), "{path} {name}: {body}");
        }
    }
    for path in ["/api/analytics?limit=1000", "/api/admin/audit", KEYS] {
        let shown = server.get_as(&admin, path).text().unwrap();
        assert!(shown.contains("/api") || shown.contains("bob"), "{shown}");
        assert!(!shown.contains(secret), "{path}");
    }
    let folder = server.stop();
    for file in ["stderr.log", "data/palisade.db"] {
        let text = fs::read(folder.path().join(file)).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(secret), "{file}");
    }
}
