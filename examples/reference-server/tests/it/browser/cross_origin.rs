//! Calls from pages of other origins: what scripts there can send and read.

use serde_json::{Value, json};

use super::{
    driver::Browser,
    site::{Page, Site},
};
use crate::server::Server;

/// Asks from the page that is open: what its script can read, or why it cannot.
fn asks(browser: &Browser, url: &str, options: &Value) -> Value {
    browser.script(&format!(
        "try {{ \
             const answer = await fetch({url:?}, {options}); \
             return {{ status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.json() }}; \
         }} catch (error) {{ return error.name; }}"
    ))
}

/// The options of a call with credentials, with a token where there is one.
fn with_credentials(token: Option<&str>) -> Value {
    let headers =
        token.map_or(json!({}), |token| json!({ "authorization": format!("Bearer {token}") }));
    json!({ "credentials": "include", "headers": headers })
}

const REFUSED: &str = "TypeError";

#[test]
fn h1_pages_of_a_listed_origin_call_with_credentials_and_no_others_do() {
    let sandboxed = Page::html("").with("content-security-policy", "sandbox allow-scripts");
    let listed = Site::of([("/", Page::html("")), ("/sandboxed", sandboxed)]);
    let other = Site::empty();
    let server = Server::unlimited(&[("CORS_ORIGINS", listed.url("").as_str())]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let browser = Browser::start();
    // The visitor was there before, and has a session.
    browser.open(&server.url("/"));
    let (feed, me) = (server.url("/api/feed"), server.url("/api/me"));

    browser.open(&listed.url("/"));
    let read = asks(&browser, &feed, &with_credentials(None));
    assert_eq!(read["status"], 200);
    assert_eq!(read["body"]["posts"].as_array().unwrap().len(), 3);
    assert_eq!(read["headers"]["x-request-id"].as_str().unwrap().len(), 32);
    // A token asks for a preflight first.
    let read = asks(&browser, &me, &with_credentials(Some(&bob)));
    assert_eq!((&read["status"], &read["body"]["sub"]), (&json!(200), &json!("bob")));
    assert_eq!(browser.console(), [""; 0]);

    // Another port, another name of the same server, and no origin at all.
    for page in [other.url("/"), listed.url_by_name("/"), listed.url("/sandboxed")] {
        browser.open(&page);
        for (url, options) in [
            (&feed, with_credentials(None)),
            (&feed, json!({})),
            (&me, with_credentials(Some(&bob))),
        ] {
            assert_eq!(asks(&browser, url, &options), REFUSED, "{page} asks for {url}");
        }
        let console = browser.console();
        let told = console.iter().filter(|line| line.contains("blocked by CORS policy")).count();
        assert_eq!(told, 3, "{page}: {console:#?}");
    }

    // What reached the server: the session of the one who was there before, from the listed origin; from the others no call
    // with a token, for its preflight was turned down.
    let asked: Value = server.get_as(&alice, "/api/analytics").json().unwrap();
    let records = asked["page"]["records"].as_array().unwrap();
    let of =
        |path: &str| records.iter().filter(|record| record["path"] == path).collect::<Vec<_>>();
    assert_eq!(of("/api/me").len(), 1, "{asked:#}");
    let first = of("/api/feed");
    assert!(first.last().unwrap()["session"].is_string(), "{asked:#}");
}

#[test]
fn h1_with_any_origin_allowed_pages_call_without_credentials_alone() {
    let (site, browser) = (Site::empty(), Browser::start());
    let server = Server::unlimited(&[("CORS_ORIGINS", "*")]);
    browser.open(&site.url("/"));
    let feed = server.url("/api/feed");
    assert_eq!(asks(&browser, &feed, &json!({}))["status"], 200);
    assert_eq!(asks(&browser, &feed, &with_credentials(None)), REFUSED);
    // A token is no credential in the browser's sense: the page itself has it.
    let bob = format!("Bearer {}", server.token("bob", &[]));
    let options = json!({ "headers": { "authorization": bob } });
    assert_eq!(asks(&browser, &server.url("/api/me"), &options)["body"]["sub"], "bob");
}

#[test]
fn pages_of_a_listed_origin_read_every_refusal_and_when_to_come_back() {
    let (site, browser) = (Site::empty(), Browser::start());
    let server = Server::start(&[
        ("CORS_ORIGINS", &*site.url("")),
        ("RATE_LIMIT_MAX", "2"),
        ("RATE_LIMIT_WINDOW_MS", "3600000"),
        ("MAX_UPLOAD_SIZE", "1KB"),
        ("AUTO_BAN_ENABLED", "false"),
    ]);
    let (bob, wrong) = (server.token("bob", &[]), "a.b.c");
    browser.open(&site.url("/"));
    let asks = |path: &str, options: &Value| asks(&browser, &server.url(path), options);
    let check = |answer: Value, status: u16, code: &str| -> Value {
        assert_eq!(
            (&answer["status"], &answer["body"]["code"]),
            (&json!(status), &json!(code)),
            "{answer:#}"
        );
        assert_eq!(answer["headers"]["content-type"], "application/problem+json");
        assert_eq!(answer["headers"]["x-request-id"], answer["body"]["instance"]);
        answer["headers"].clone()
    };

    let headers = check(asks("/api/me", &with_credentials(None)), 401, "credentials-required");
    assert_eq!(headers["www-authenticate"], "Bearer realm=\"api\"");
    let headers =
        check(asks("/api/me", &with_credentials(Some(wrong))), 401, "invalid-token.malformed");
    assert!(headers["www-authenticate"].as_str().unwrap().contains("error=\"invalid_token\""));
    check(asks("/api/admin/bans", &with_credentials(Some(&bob))), 403, "insufficient-role");
    check(asks("/api/nothing", &with_credentials(None)), 404, "not-found");

    // A body that the server does not read to its end.
    let mut upload = with_credentials(Some(&bob));
    upload["method"] = json!("POST");
    upload["body"] = json!("x".repeat(1_000_000));
    check(asks("/api/stream-tickets", &upload), 413, "content-too-large");

    let fine = asks("/api/feed", &with_credentials(None));
    let told = |name: &str| fine["headers"][name].as_str().map(str::to_owned);
    assert_eq!(told("ratelimit-limit").as_deref(), Some("2"));
    assert_eq!(told("ratelimit-policy").as_deref(), Some("2;w=3600"));
    assert!(told("ratelimit-remaining").is_some() && told("ratelimit-reset").is_some(), "{fine:#}");
    let mut more = (0..3).map(|_| asks("/api/feed", &with_credentials(None)));
    let refused = more.find(|answer| answer["status"] != 200).unwrap();
    let headers = check(refused, 429, "quota-exceeded");
    let wait: u32 = headers["retry-after"].as_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{headers:#}");
    // The browser says of each that it was refused, and of none that it may not be read.
    let console = browser.console();
    assert!(
        console.iter().all(|line| line.contains("the server responded with a status of ")),
        "{console:#?}"
    );
}
