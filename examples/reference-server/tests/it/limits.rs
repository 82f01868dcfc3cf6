//! How often one may ask.

use crate::server::{Server, problem};

const STRICT: [(&str, &str); 4] = [
    ("RATE_LIMIT_MAX", "2"),
    ("RATE_LIMIT_WINDOW_MS", "60000"),
    ("AUTO_BAN_ENABLED", "false"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
];

#[test]
fn a_users_limit_follows_the_user_and_not_the_address() {
    let server = Server::start(&STRICT);
    let (alice, bob) = (server.token("alice", &[]), server.token("bob", &[]));
    let ask = |token: &str, address: &str| {
        server
            .request("GET", "/api/me")
            .bearer_auth(token)
            .header("x-forwarded-for", address.to_owned())
            .send()
            .unwrap()
    };
    assert_eq!(ask(&alice, "192.0.2.1").status(), 200);
    assert_eq!(ask(&alice, "192.0.2.2").status(), 200);
    assert_eq!(ask(&alice, "192.0.2.3").status(), 429, "a third address does not help alice");
    assert_eq!(ask(&bob, "192.0.2.1").status(), 200, "bob shares an address, not the limit");
    let nobody =
        server.request("GET", "/api/feed").header("x-forwarded-for", "192.0.2.1").send().unwrap();
    assert_eq!(nobody.status(), 200, "nor does the address count for them");
}

#[test]
fn every_answer_says_what_is_left_and_a_refusal_when_to_come_back() {
    let server = Server::start(&STRICT);
    let number = |answer: &reqwest::blocking::Response, name: &str| {
        answer.headers()[name].to_str().unwrap().parse::<u64>().unwrap()
    };
    let first = server.get("/api/feed");
    assert_eq!((number(&first, "ratelimit-limit"), number(&first, "ratelimit-remaining")), (2, 1));
    assert_eq!(first.headers()["ratelimit-policy"], "2;w=60");
    server.get("/api/feed");
    let refused = server.get("/api/feed");
    assert!((1..=60).contains(&number(&refused, "retry-after")));
    assert_eq!(number(&refused, "ratelimit-remaining"), 0);
    let (status, _, body) = problem(refused);
    assert_eq!(status, 429);
    assert_eq!(body["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(body["violated-policies"].as_array().unwrap().len(), 1);
}

/// The codes of so many tokens with a wrong signature, each of which is another.
fn codes_of_forged(count: usize, most: &str) -> Vec<String> {
    let settings = [("INVALID_TOKENS_MAX", most), ("INVALID_TOKENS_PER_SECOND", "1")];
    let server = Server::unlimited(&settings);
    let token = server.token("alice", &[]);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = |number: usize| format!("{signed}.{number:03}{}", "A".repeat(40));
    let ask = |number: usize| problem(server.get_as(&forged(number), "/api/feed")).1;
    (0..count).map(ask).collect()
}

#[test]
fn a_client_brings_as_many_tokens_with_a_wrong_signature_as_is_set() {
    let some = codes_of_forged(20, "2");
    assert_eq!(some[..2], ["invalid-token.signature"; 2]);
    // However slow this machine is: of these some came within a second.
    assert!(some.iter().any(|code| code == "quota-exceeded.invalid-tokens"), "{some:?}");
    let all = codes_of_forged(150, "0");
    assert!(all.iter().all(|code| code == "invalid-token.signature"), "{all:?}");
}

#[test]
fn the_global_limit_is_for_the_api_alone() {
    let server = Server::start(&STRICT);
    for _ in 0..5 {
        let page = server.get("/feed.xml");
        assert_eq!(page.status(), 200);
        assert!(!page.headers().contains_key("ratelimit-limit"));
    }
}

#[test]
fn p9_addresses_of_one_network_share_a_limit() {
    let server = Server::start(&STRICT);
    let ask = |address: &str| {
        server
            .request("GET", "/api/feed")
            .header("x-forwarded-for", address.to_owned())
            .send()
            .unwrap()
            .status()
    };
    assert_eq!(ask("2001:db8:1:2::1"), 200);
    assert_eq!(ask("2001:db8:1:2::2"), 200);
    assert_eq!(ask("2001:db8:1:2:ffff::3"), 429);
    assert_eq!(ask("2001:db8:1:3::1"), 200);
}
