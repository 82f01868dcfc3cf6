//! Signing out: of one token, at once, also where a stream is open.

use reqwest::blocking::Response;

use crate::{
    server::{Server, problem},
    stream::{ends, event, follow, lines},
};

fn logout(server: &Server, token: &str) -> Response {
    server.request("POST", "/api/logout").bearer_auth(token).send().unwrap()
}

#[test]
fn e3_who_signs_out_is_refused_with_the_next_request_and_his_stream_ends() {
    let server = Server::unlimited(&[]);
    let [phone, laptop] = [(); 2].map(|()| server.token("alice", &["admin"]));
    let (on_phone, mut on_laptop) =
        (lines(follow(&server, &phone)), lines(follow(&server, &laptop)));
    assert_eq!(server.get_as(&phone, "/api/me").status(), 200);

    let left = logout(&server, &phone);
    assert_eq!(left.status(), 204);
    assert_eq!(left.headers()["clear-site-data"], "\"cache\", \"cookies\", \"storage\"");
    let refused = server.get_as(&phone, "/api/feed");
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let (status, code, _) = problem(refused);
    assert_eq!((status, &*code), (401, "invalid-token.revoked"));
    assert_eq!(problem(logout(&server, &phone)).1, "invalid-token.revoked");
    ends(on_phone);

    // Another token of the same user is good, and its stream goes on.
    assert_eq!(server.get_as(&laptop, "/api/profiles").status(), 200);
    while event(&mut on_laptop)["path"] != "/api/profiles" {}
    assert!(!server.log().contains(&phone));
}

#[test]
fn nobody_cannot_sign_out() {
    let server = Server::unlimited(&[]);
    let answer = server.request("POST", "/api/logout").send().unwrap();
    assert_eq!(problem(answer).1, "credentials-required");
    let bob = server.token("bob", &[]);
    assert_eq!(problem(server.get_as(&bob, "/api/logout")).1, "method-not-allowed");
    assert_eq!(server.get_as(&bob, "/api/me").status(), 200);
}
