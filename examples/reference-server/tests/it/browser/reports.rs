//! What a browser reports of a page that was tampered with.

use super::{driver::Browser, scripts::holed};
use crate::server::{Server, until};

/// Lines of the security log about a policy that was violated.
fn reported(server: &Server) -> Vec<String> {
    let log = server.log();
    log.lines().filter(|line| line.contains("csp.violation")).map(str::to_owned).collect()
}

#[test]
fn h4_a_script_without_the_nonce_does_not_run_and_its_report_is_in_the_security_log() {
    let browser = Browser::start();
    for preset in ["polymech", "strict"] {
        let server = Server::unlimited(&[("SECURITY_HEADERS", preset), ("CSP_REPORTS", "on")]);
        // What the page sends where its policy says comes through to the server.
        let site = holed(&server, "<script>document.title = 'tampered'</script>", |page| page);
        browser.open(&site.url("/?token=of-Alice"));
        assert_eq!(browser.script("return document.title"), "Palisade", "{preset}");
        until("its report", || !reported(&server).is_empty());
        let lines = reported(&server);
        let [line] = &lines[..] else { panic!("{preset}: {lines:#?}") };
        assert!(line.contains("script-src-elem") && line.contains(&site.url("/")), "{line}");
        assert!(!line.contains("of-Alice"), "no query is kept: {line}");
    }
}
