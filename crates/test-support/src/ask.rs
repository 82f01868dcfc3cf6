//! Requests, and asking a layer or a policy with one.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, request};
use palisade_core::{Clock, Gate, PeerAddr, Policies, SecurityContext, Transport};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Body, Echo};

/// A request in the making: `Ask::get("/x").from("203.0.113.9").header("origin", "https://a.example")`.
#[derive(Debug)]
pub struct Ask {
    request: Request<Body>,
}

/// The head of a GET for `target`.
///
/// # Panics
///
/// If `target` is no URI: a mistake of the test.
#[must_use]
pub fn head(target: &str) -> request::Parts {
    head_of(Ask::get(target))
}

/// The head of a request.
#[must_use]
pub fn head_of(ask: Ask) -> request::Parts {
    ask.request.into_parts().0
}

/// A context that arrived now.
#[must_use]
pub fn context() -> SecurityContext {
    SecurityContext::new(Clock::system().now())
}

// === impl Ask ===

#[expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a wrong request is a mistake of the test that makes it"
)]
impl Ask {
    /// A GET for `target`, from 192.0.2.1.
    ///
    /// # Panics
    ///
    /// If `target` is no URI.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self::method(Method::GET, target)
    }

    /// A request with `method` for `target`, from 192.0.2.1.
    ///
    /// # Panics
    ///
    /// If `target` is no URI.
    #[must_use]
    pub fn method(method: Method, target: &str) -> Self {
        let mut request = Request::new(Body::default());
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().expect("a URI");
        Self { request }.from("192.0.2.1")
    }

    /// Sets the peer's address.
    ///
    /// # Panics
    ///
    /// If `address` is no IP address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        let peer = SocketAddr::new(address.parse().expect("an address"), 40_000);
        self.request.extensions_mut().insert(PeerAddr(peer));
        self
    }

    /// Says whether the connection is encrypted.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.request.extensions_mut().insert(transport);
        self
    }

    /// Appends a header; the value may hold any byte a header may hold.
    ///
    /// # Panics
    ///
    /// If it is no header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header's value");
        self.request.headers_mut().append(name, value);
        self
    }

    /// Sends this body, without a `Content-Length`.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = Body::new(body.into());
        self
    }

    /// Adds `Authorization: Bearer <token>`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Shares `context`, as a gate further out would.
    #[must_use]
    pub fn context(mut self, context: &SecurityContext) -> Self {
        self.request.extensions_mut().insert(context.clone());
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> Request<Body> {
        self.request
    }

    /// Sends it to `service`, which must answer without waiting.
    ///
    /// # Panics
    ///
    /// If it waits.
    pub fn send<S, R>(self, service: &mut S) -> Response<R>
    where
        S: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
    {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut cx).is_ready(), "the service is not ready");
        match pin!(service.call(self.request)).poll(&mut cx) {
            Poll::Ready(Ok(answer)) => answer,
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => panic!("the service waits"),
        }
    }

    /// Sends it through `layer` to an [`Echo`].
    pub fn through<L, R>(self, layer: &L) -> Response<R>
    where
        L: Layer<Echo>,
        L::Service: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
    {
        self.send(&mut layer.layer(Echo::default()))
    }

    /// Sends it through a gate with `policies` to an [`Echo`].
    pub fn policies<P: Policies>(self, policies: P) -> Response<Body> {
        self.send(&mut Gate::new(Echo::default(), policies))
    }
}
