//! Over which transport a browser is told to come back by TLS alone.

use crate::server::Server;

const NAME: &str = "strict-transport-security";

#[test]
fn hsts_is_sent_by_the_word_of_a_trusted_proxy_and_of_nobody_else() {
    let sent = |server: &Server, path: &str, proto: &str| {
        let answer = server.request("GET", path).header("x-forwarded-for", "203.0.113.9");
        let answer = answer.header("x-forwarded-proto", proto).send().unwrap();
        answer.headers().get(NAME).map(|value| value.to_str().unwrap().to_owned())
    };
    let behind = Server::unlimited(&[("TRUSTED_PROXIES", "127.0.0.1")]);
    let documented = "max-age=31536000; includeSubDomains";
    // Pages, data, embeds, and what is refused.
    for path in ["/", "/api/feed", "/embed/wall", "/api/me", "/api/admin/bans", "/nowhere"] {
        assert_eq!(sent(&behind, path, "https").as_deref(), Some(documented), "{path}");
        assert_eq!(sent(&behind, path, "http"), None, "{path}");
    }
    let open = Server::unlimited(&[]);
    assert_eq!(sent(&open, "/", "https"), None, "anybody can write that header");
    assert!(!open.get("/").headers().contains_key(NAME));
}
