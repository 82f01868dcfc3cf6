//! Streams, as `EventSource` reads them.

use serde_json::json;

use super::{driver::Browser, site::Site};
use crate::server::Server;

#[test]
fn an_event_source_of_a_listed_origin_sees_events_as_they_happen() {
    let (site, browser) = (Site::empty(), Browser::start());
    let server = Server::unlimited(&[("CORS_ORIGINS", &*site.url(""))]);
    let alice = server.token("alice", &["admin"]);
    browser.open(&site.url("/"));
    let base = server.url("");
    let order = json!({
        "method": "POST",
        "credentials": "include",
        "headers": { "authorization": format!("Bearer {alice}"), "content-type": "application/json" },
        "body": json!({ "route": "/api/analytics/stream" }).to_string(),
    });
    let opened = browser.script(&format!(
        "const ticket = await (await fetch('{base}/api/stream-tickets', {order})).json(); \
         window.seen = []; \
         window.stream = new EventSource('{base}' + ticket.url, {{ withCredentials: true }}); \
         stream.addEventListener('request', event => seen.push(JSON.parse(event.data).path)); \
         return new Promise(resolve => {{ stream.onopen = () => resolve('open'); stream.onerror = () => resolve('error') }})"
    ));
    assert_eq!(opened, "open", "{:?}", browser.console());
    assert_eq!(server.get("/api/profiles").status(), 200);
    browser.wait_for("seen.includes('/api/profiles')");
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn an_event_source_that_the_server_cut_comes_back_by_itself_and_misses_nothing() {
    let (site, browser) = (Site::empty(), Browser::start());
    let server = Server::unlimited(&[("CORS_ORIGINS", &*site.url(""))]);
    let alice = server.token("alice", &["admin"]);
    browser.open(&site.url("/"));
    let base = server.url("");
    let opened = browser.script(&format!(
        "window.seen = []; window.ends = []; window.opened = 0; \
         window.stream = new EventSource('{base}/api/analytics/stream?route=/api/profiles&token={alice}'); \
         stream.addEventListener('request', event => seen.push(event.lastEventId.split('-')[1])); \
         stream.addEventListener('lagged', event => seen.push(event.data)); \
         stream.addEventListener('end', event => ends.push(JSON.parse(event.data).reason)); \
         return new Promise(resolve => {{ stream.onopen = () => {{ opened += 1; resolve('open') }} }})"
    ));
    assert_eq!(opened, "open", "{:?}", browser.console());
    assert_eq!(server.get("/api/profiles").status(), 200);
    browser.wait_for("seen.length === 1");
    // His roles change, which ends his streams; he may come back.
    let erin = server.token("erin", &["admin"]);
    let order = json!({ "userId": "alice", "roles": ["admin", "editor"] });
    assert_eq!(server.post_as(&erin, "/api/admin/users/roles", &order).status(), 200);
    browser.wait_for("ends.length === 1");
    // Meanwhile, for a second at least, nobody listens.
    for _ in 0..3 {
        assert_eq!(server.get("/api/profiles").status(), 200);
    }
    browser.wait_for("opened === 2");
    assert_eq!(server.get("/api/profiles").status(), 200);
    browser.wait_for("seen.length === 5");
    let seen = browser.script("return seen.join()");
    let numbers: Vec<u64> =
        seen.as_str().unwrap().split(',').map(|number| number.parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "each once, in order: {numbers:?}");
}
