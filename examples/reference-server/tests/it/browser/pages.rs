//! Pages load, show what they are to show, and nothing is said against them.

use super::driver::Browser;
use crate::server::Server;

/// The links of a section of the landing page.
fn links(browser: &Browser, section: &str) -> Vec<String> {
    let links = browser.script(&format!(
        "const heading = [...document.querySelectorAll('h2')].find(h => h.textContent === '{section}'); \
         return [...heading.nextElementSibling.querySelectorAll('a')].map(a => a.href);"
    ));
    serde_json::from_value(links).unwrap()
}

/// What a page has that a reader sees: whether its style came through, and whether it is well formed.
const SEEN: &str = "\
    const isPage = document.contentType.endsWith('html') || document.contentType.endsWith('html+xml'); \
    const style = isPage ? getComputedStyle(document.body) : null; \
    return { \
        text: document.body ? document.body.innerText.length : document.documentElement.textContent.length, \
        broken: document.querySelector('parsererror') !== null, \
        styled: !isPage || style.maxWidth !== 'none' || style.backgroundColor !== 'rgba(0, 0, 0, 0)' };";

#[test]
fn every_page_loads_without_a_violation_and_without_a_word_in_the_console() {
    let browser = Browser::start();
    for preset in ["polymech", "strict"] {
        check_pages(&browser, &Server::unlimited(&[("SECURITY_HEADERS", preset)]));
    }
}

fn check_pages(browser: &Browser, server: &Server) {
    browser.open(&server.url("/"));
    browser.wait_for(
        "document.getElementById('me').textContent.startsWith('The script ran. 3 posts')",
    );
    assert_eq!(browser.console(), [""; 0]);
    assert_eq!(browser.violations(), []);

    let mut pages = links(browser, "Public");
    assert!(pages.len() > 15, "{pages:?}");
    pages.extend(links(browser, "Health"));
    for page in &pages {
        browser.open(page);
        let (console, violations) = (browser.console(), browser.violations());
        if browser.script("return document.contentType") == "application/xml" {
            // Chromium shows it by markup of its own, whose styles know no nonce.
            let only_styles = violations.iter().all(|(rule, _)| rule.starts_with("style-src"));
            assert!(only_styles, "{page}: {violations:?}");
        } else {
            assert_eq!(console, [""; 0], "{page}");
            assert_eq!(violations, [], "{page}");
        }
        let seen = browser.script(SEEN);
        assert_eq!(seen["broken"], false, "{page}");
        assert_eq!(seen["styled"], true, "{page}: {seen}");
        let is_pdf = page.ends_with(".pdf");
        assert!(is_pdf || seen["text"].as_u64().unwrap() > 1, "{page} shows nothing: {seen}");
    }

    // What asks for a token is refused, and says so as a page that a person can read.
    browser.open(&server.url("/"));
    for page in links(browser, "With a token") {
        browser.open(&page);
        let shown = browser.script("return JSON.parse(document.body.innerText)");
        assert_eq!(shown["code"], "credentials-required", "{page}");
        assert_eq!(browser.violations(), [], "{page}");
        let console = browser.console();
        assert!(console.iter().all(|line| line.contains("status of 401")), "{console:?}");
    }
}

#[test]
fn a_browser_gets_pages_coded_and_reads_them_as_they_were() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    browser.open(&server.url("/"));
    let page = browser.script(
        "const { contentEncoding, encodedBodySize, decodedBodySize } = performance.getEntriesByType('navigation')[0]; \
         return [contentEncoding, encodedBodySize < decodedBodySize];",
    );
    assert!(["br", "zstd"].contains(&page[0].as_str().unwrap()), "{page}");
    assert_eq!(page[1], true);
    for path in ["/post/3.md", "/api/feed"] {
        let read = browser.script(&format!(
            "const answer = await fetch('{path}'); \
             return [answer.headers.get('content-encoding'), await answer.text()];"
        ));
        assert!(["br", "zstd"].contains(&read[0].as_str().unwrap()), "{path}: {read}");
        assert_eq!(read[1], server.get(path).text().unwrap());
    }
}
