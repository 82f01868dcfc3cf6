//! A number used once, and what caches are told of the answers that hold one or are for one person.

use std::{collections::HashSet, thread};

use crate::server::Server;

fn nonce_of(policy: &str) -> String {
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    rest.split_once('\'').unwrap().0.to_owned()
}

const PAGES: [&str; 5] = [
    "/",
    "/post/1.xhtml",
    "/user/alice/pages/about.html",
    "/user/alice/pages/about.xhtml",
    "/embed/page/about",
];

/// The nonces of so many answers for each page, on one connection; each page carries its own.
fn nonces(server: &Server, each: usize) -> Vec<String> {
    let client = reqwest::blocking::Client::new();
    let ask = |path: &&str| {
        let answer = client.get(server.url(path)).send().unwrap();
        let nonce = nonce_of(answer.headers()["content-security-policy"].to_str().unwrap());
        assert_eq!(answer.headers()["cache-control"], "private, no-store", "{path}");
        let page = answer.text().unwrap();
        let marks = page.matches(" nonce=\"").count();
        assert!(
            marks > 0 && page.matches(&format!(" nonce=\"{nonce}\">")).count() == marks,
            "{page}"
        );
        nonce
    };
    (0..each).flat_map(|_| PAGES.iter().map(ask)).collect()
}

#[test]
fn h4_two_answers_never_share_a_nonce_and_the_page_carries_its_own() {
    let server = &Server::unlimited(&[]);
    let seen: Vec<String> = thread::scope(|scope| {
        let turns: Vec<_> = (0..4).map(|_| scope.spawn(|| nonces(server, 25))).collect();
        turns.into_iter().flat_map(|turn| turn.join().unwrap()).collect()
    });
    assert_eq!(seen.len(), 4 * 25 * PAGES.len());
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "two were the same");
    // 128 bits in base64.
    assert!(seen.iter().all(|nonce| nonce.len() >= 22), "{seen:?}");
}

#[test]
fn h4_a_page_is_the_same_but_for_its_nonce_so_nothing_else_names_the_answer() {
    let server = Server::unlimited(&[]);
    let page = || {
        let answer = server.get("/");
        assert!(
            !answer.headers().contains_key("etag")
                && !answer.headers().contains_key("last-modified")
        );
        let nonce = nonce_of(answer.headers()["content-security-policy"].to_str().unwrap());
        answer.text().unwrap().replace(&nonce, "")
    };
    assert_eq!(page(), page());
}

#[test]
fn h7_answers_to_credentials_are_not_kept_by_caches() {
    let server = Server::unlimited(&[]);
    let bob = server.token("bob", &[]);
    let kept = |path: &str, name: &'static str, value: &str| {
        let answer = server.request("GET", path).header(name, value).send().unwrap();
        let rule = answer.headers().get("cache-control");
        (answer.status().as_u16(), rule.map(|rule| rule.to_str().unwrap().to_owned()))
    };
    let no_store = |status: u16| (status, Some("private, no-store".to_owned()));
    let (good, bad) = (format!("Bearer {bob}"), "Bearer x.y.z");
    assert_eq!(kept("/api/feed", "authorization", &good), no_store(200));
    assert_eq!(kept("/api/me", "authorization", &good), no_store(200));
    assert_eq!(kept("/feed.xml", "authorization", &good), no_store(200));
    assert_eq!(kept("/nothing", "authorization", &good), no_store(404));
    assert_eq!(kept("/api/admin/bans", "authorization", &good), no_store(403));
    assert_eq!(kept("/api/feed", "authorization", bad), no_store(401));
    assert_eq!(kept("/api/feed", "x-api-key", "nonsense"), no_store(401));
    // Refused before anybody looks for who it is.
    assert_eq!(kept("/embed/..%2f", "authorization", &good), no_store(400));
    assert_eq!(kept("/embed/..%2f", "x-api-key", "nonsense"), no_store(400));
    // What is for everybody may be kept, a refusal may not.
    assert_eq!(kept("/api/feed", "accept", "*/*"), (200, None));
    assert_eq!(kept("/api/me", "accept", "*/*"), (401, Some("no-store".to_owned())));
}
