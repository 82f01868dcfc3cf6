//! What a browser reports of a page that was tampered with.

use serde_json::Value;

use super::driver::Browser;
use crate::server::{Server, until};

/// Puts a script into the page, as a hole in another script of the page would let one in.
const TAMPER: &str = "\
    const script = document.createElement('script'); \
    script.append('window.tampered = true'); document.body.append(script); \
    return window.tampered ?? null;";

/// Lines of the security log about a policy that was violated.
fn reported(server: &Server) -> Vec<String> {
    let log = server.log();
    log.lines().filter(|line| line.contains("csp.violation")).map(str::to_owned).collect()
}

#[test]
fn h4_a_script_without_the_nonce_is_reported_to_the_security_log_and_does_not_run() {
    let browser = Browser::start();
    for preset in ["polymech", "strict"] {
        let server = Server::unlimited(&[("SECURITY_HEADERS", preset), ("CSP_REPORTS", "on")]);
        browser.open(&server.url("/"));
        assert_eq!(browser.script(TAMPER), Value::Null, "{preset}");
        until("its report", || !reported(&server).is_empty());
        let lines = reported(&server);
        assert!(lines.iter().any(|line| line.contains("script-src-elem")), "{preset}: {lines:#?}");
        assert!(lines.iter().any(|line| line.contains(&server.url("/"))), "{preset}: {lines:#?}");
    }
}
