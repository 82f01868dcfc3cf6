//! What pages of the server and other sites learn of each other, and what pages may use.

use std::sync::{Arc, Mutex};

use super::{
    driver::Browser,
    site::{Page, Site},
};
use crate::server::Server;

const STRICT: (&str, &str) = ("SECURITY_HEADERS", "strict");

#[test]
fn who_follows_a_link_to_another_site_does_not_bring_along_what_was_asked_for() {
    let browser = Browser::start();
    for (preset, is_named) in [("polymech", true), ("strict", false)] {
        let server = Server::unlimited(&[("SECURITY_HEADERS", preset)]);
        let referrer = Arc::<Mutex<Option<String>>>::default();
        let kept = Arc::clone(&referrer);
        let other = Site::start(move |asked| {
            if asked.path == "/" {
                *kept.lock().unwrap() = asked.headers.get("referer").cloned();
            }
            Page::html("")
        });
        browser.open(&server.url("/post/1.xhtml?of=Alice"));
        let there = other.url("/");
        browser.script(&format!("location.href = {there:?}"));
        browser.arrives_at(&there);
        let told = referrer.lock().unwrap().take();
        assert_eq!(told, is_named.then(|| server.url("/")), "{preset}");
    }
}

#[test]
fn pages_may_use_no_camera_no_microphone_and_no_place() {
    let browser = Browser::start();
    let may = |feature: &str| {
        browser.script(&format!("return document.featurePolicy.allowsFeature('{feature}')"))
    };
    let server = Server::unlimited(&[]);
    browser.open(&server.url("/"));
    for feature in ["camera", "microphone", "geolocation"] {
        assert_eq!(may(feature), false, "{feature}");
    }
    assert_eq!(may("payment"), true);
    assert_eq!(may("fullscreen"), true, "what the policy does not name is as ever");
    let strict = Server::unlimited(&[STRICT]);
    browser.open(&strict.url("/"));
    for feature in ["camera", "microphone", "geolocation", "payment", "usb", "serial"] {
        assert_eq!(may(feature), false, "{feature}");
    }
}

#[test]
fn strict_pages_are_neither_held_by_the_window_that_opened_them_nor_loaded_by_other_sites() {
    let (browser, site) = (Browser::start(), Site::empty());
    for (preset, is_open) in [("polymech", true), ("strict", false)] {
        let server = Server::unlimited(&[("SECURITY_HEADERS", preset)]);
        browser.open(&site.url("/"));
        let picture = browser.script(&format!(
            "return new Promise(resolve => {{ \
                 const image = new Image(); \
                 image.onload = image.onerror = event => resolve(event.type); \
                 image.src = '{}'; \
             }})",
            server.url("/favicon.ico")
        ));
        assert_eq!(picture, if is_open { "load" } else { "error" }, "{preset}");
        let page = server.url("/");
        browser.script(&format!("window.opened = window.open('{page}')"));
        let first = browser.enter_new_window();
        browser.arrives_at(&page);
        assert_eq!(browser.script("return window.opener !== null"), is_open, "{preset}");
        browser.close_window(&first);
    }
}
