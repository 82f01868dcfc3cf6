//! What is no script is not run as one, whatever it looks like.

use serde_json::json;

use super::{
    driver::Browser,
    site::{Page, Site},
};
use crate::server::{Server, until};

#[test]
fn text_that_looks_like_a_script_is_not_run_as_one() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    // What a user once uploaded, without our headers and with them.
    let upload = |_: Page| Page::of("text/plain", "window.upload = 'ran'");
    let header = "x-content-type-options";
    let nosniff = server.get("/llms.txt").headers()[header].to_str().unwrap().to_owned();
    let bare = Site::in_front_of(&server.base, upload);
    let guarded = Site::in_front_of(&server.base, move |page| upload(page).with(header, &nosniff));
    // From a page of the same origin, whose policy allows scripts of its own origin.
    let loads = |origin: String, path: &str| {
        browser.open(&format!("{origin}/llms.txt"));
        browser.script(&format!(
            "return new Promise(resolve => {{ \
                 const script = document.createElement('script'); \
                 script.onload = script.onerror = event => resolve([event.type, window.upload ?? null]); \
                 script.src = '{path}'; document.body.append(script); \
             }})"
        ))
    };
    assert_eq!(loads(bare.url(""), "/"), json!(["load", "ran"]), "without the header it is run");
    assert_eq!(loads(guarded.url(""), "/"), json!(["error", null]));
    for path in ["/llms.txt", "/post/1.md", "/api/feed", "/", "/feed.xml", "/post/1.pdf"] {
        browser.console();
        assert_eq!(loads(server.url(""), path), json!(["error", null]), "{path}");
        let mut console = String::new();
        until("why", || {
            console.push_str(&browser.console().concat());
            console.contains("MIME type")
        });
    }
}
