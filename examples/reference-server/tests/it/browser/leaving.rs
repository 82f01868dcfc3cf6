//! Signing out.

use serde_json::json;

use super::driver::Browser;
use crate::server::Server;

#[test]
fn who_signs_out_leaves_nothing_behind_in_the_browser() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    let bob = server.token("bob", &[]);
    let page = server.url("/").replace("127.0.0.1", "localhost");
    browser.open(&page);
    let kept = "[localStorage.length, sessionStorage.length, document.cookie]";
    let before = browser.script(&format!(
        "localStorage.setItem('draft', 'of Bob'); sessionStorage.setItem('tab', '1'); document.cookie = 'theme=dark'; return {kept}"
    ));
    assert_eq!(before, json!([1, 1, "theme=dark"]));
    let out = browser.script(&format!(
        "const answer = await fetch('/api/logout', {{ method: 'POST', headers: {{ authorization: 'Bearer {bob}' }} }}); \
         return answer.status"
    ));
    assert_eq!(out, 204);
    browser.wait_for(&format!("JSON.stringify({kept}) === '[0,0,\"\"]'"));
}
