//! What may be framed.

use crate::server::Server;

#[test]
fn embeds_can_be_framed_and_the_api_cannot() {
    let server = Server::unlimited(&[]);
    for path in ["/embed/wall", "/embed/page/about"] {
        let answer = server.get(path);
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("x-frame-options"), "{path}");
        assert!(
            answer.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("frame-ancestors *"),
            "{path}"
        );
    }
    for path in ["/api/feed", "/", "/embed/nothing/here", "/embedded", "/api/admin/bans"] {
        let answer = server.get(path);
        assert_eq!(answer.headers()["x-frame-options"], "SAMEORIGIN", "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("frame-ancestors 'self'"), "{path}: {policy}");
    }
}
