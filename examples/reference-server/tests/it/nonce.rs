//! A number used once.

use std::collections::HashSet;

use crate::server::Server;

fn nonce_of(policy: &str) -> String {
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    rest.split_once('\'').unwrap().0.to_owned()
}

#[test]
fn two_answers_never_share_a_nonce_and_the_page_carries_its_own() {
    let server = Server::unlimited(&[]);
    let mut seen = HashSet::new();
    for _ in 0..50 {
        let answer = server.get("/");
        let nonce = nonce_of(answer.headers()["content-security-policy"].to_str().unwrap());
        assert_eq!(answer.headers()["cache-control"], "private, no-store");
        assert!(answer.text().unwrap().contains(&format!("<script nonce=\"{nonce}\">")));
        assert!(seen.insert(nonce));
    }
}

#[test]
fn h7_answers_to_credentials_are_not_kept_by_caches() {
    let server = Server::unlimited(&[]);
    let answer = server.get_as(&server.token("bob", &[]), "/api/feed");
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
}
