//! Frames of other sites.

use serde_json::Value;

use super::{
    driver::Browser,
    site::{Page, Site},
};
use crate::server::{Server, until};

/// What a frame shows to who is in it, and where it is.
const SHOWN: &str = "return [location.href, document.body.innerText]";

/// A site with a page that frames `path` of the server.
fn framing(server: &Server, path: &str) -> Site {
    Site::of([("/", Page::html(&format!("<iframe src='{}'></iframe>", server.url(path))))])
}

#[test]
fn h6_embeds_show_in_frames_of_other_sites_and_nothing_else_does() {
    let browser = Browser::start();
    for preset in ["polymech", "strict"] {
        check_frames(&browser, &Server::unlimited(&[("SECURITY_HEADERS", preset)]));
    }
}

#[test]
fn strict_embeds_show_in_frames_of_isolated_sites_too() {
    let browser = Browser::start();
    for (preset, is_shown) in [("polymech", false), ("strict", true)] {
        let server = Server::unlimited(&[("SECURITY_HEADERS", preset)]);
        let embed = server.url("/embed/1");
        let page = Page::html(&format!("<iframe src='{embed}'></iframe>"));
        let site = Site::of([("/", page.with("cross-origin-embedder-policy", "require-corp"))]);
        browser.open(&site.url("/"));
        browser.enter_frame();
        let place = browser.script("return location.href");
        assert_eq!(place == *embed, is_shown, "{preset}: {place}");
    }
}

fn check_frames(browser: &Browser, server: &Server) {
    for (path, text) in
        [("/embed/1", "The wall at noon"), ("/embed/page/about", "Alice looks after the gate.")]
    {
        let site = framing(server, path);
        for page in [site.url("/"), site.url_by_name("/")] {
            browser.open(&page);
            browser.enter_frame();
            let shown = browser.script(SHOWN);
            assert_eq!(shown[0], server.url(path));
            assert!(shown[1].as_str().unwrap().contains(text), "{path}: {shown}");
            assert_eq!(browser.console(), [""; 0], "{path}");
        }
    }
    let others = [
        "/",
        "/user/alice/pages/about.html",
        "/post/1.xhtml",
        "/api/feed",
        "/nothing",
        // What looks like an embed and is none.
        "/embed/..%2f",
        "/embed/%2e%2e/",
        "/embed/../post/1.xhtml",
        "/embed/page/about/more",
        "/EMBED/1",
    ];
    for path in others {
        let site = framing(server, path);
        browser.open(&site.url("/"));
        browser.enter_frame();
        let shown = browser.script(SHOWN);
        assert_eq!(shown[0], "chrome-error://chromewebdata/", "{path}: {shown}");
        let console = browser.console();
        let told = console.iter().any(|line| line.contains("frame-ancestors"));
        assert!(told, "{path}: {console:?}");
    }
}

#[test]
fn h6_a_click_that_another_site_steals_reaches_embeds_alone() {
    let (server, browser) = (Server::unlimited(&[]), Browser::start());
    let alice = server.token("alice", &["admin"]);
    let target = "/api/analytics/stream";
    let followed = || {
        let asked: Value = server.get_as(&alice, "/api/analytics").json().unwrap();
        let records = asked["page"]["records"].as_array().unwrap();
        records.iter().filter(|record| record["path"] == target).count()
    };
    // Both have a link to the target.
    for (path, is_reached) in [("/user/alice/pages/about.html", false), ("/embed/page/about", true)]
    {
        browser.open(&server.url(path));
        let link = browser.script(&format!(
            "const link = document.querySelector('a[href=\"{target}\"]').getBoundingClientRect(); \
             return [Math.round(link.left + link.width / 2), Math.round(link.top + link.height / 2)]"
        ));
        // The frame lies over all of the page, and cannot be seen.
        let trap = format!(
            "<iframe src='{}' style='position: fixed; inset: 0; width: 100vw; height: 100vh; border: 0; opacity: 0'></iframe>Win!",
            server.url(path)
        );
        let site = Site::of([("/", Page::html(&trap))]);
        browser.open(&site.url("/"));
        browser.click(&link[0], &link[1]);
        if is_reached {
            until("the link was followed", || followed() > 0);
        }
    }
    // A click that had gone through the first trap would be here by now.
    assert_eq!(followed(), 1);
}
