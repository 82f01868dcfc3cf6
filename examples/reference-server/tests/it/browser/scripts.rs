//! Scripts: the page's own runs by its nonce, and what got into the page beside it does not.

use std::collections::BTreeSet;

use super::{
    driver::Browser,
    site::{Page, Site},
};
use crate::server::{Server, until};

/// Where the landing page has its one script.
const OWN_SCRIPT: &str = "<script nonce=";
/// What that script does.
const OWN_SCRIPT_RAN: &str =
    "document.getElementById('me').textContent.startsWith('The script ran. 3 posts')";
const POLICY: &str = "content-security-policy";

/// Ways to get a script to run, as a hole in a page would let them in: each tells its name if it runs.
fn attacks(attacker: &Site, old_nonce: &str) -> Vec<(&'static str, String)> {
    let external = attacker.url("/script.js");
    vec![
        ("inline", "<script>ran('inline')</script>".into()),
        ("no-nonce", "<script nonce=''>ran('no-nonce')</script>".into()),
        ("old-nonce", format!("<script nonce='{old_nonce}'>ran('old-nonce')</script>")),
        ("handler", "<svg onload=\"ran('handler')\"></svg>".into()),
        ("external", format!("<script src='{external}'></script>")),
        ("link", "<a id='link' href=\"javascript:ran('link')\">more</a>".into()),
        ("frame", "<iframe srcdoc=\"<script>parent.ran('frame')</script>\"></iframe>".into()),
        ("inserted", "<template id='late'><script>ran('inserted')</script></template>".into()),
    ]
}

/// A script of the page's author, to hear of those that ran.
const HEARS: &str =
    "<script nonce='NONCE'>window.names = []; window.ran = name => names.push(name)</script>";

/// Does what a user or the page's own script would do.
const TOUCH: &str = "\
    document.getElementById('link').click(); \
    document.body.append(document.importNode(document.getElementById('late').content, true));";

fn nonce_of(page: &str) -> String {
    let (_, rest) = page.split_once("<script nonce=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// The server with a hole in its landing page: `markup` gets in, in front of its script. It may say the page's nonce as `NONCE`.
pub(super) fn holed(server: &Server, markup: &str, change: fn(Page) -> Page) -> Site {
    let markup = markup.to_owned();
    Site::in_front_of(&server.base, move |page| {
        if !page.text().contains(OWN_SCRIPT) {
            return page;
        }
        let markup = markup.replace("NONCE", &nonce_of(&page.text()));
        change(page.insert_before(OWN_SCRIPT, &markup))
    })
}

/// Names of the attacks that ran.
fn ran(browser: &Browser) -> BTreeSet<String> {
    serde_json::from_value(browser.script("return names")).unwrap()
}

#[test]
fn h4_no_script_runs_in_a_browser_without_the_nonce_of_this_very_answer() {
    let browser = Browser::start();
    for preset in ["polymech", "strict"] {
        check_scripts(&browser, &Server::unlimited(&[("SECURITY_HEADERS", preset)]));
    }
}

fn check_scripts(browser: &Browser, server: &Server) {
    let script = Page::of("text/javascript", "ran('external')");
    let script = script.with("cross-origin-resource-policy", "cross-origin");
    let attacker = Site::of([("/script.js", script)]);
    let old_nonce = nonce_of(&server.get("/").text().unwrap());
    let attacks = attacks(&attacker, &old_nonce);
    let markup: String = attacks.iter().map(|(_, markup)| &**markup).collect();
    let markup = format!("{HEARS}{markup}");

    // Without the policy all of them run: they are what they claim to be.
    let open = holed(server, &markup, |page| page.without(POLICY));
    browser.open(&open.url("/"));
    browser.script(TOUCH);
    browser.wait_for(&format!("new Set(names).size === {}", attacks.len()));

    // With it none does, and the page's own still runs.
    browser.console();
    let site = holed(server, &markup, |page| page);
    browser.open(&site.url("/"));
    browser.script(TOUCH);
    browser.wait_for(OWN_SCRIPT_RAN);
    assert_eq!(ran(browser), BTreeSet::new());
    // The frame has violations of its own.
    let mut is_framed_told = false;
    until("a violation for each of them", || {
        is_framed_told |= browser.console().iter().any(|line| line.contains("about:srcdoc"));
        is_framed_told && browser.violations().len() >= attacks.len() - 1
    });
    assert_eq!(ran(browser), BTreeSet::new(), "not later either");
    let violations = browser.violations();
    assert_eq!(violations.len(), attacks.len() - 1, "{violations:?}");
    assert!(violations.contains(&("script-src-elem".into(), attacker.url("/script.js"))));
}

#[test]
fn h4_the_nonce_of_a_page_is_neither_stolen_by_broken_markup_nor_read_by_a_style() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    let script = Page::of("text/javascript", "document.title = 'stolen'");
    let attacker = Site::of([("/script.js", script)]);
    // The page's own script becomes an attribute of the attacker's, and its nonce too.
    let markup = format!("<script src='{}' data-rest=", attacker.url("/script.js"));
    let open = holed(&server, &markup, |page| page.without(POLICY));
    browser.open(&open.url("/"));
    assert_eq!(browser.script("return document.title"), "stolen");

    let site = holed(&server, &markup, |page| page);
    browser.open(&site.url("/"));
    assert_eq!(browser.script("return document.title"), "Palisade");
    let blocked = ("script-src-elem".to_owned(), attacker.url("/script.js"));
    assert_eq!(browser.violations(), [blocked]);

    // Of a page that came through, no selector sees the nonce: a style could send it away, letter by letter.
    browser.open(&server.url("/"));
    let seen = browser.script(
        "const script = document.querySelector('script'); \
         return [script.nonce.length > 20, script.getAttribute('nonce'), script.matches('[nonce^=\"\"], [nonce*=A], [nonce*=a]')]",
    );
    assert_eq!(seen, serde_json::json!([true, "", false]));
}

#[test]
fn a_base_of_another_site_does_not_turn_the_pages_own_requests_there() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    let feed = Page::of("application/json", r#"{"posts":[{"title":"of another site"}]}"#);
    let attacker = Site::of([("/api/feed", feed.with("access-control-allow-origin", "*"))]);
    let markup = format!("<base href='{}'>", attacker.url("/"));
    let open = holed(&server, &markup, |page| page.without(POLICY));
    browser.open(&open.url("/"));
    browser.wait_for("document.getElementById('me').textContent.endsWith('of another site')");

    let site = holed(&server, &markup, |page| page);
    browser.open(&site.url("/"));
    browser.wait_for(OWN_SCRIPT_RAN);
    let [(directive, blocked)] = &browser.violations()[..] else { panic!("not one violation") };
    assert_eq!((&**directive, blocked), ("base-uri", &attacker.url("/")));
}

#[test]
fn strict_pages_make_no_markup_and_no_code_of_a_text() {
    let (server, browser) =
        (Server::unlimited(&[("SECURITY_HEADERS", "strict")]), Browser::start());
    browser.open(&server.url("/"));
    let sinks = [
        ("require-trusted-types-for", "document.body.innerHTML = '<b>text</b>'"),
        ("require-trusted-types-for", "document.write('<b>text</b>')"),
        ("require-trusted-types-for", "document.createElement('script').text = 'window.made = 1'"),
        ("require-trusted-types-for", "setTimeout('window.made = 1')"),
        // Nor does anybody name a policy that lets texts through.
        ("trusted-types", "trustedTypes.createPolicy('mine', { createHTML: text => text })"),
    ];
    for (directive, code) in sinks {
        let before = browser.violations().len();
        let told = browser.script(&format!("{code}; return 'it went through'"));
        let told = told.as_str().unwrap();
        assert!(told.starts_with("threw "), "{code}: {told}");
        let violations = browser.violations();
        assert_eq!(violations.len(), before + 1, "{code}: {violations:?}");
        assert_eq!(violations.last().unwrap().0, directive, "{code}");
    }
    let text = browser.script("return [document.querySelector('b'), window.made ?? null]");
    assert_eq!(text, serde_json::json!([null, null]));
    browser.script("document.body.textContent = '<b>text</b>'");
    assert_eq!(browser.script("return document.body.innerText"), "<b>text</b>");
}
