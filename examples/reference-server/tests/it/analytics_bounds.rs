//! What is asked without bounds has some, and what is deleted is what was meant.

use serde_json::{Value, json};

use crate::{
    analytics::started,
    server::{Server, problem, run},
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
fn e8_an_address_that_is_kept_in_part_is_deleted_by_what_is_kept_alone() {
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
    assert_eq!(
        server.total(&admin, "address=203.0.113.7"),
        2,
        "whoever asks may name the whole one"
    );
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
