//! The pages work under the strict policy too: nothing in them is refused by it.

use crate::server::Server;

const PAGES: [&str; 8] = [
    "/",
    "/post/1.xhtml",
    "/post/3.xhtml",
    "/user/alice/pages/about.html",
    "/user/alice/pages/about.xhtml",
    "/user/alice/pages/about.email.html",
    "/embed/1",
    "/embed/page/about",
];
/// What takes text for a script or for HTML: refused by Trusted Types.
const SINKS: [&str; 10] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "srcdoc",
    "eval(",
    "Function(",
    "setTimeout('",
    "DOMParser",
    "createContextualFragment",
];

/// The tags of a page, without `<` and `>`.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

#[test]
fn no_page_holds_what_the_strict_policy_refuses() {
    let server = Server::unlimited(&[("SECURITY_HEADERS", "strict")]);
    for path in PAGES {
        let answer = server.get(path);
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let (_, rest) = policy.split_once("'nonce-").unwrap();
        let nonce = format!(" nonce=\"{}\"", rest.split('\'').next().unwrap());
        let page = answer.text().unwrap();
        for tag in tags(&page) {
            let name = tag.split([' ', '/']).next().unwrap();
            if matches!(name, "style" | "script") {
                assert!(tag.contains(&nonce), "{path}: <{tag}>");
            }
            assert!(!tag.contains(" style="), "{path}: <{tag}>");
            assert!(!tag.contains(" on"), "{path}: <{tag}>");
            assert!(!tag.contains("javascript:"), "{path}: <{tag}>");
            let loads =
                tag.contains(" src=") || name == "link" || name == "base" || name == "iframe";
            assert!(!loads, "{path} loads something: <{tag}>");
        }
        for sink in SINKS {
            assert!(!page.contains(sink), "{path}: {sink}");
        }
    }
}

#[test]
fn xhtml_with_a_nonce_is_well_formed() {
    let server = Server::unlimited(&[("SECURITY_HEADERS", "strict")]);
    for path in ["/post/1.xhtml", "/user/bob/pages/about.xhtml"] {
        let page = server.get(path).bytes().unwrap();
        crate::content::through("xmllint", &["--noout", "--nonet", "-"], &page);
        assert!(String::from_utf8_lossy(&page).contains("<style nonce=\""), "{path}");
    }
}
