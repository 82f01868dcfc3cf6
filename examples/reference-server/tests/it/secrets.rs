//! What proves who is asking, and what protects the server, stands nowhere that anybody reads.

use std::{fs, path::Path, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    malformed::raw,
    server::{Server, run, until},
    stream::lines,
};

const JWT_SECRET: &str = "the-secret-that-signs-0123456789abcdef";
const PASSWORD: &str = "pa55w0rd-of-a-person";
/// What a user lets the service keep.
const KEPT: &str = "sk-live-4kq0v7m2x9rt8w3h";
const COOKIE: &str = "c00kie-of-a-browser";

/// What admins can read of what was asked.
const READ_BY_ADMINS: [&str; 12] = [
    "/api/analytics?limit=1000",
    "/api/analytics?countBy=path",
    "/api/analytics?view=summary",
    "/api/analytics?format=csv",
    "/api/analytics?format=ndjson",
    "/api/admin/bans",
    "/api/admin/bans/violations",
    "/api/admin/api-keys",
    "/api/admin/blocklist",
    "/api/admin/audit",
    "/api/admin/audit/export",
    "/metrics",
];
/// What they can follow, and what of it comes last.
const FOLLOWED: [(&str, &str); 2] =
    [("/api/analytics/stream", "/api/profiles"), ("/api/logs/system/stream", "ban.added")];

/// Everything that anybody can read, by name.
#[derive(Default)]
struct Sinks(Vec<(String, String)>);

impl Sinks {
    fn add(&mut self, name: &str, content: String) {
        self.0.push((name.to_owned(), content));
    }

    fn add_answer(&mut self, name: &str, answer: Response) {
        let headers = format!("{:?}", answer.headers());
        self.add(name, headers + &answer.text().unwrap());
    }

    /// Every file below a folder.
    fn add_files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add_files(&path);
            } else {
                let content = fs::read(&path).unwrap();
                self.add(
                    &path.display().to_string(),
                    String::from_utf8_lossy(&content).into_owned(),
                );
            }
        }
    }

    /// Whether something that must be there is: a sink that nothing reaches proves nothing.
    fn has(&self, name: &str, part: &str) -> bool {
        self.0.iter().any(|(sink, content)| sink.contains(name) && content.contains(part))
    }

    fn lack(&self, secrets: &[(&str, &str)]) {
        for (sink, content) in &self.0 {
            for (what, secret) in secrets {
                assert!(!content.contains(secret), "{what} is in {sink}");
            }
        }
    }
}

fn token(server: &Server, user: &str, roles: &[&str]) -> String {
    let roles = roles.iter().flat_map(|role| ["--role", role]);
    let arguments: Vec<&str> = ["token", "--user", user].into_iter().chain(roles).collect();
    let (fine, token, errors) =
        run(server.folder.path(), &arguments, &[("JWT_SECRET", JWT_SECRET)]);
    assert!(fine, "{errors}");
    token.trim().to_owned()
}

/// Asks in every way in which a secret comes to the wrong place, each time from another address.
fn blunders(server: &Server, sinks: &mut Sinks, user: &str, key: &str, ticket: &str) {
    let mut number = 0;
    let mut ask = |method: &str, path: &str, headers: &[(&str, String)], body: Option<Value>| {
        number += 1;
        let mut request = server.request(method, path);
        request = request.header("x-forwarded-for", format!("198.51.100.{number}"));
        request =
            request.header("referer", format!("http://user:{PASSWORD}@host.example/?token={user}"));
        request = request.header("cookie", format!("session={COOKIE}; token={user}"));
        for (name, value) in headers {
            request = request.header(*name, value.clone());
        }
        let request = body.iter().fold(request, |request, body| request.json(body));
        sinks.add_answer("an answer", request.send().unwrap());
    };
    let basic = STANDARD.encode(format!("alice:{PASSWORD}"));
    let bearer = |text: &str| ("authorization", format!("Bearer {text}"));
    for path in [
        "/api/feed",
        "/api/me",
        "/api/nothing-here",
        "//api/feed",
        "/api/admin/bans",
        "/api/analytics/stream",
    ] {
        ask(
            "GET",
            &format!("{path}?token={user}x&api_key={key}&ticket={ticket}&password={PASSWORD}"),
            &[],
            None,
        );
        ask("GET", path, &[bearer(&format!("{user}x"))], None);
        ask("GET", path, &[bearer(key)], None);
        ask("GET", path, &[("authorization", format!("Basic {basic}"))], None);
        ask("GET", path, &[("x-api-key", format!("{key}x"))], None);
        ask("GET", path, &[("x-api-key", key.to_owned()), bearer(user)], None);
        ask("DELETE", path, &[bearer(user)], Some(json!({ "token": user, "key": key })));
    }
    ask("POST", "/api/admin/bans/ban-ip", &[bearer(user)], Some(json!({ "ip": user })));
    let page = format!("https://user:{PASSWORD}@app.example/?token={user}#{ticket}");
    let report = json!([{ "type": "csp-violation", "age": 1, "url": page, "user_agent": "x",
        "body": { "effectiveDirective": "img-src", "blockedURL": page, "documentURL": page, "disposition": "enforce" } }]);
    ask(
        "POST",
        "/api/csp-reports",
        &[("content-type", "application/reports+json".into())],
        Some(report),
    );
    for line in [
        format!("GET /?token={user}\x7f HTTP/1.1"),
        format!("GET /?token={user}{}", "x".repeat(100_000)),
    ] {
        sinks.add(
            "an answer",
            raw(server, format!("{line}\r\nHost: x\r\nAuthorization: Bearer {user}\r\n\r\n")),
        );
    }
}

fn check(format: &str) {
    let server = Server::start(&[
        ("JWT_SECRET", JWT_SECRET),
        ("LOG_LEVEL", "trace"),
        ("LOG_FORMAT", format),
        ("SECURITY_LOG_FILE", "security.log"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("RATE_LIMIT_MAX", "1000"),
    ]);
    let mut sinks = Sinks::default();
    let (admin, user) = (token(&server, "alice", &["admin"]), token(&server, "bob", &[]));
    let made: Value = server.post_as(&admin, "/api/admin/api-keys", &json!({})).json().unwrap();
    let key = made["key"].as_str().unwrap();
    let wanted = json!({ "route": "/api/analytics/stream" });
    let issued: Value = server.post_as(&user, "/api/stream-tickets", &wanted).json().unwrap();
    let ticket = issued["ticket"].as_str().unwrap();
    let followed = FOLLOWED.map(|(path, last)| {
        let request = server.request("GET", path).bearer_auth(&admin);
        let stream = request.timeout(Duration::from_secs(20)).send().unwrap();
        assert_eq!(stream.status(), 200, "{path}");
        (path, last, lines(stream))
    });

    for value in [json!({ "value": KEPT }), json!({ "values": KEPT })] {
        let kept = server.request("PUT", "/api/me/secrets/openai").bearer_auth(&user).json(&value);
        sinks.add_answer("a secret that is kept", kept.send().unwrap());
    }
    sinks.add_answer("secrets", server.get_as(&user, "/api/me/secrets"));
    blunders(&server, &mut sinks, &user, key, ticket);
    let banned = json!({ "token": user, "reason": "stolen" });
    let banned = server.post_as(&admin, "/api/admin/bans/ban-token", &banned);
    sinks.add_answer("a ban", banned);
    sinks.add_answer("who is banned", server.get_as(&user, "/api/feed"));
    // The last that streams show.
    assert_eq!(server.get("/api/profiles").status(), 200);
    for (path, last, mut stream) in followed {
        let mut text = String::new();
        while !text.contains(last) {
            text += &stream.next().unwrap().unwrap();
        }
        sinks.add(path, text);
    }
    for path in READ_BY_ADMINS {
        let answer = server.get_as(&admin, path);
        assert_eq!(answer.status(), 200, "{path}");
        sinks.add_answer(path, answer);
    }
    let log = server.folder.path().join("security.log");
    until("the file", || fs::read_to_string(&log).is_ok_and(|text| text.contains("auth.failed")));
    sinks.add_files(server.stop().path());

    assert!(sinks.has("stderr.log", "auth.failed") && sinks.has("security.log", "csp.violation"));
    assert!(
        sinks.has("?limit=1000", "/api/nothing-here")
            && sinks.has("format=csv", "/api/nothing-here")
            && sinks.has("violations", "198.51.100.")
            && sinks.has("/metrics", "palisade_decisions_total")
            && sinks.has("analytics.db", "/api/nothing-here")
            && sinks.has("palisade.db", "secret.written")
            && sinks.has("export", "secret.written")
            && sinks.has("a secret that is kept", "8w3h")
    );
    let last = |text: &str, mark: char| text.rsplit_once(mark).unwrap().1.to_owned();
    let basic = STANDARD.encode(format!("alice:{PASSWORD}"));
    sinks.lack(&[
        ("an admin's token", &last(&admin, '.')),
        ("a token", &last(&user, '.')),
        ("an API key", &last(key, '_')),
        ("a ticket", ticket),
        ("the secret that signs", JWT_SECRET),
        ("a password", PASSWORD),
        ("a password in Base64", &basic),
        ("a cookie", COOKIE),
        ("a secret that is kept", KEPT.strip_suffix("8w3h").unwrap()),
    ]);
}

#[test]
fn e3_no_secret_is_in_any_sink_where_the_console_is_for_people() {
    check("pretty");
}

#[test]
fn e3_no_secret_is_in_any_sink_where_the_console_is_for_machines() {
    check("json");
}

#[test]
fn settings_that_are_printed_show_no_secret() {
    let set = [
        ("JWT_SECRET", JWT_SECRET),
        ("REDIS_URL", "redis://user:pa55w0rd-of-a-person@127.0.0.1:6379"),
        ("REDIS_SALT", COOKIE),
        ("DATABASE_URL", "postgres://app:pa55w0rd-of-a-person@127.0.0.1/palisade"),
    ];
    let given = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let values = palisade_server::settings::Values::new(given, []);
    let settings = palisade_server::Settings::read(&values).unwrap();
    let shown = format!("{values:?}{settings:?}");
    for secret in [JWT_SECRET, PASSWORD, COOKIE] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("JWT_SECRET"));
}
