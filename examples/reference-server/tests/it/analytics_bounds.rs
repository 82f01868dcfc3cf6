//! What is asked without bounds has some, and what is deleted is what was meant.

use reqwest::blocking::Response;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    analytics::started,
    server::{Server, problem, run, until},
};

#[test]
fn numbers_are_of_the_last_day_unless_it_is_said_and_tell_since_when() {
    let (server, admin) = started(&[]);
    server.get("/api/feed");
    for view in ["view=summary", "view=top&countBy=path", "view=series&step=day"] {
        let ask = |query: &str| server.analytics(&admin, &format!("?{view}{query}"));
        let told = ask("")["since"].as_str().unwrap().to_owned();
        let told: jiff::Timestamp = told.parse().unwrap();
        let ago = jiff::Timestamp::now().duration_since(told);
        assert!((86_400..86_460).contains(&ago.as_secs()), "{view}: {told}");
        assert_eq!(ask("&until=2020-01-02T00:00:00Z")["since"], "2020-01-01T00:00:00.000Z");
        assert_eq!(ask("&since=2020-01-01T00:00:00Z")["since"], "2020-01-01T00:00:00.000Z");
    }
    let list = server.analytics(&admin, "?limit=1");
    assert_eq!(list["since"], Value::Null, "a list goes back as far as anyone reads");
    assert!(list["totals"]["total"].as_u64().unwrap() > 4);
    let next = list["page"]["next"].as_str().unwrap();
    let next = server.analytics(&admin, &format!("?limit=1&cursor={next}"));
    assert_eq!(next["totals"], Value::Null, "counted once, on the first page");
}

#[test]
fn e8_an_address_that_is_kept_in_part_is_named_by_what_is_kept_alone() {
    let forget = |server: &Server, admin: &str, address: &str| {
        let path = format!("/api/analytics?address={address}");
        server.request("DELETE", &path).bearer_auth(admin).send().unwrap()
    };
    let (server, admin) =
        started(&[("ANALYTICS_ADDRESSES", "network"), ("TRUSTED_PROXIES", "127.0.0.0/8")]);
    for address in ["203.0.113.7", "203.0.113.8"] {
        server.request("GET", "/api/feed").header("x-forwarded-for", address).send().unwrap();
    }
    let (status, code, body) = problem(forget(&server, &admin, "203.0.113.7"));
    assert_eq!((status, &*code), (400, "invalid-request"));
    assert!(body["detail"].as_str().unwrap().contains("`203.0.113.0`"), "{body}");
    let asked = server.get_as(&admin, "/api/analytics?address=203.0.113.7");
    let (status, _, body) = problem(asked);
    assert_eq!(status, 400, "two clients are no answer about one");
    assert!(body["detail"].as_str().unwrap().contains("`203.0.113.0`"), "{body}");
    assert_eq!(server.total(&admin, "address=203.0.113.0"), 2);
    let cleared: Value = forget(&server, &admin, "203.0.113.0").json().unwrap();
    assert_eq!(cleared, json!({ "cleared": 2 }));

    let (server, admin) = started(&[("ANALYTICS_ADDRESSES", "daily-hash")]);
    server.get("/api/feed");
    let (status, _, body) = problem(forget(&server, &admin, "127.0.0.1"));
    assert_eq!(status, 400);
    let kept = body["detail"].as_str().unwrap().split('`').nth(3).unwrap().to_owned();
    assert!(kept.starts_with('~'), "{body}");
    assert_eq!(forget(&server, &admin, &kept).status(), 200);
}

#[test]
fn a_file_of_another_program_is_no_place_for_records() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.json");
    std::fs::write(&other, "{}").unwrap();
    let path = other.to_str().unwrap();
    let (fine, _, told) = run(folder.path(), &["serve"], &[("ANALYTICS_DB", path)]);
    assert!(!fine && told.contains("another program") && told.contains(path), "{told}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "{}");
}

#[test]
fn what_cannot_be_deleted_is_refused_in_the_audit_and_records_of_that_time_are_stored_later() {
    let (server, admin) = started(&[("LOG_FORMAT", "json")]);
    let path = server.folder.path().join("data/analytics.db");
    server.get("/api/feed");
    assert_eq!(server.total(&admin, "route=/api/feed"), 1);
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    server.get("/api/feed");
    let forget = server.request("DELETE", "/api/analytics?user=bob").bearer_auth(&admin);
    let (status, code, _) = problem(forget.send().unwrap());
    assert_eq!((status, &*code), (503, "temporarily-unavailable"));
    let told = || {
        let log = server.log();
        let mut lines = log.lines().filter(|line| line.contains("analytics.clear"));
        lines.any(|line| line.contains("refused: temporarily-unavailable"))
    };
    until("the line", told);
    assert!(!server.log().contains("\"outcome\":\"done\""), "{}", server.log());
    // Longer than the store waits for the other one.
    server.get("/api/feed");
    assert_eq!(server.total(&admin, "route=/api/feed"), 1);
    other.execute_batch("ROLLBACK").unwrap();
    until("all of them", || server.total(&admin, "route=/api/feed") == 3);
    let totals = &server.analytics(&admin, "?limit=1")["totals"];
    assert_eq!((&totals["dropped"], &totals["lost"]), (&json!(0), &json!(0)));
}

#[test]
fn a_file_is_made_for_who_wants_one_most_and_who_takes_nothing_is_told_what_there_is() {
    let (server, admin) = started(&[]);
    let ask = |accept: &str| -> Response {
        let ask = server.request("GET", "/api/analytics?limit=1").bearer_auth(&admin);
        ask.header("accept", accept).send().unwrap()
    };
    for (accept, form) in [
        ("*/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("image/png", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv; Q=0.000, application/x-ndjson;q=0.1", "application/x-ndjson"),
        ("text/csv;q=0.1, application/json", "application/json"),
        ("application/json;q=0.1, text/csv;q=0.9", "text/csv"),
        ("text/csv, application/json", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("*/*, application/json;q=0", "text/csv"),
        ("TEXT/*", "text/csv"),
    ] {
        let answer = ask(accept);
        let got = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(answer.status() == 200 && got.starts_with(form), "{accept}: {got}");
    }
    for accept in ["*/*;q=0", "application/json;q=0, text/html", "application/*;q=0.0"] {
        let (status, code, body) = problem(ask(accept));
        assert_eq!((status, &*code), (400, "invalid-request"), "{accept}");
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.ends_with("application/json, text/csv, application/x-ndjson."), "{detail}");
    }
}
