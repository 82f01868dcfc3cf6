//! The two programs that show the API's description, in a browser that reaches no other host.

use serde_json::json;

use super::{
    driver::Browser,
    site::{Page, Site},
};
use crate::server::Server;

/// What shows that Swagger UI has read the description, and Scalar.
const SWAGGER_READ: &str = "document.querySelectorAll('.opblock').length > 50";
const SCALAR_READ: &str =
    "document.body.innerText.includes('every layer of the documented security stack')";
/// What Scalar tells of itself; nothing else may stand in the console.
const SCALAR_SAYS: &str = "@scalar/api-reference@";

fn check_quiet(browser: &Browser, page: &str) {
    let console = browser.console();
    assert!(console.iter().all(|line| line.contains(SCALAR_SAYS)), "{page}: {console:?}");
    let mut violations = browser.violations();
    if page != "/docs" {
        // Scalar tries whether it may make code of text, and goes another way.
        violations.retain(|(rule, blocked)| (&**rule, &**blocked) != ("script-src", "eval"));
    }
    assert_eq!(violations, [], "{page}");
    // What it loaded, and asked: from nobody else.
    let origins = browser.script(
        "return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).origin))] \
         .filter(origin => origin !== location.origin && origin !== 'null');",
    );
    assert_eq!(origins, json!([]), "{page}");
}

#[test]
fn both_programs_show_the_description_without_a_word_in_the_console() {
    let browser = Browser::start();
    for preset in ["polymech", "strict"] {
        let server = Server::unlimited(&[("SECURITY_HEADERS", preset)]);
        browser.open(&server.url("/docs"));
        browser.wait_for(SWAGGER_READ);
        // One is opened, as who reads it does.
        browser.script("document.querySelector('.opblock-summary-control').click();");
        browser.wait_for("document.querySelector('.opblock.is-open .responses-table') !== null");
        check_quiet(&browser, "/docs");

        browser.open(&server.url("/reference"));
        browser.wait_for(SCALAR_READ);
        browser.wait_for("document.getElementById('scalar-style') !== null");
        check_quiet(&browser, "/reference");

        let alice = server.token("alice", &["admin"]);
        browser.send_with(&json!({ "Authorization": format!("Bearer {alice}") }));
        browser.open(&server.url("/admin/reference"));
        browser.wait_for(SCALAR_READ);
        check_quiet(&browser, "/admin/reference");
        browser.send_with(&json!({}));
    }
}

#[test]
fn a4_no_address_makes_a_page_show_a_description_of_another_site() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    let foreign = r#"{"openapi":"3.1.0","info":{"title":"Foreign","version":"1"},"paths":{}}"#;
    let page = Page::of("application/json", foreign).with("access-control-allow-origin", "*");
    let other = Site::of([("/openapi.json", page)]);
    let there = other.url("/openapi.json");
    for name in ["url", "urls", "configUrl", "config", "spec", "spec-url"] {
        browser.open(&server.url(&format!("/docs?{name}={there}")));
        browser.wait_for(SWAGGER_READ);
        browser.open(&server.url(&format!("/reference?{name}={there}")));
        browser.wait_for(SCALAR_READ);
        let shown = browser.script("return document.body.innerText");
        assert!(!shown.as_str().unwrap().contains("Foreign"), "{name}");
        check_quiet(&browser, name);
    }
}

#[test]
fn a4_a_token_that_was_filled_in_is_not_kept_by_the_browser() {
    let server = Server::unlimited(&[("SCALAR_AUTH_TOKEN", "a-token-of-mine")]);
    let browser = Browser::start();
    browser.open(&server.url("/reference"));
    browser.wait_for(SCALAR_READ);
    browser.wait_for(
        "[...document.querySelectorAll('input')].some(i => i.value === 'a-token-of-mine')",
    );
    let kept = "return JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })";
    let kept = browser.script(kept);
    assert!(!kept.as_str().unwrap().contains("a-token-of-mine"), "{kept}");
}
