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
