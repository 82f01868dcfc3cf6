//! The servers that are measured, by name, and the trait of whatever measures them.

use std::{
    convert::Infallible,
    error::Error,
    net::SocketAddr,
    task::{Context, Poll},
};

use bytes::Buf;
use http::{Request, Response};
use hyper::body::Incoming;
use palisade::core::{Clock, PeerAddr};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    hello::{Hello, app},
    ours::{self, generous, stack},
};
#[cfg(feature = "peers")]
use crate::{ordinary, ours::SECRET};

/// Whoever puts a service somewhere: on a connection in memory, on a socket, on threads.
pub(crate) trait Host {
    type Hosted;

    fn host<S: Serve<B>, B: Body>(self, service: S) -> Self::Hosted;
}

/// What a server serves.
pub(crate) trait Serve<B>:
    Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S, B> Serve<B> for S where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// What it answers.
pub(crate) trait Body:
    http_body::Body<Data: Buf + Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static
{
}

impl<B> Body for B where
    B: http_body::Body<Data: Buf + Send, Error: Into<Box<dyn Error + Send + Sync>>>
        + Send
        + 'static
{
}

/// The names of ours and of bare ones, in the order they are shown. What stands in front of ` + ` is the bare one that a
/// server is compared with; a status behind the last comma is how it answers.
const OURS: [&str; 7] = [
    "hyper",
    "hyper + the same headers",
    "hyper + stack, admitted",
    "hyper + stack, 429",
    "hyper + stack, 403",
    "axum",
    "axum + stack, admitted",
];

/// The names of the ordinary stack's.
#[cfg(feature = "peers")]
const PEERS: [&str; 5] = [
    "axum + ordinary stack, chained, admitted",
    "axum + ordinary stack, chained, 429",
    "axum + ordinary stack, chained, 403",
    "axum + ordinary stack, one layer, admitted",
    "axum + ordinary stack, one layer, 429",
];
#[cfg(not(feature = "peers"))]
const PEERS: [&str; 0] = [];

/// The names of all.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    OURS.into_iter().chain(PEERS)
}

/// Puts the server called `name` there. Ours take the time from `clock`.
pub(crate) fn put<H: Host>(name: &str, clock: &Clock, host: H) -> H::Hosted {
    let hello = Hello::default();
    let admitted = || stack(generous(), clock);
    let limited = || stack(ours::one_request(), clock);
    match name {
        "hyper" => host.host(hello),
        "hyper + the same headers" => host.host(Hello { headers: ours::headers() }),
        "hyper + stack, admitted" | "hyper + stack, 403" => host.host(admitted().layer(hello)),
        "hyper + stack, 429" => host.host(limited().layer(hello)),
        "axum" => host.host(app()),
        "axum + stack, admitted" => host.host(app().layer(admitted())),
        other => put_peer(other, host),
    }
}

#[cfg(feature = "peers")]
fn put_peer<H: Host>(name: &str, host: H) -> H::Hosted {
    match name {
        "axum + ordinary stack, chained, admitted" | "axum + ordinary stack, chained, 403" => {
            host.host(ordinary::chained(SECRET, u32::MAX))
        }
        "axum + ordinary stack, chained, 429" => host.host(ordinary::chained(SECRET, 1)),
        "axum + ordinary stack, one layer, admitted" => {
            host.host(ordinary::as_one_layer(SECRET, u32::MAX))
        }
        "axum + ordinary stack, one layer, 429" => host.host(ordinary::as_one_layer(SECRET, 1)),
        other => unknown(other),
    }
}

#[cfg(not(feature = "peers"))]
fn put_peer<H: Host>(name: &str, _: H) -> H::Hosted {
    unknown(name)
}

fn unknown(name: &str) -> ! {
    panic!("no server is called `{name}`: {}", names().collect::<Vec<_>>().join(", "))
}

/// Where requests to the server called `name` come from: 198.51.100.2 is banned.
pub(crate) fn peer(name: &str) -> SocketAddr {
    let address = if name.ends_with("403") { [198, 51, 100, 2] } else { [192, 0, 2, 1] };
    (address, 4711).into()
}

/// How it must answer.
pub(crate) fn status(name: &str) -> u16 {
    let last = name.rsplit(", ").next().unwrap_or_default();
    last.parse().unwrap_or(200)
}

/// Says whose a connection is, as a server does.
#[derive(Clone)]
pub(crate) struct Named<S> {
    inner: S,
    peer: PeerAddr,
}

impl<S> Named<S> {
    pub(crate) fn new(inner: S, peer: SocketAddr) -> Self {
        Self { inner, peer: PeerAddr(peer) }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Named<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.peer);
        self.inner.call(request)
    }
}
