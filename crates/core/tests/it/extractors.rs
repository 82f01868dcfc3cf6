//! What an axum handler can ask for.

#![cfg(feature = "axum")]

use axum::{Router, body::Body, routing::get};
use http::Request;
use palisade_core::{
    ClientIp, ClientIpSource, Clock, Identity, IdentityKind, Ipv6Prefix, Rejection, SecurityContext,
};
use tower::ServiceExt;

fn ask(path: &str, context: Option<&SecurityContext>) -> (u16, Option<&'static str>) {
    let app = Router::new()
        .route("/who", get(async |who: Identity| who.subject().to_owned()))
        .route(
            "/maybe",
            get(async |who: Option<Identity>| {
                who.map_or("nobody".to_owned(), |who| who.subject().to_owned())
            }),
        )
        .route("/where", get(async |ip: ClientIp| ip.to_string()));
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    if let Some(context) = context {
        request.extensions_mut().insert(context.clone());
    }
    let answer = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(app.oneshot(request))
        .unwrap();
    let code = answer.extensions().get::<Rejection>().map(|rejection| rejection.code().as_str());
    (answer.status().as_u16(), code)
}

#[test]
fn a_handler_gets_the_facts_or_a_refusal_it_need_not_write() {
    let anonymous = SecurityContext::new(Clock::system().now());
    assert_eq!(ask("/who", Some(&anonymous)), (401, Some("credentials-required")));
    assert_eq!(ask("/maybe", Some(&anonymous)), (200, None));
    assert_eq!(ask("/where", Some(&anonymous)), (500, Some("client-address-unknown")));

    let known = SecurityContext::new(Clock::system().now());
    known.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    known.learn_client_ip(ClientIp::new(
        [192, 0, 2, 1].into(),
        ClientIpSource::Peer,
        Ipv6Prefix::default(),
    ));
    for path in ["/who", "/maybe", "/where"] {
        assert_eq!(ask(path, Some(&known)), (200, None));
    }
}

#[test]
fn a_handler_without_a_gate_fails_closed() {
    for path in ["/who", "/maybe", "/where"] {
        assert_eq!(ask(path, None), (500, Some("internal-error")));
    }
}
