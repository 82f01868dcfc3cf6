//! Puts the whole stack in front of a bare hyper service: no framework.
//!
//! Run with `cargo run -p example-hyper-stack`, then `curl -i http://127.0.0.1:3003/`.

use std::{convert::Infallible, error::Error};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use palisade::{
    LimitedBody, Stack,
    authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
    core::PeerAddr,
    route_registry::Registry,
};
use tower::{ServiceBuilder, service_fn};
use tower_layer::Layer;

/// The service behind the stack. The stack's limit on bodies wraps the body it gets.
async fn hello(
    _request: Request<LimitedBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from("hello\n")))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let routes = Registry::builder().public("/").build()?;
    let keys = Keys::hs256(b"an example's secret, never to be used elsewhere")?;
    let auth = OptionalAuth::new(Verifier::new(Issuer::new("example", keys).audience("example"))?);
    let service = palisade::stack(Stack::new(routes, auth)).layer(service_fn(hello));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3003").await?;
    loop {
        let (stream, peer) = listener.accept().await?;
        let named = ServiceBuilder::new().map_request(move |mut request: Request<Incoming>| {
            // Whose connection it is: the stack believes nobody else about it.
            request.extensions_mut().insert(PeerAddr(peer));
            request
        });
        let connection = http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            TowerToHyperService::new(named.service(service.clone())),
        );
        tokio::spawn(connection);
    }
}
