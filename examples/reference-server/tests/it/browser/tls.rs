//! Over TLS: HTTP/2, and reports by the Reporting API.

use serde_json::{Value, json};

use super::driver::Browser;
use crate::server::{Server, until};

#[test]
fn h4_over_tls_a_page_comes_by_http_2_and_its_reports_by_the_reporting_api() {
    let mut server = Server::unlimited(&[
        ("TLS_SELF_SIGNED", "true"),
        ("TLS_LISTEN_ADDR", "127.0.0.1:0"),
        ("CSP_REPORTS", "on"),
    ]);
    let base = server.line().trim().rsplit_once(' ').unwrap().1.to_owned();
    assert!(base.starts_with("https://"), "{base}");
    let browser = Browser::with(json!({ "acceptInsecureCerts": true }));
    let page = format!("{base}/");
    browser.open(&page);
    browser.wait_for(
        "document.getElementById('me').textContent.startsWith('The script ran. 3 posts')",
    );
    assert_eq!(browser.console(), [""; 0]);
    let spoken = browser.script(
        "const of = kind => performance.getEntriesByType(kind); \
         return [...of('navigation'), ...of('resource')].map(entry => entry.nextHopProtocol);",
    );
    let spoken = spoken.as_array().unwrap();
    assert!(spoken.len() > 1 && spoken.iter().all(|protocol| protocol == "h2"), "{spoken:?}");

    let tampered = browser.script(
        "const script = document.createElement('script'); \
         script.append('window.tampered = true'); document.body.append(script); \
         return window.tampered ?? null;",
    );
    assert_eq!(tampered, Value::Null);
    until("its report", || {
        let log = server.log();
        let mut reported = log.lines().filter(|line| line.contains("csp.violation"));
        reported.any(|line| line.contains("script-src-elem") && line.contains(&page))
    });
}
