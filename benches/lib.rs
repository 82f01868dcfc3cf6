//! Measures the hot path of each layer, and of the whole stack.
//!
//! One file per layer under `benches/`; each asks through a gate, as a server does, and is compared with the same
//! service without the layer. Times drift with the machine's load: compare within one run.

use std::{
    convert::Infallible,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{Request, Response};
use palisade::core::{Gate, Policies, SecurityContext};
use palisade_test_support::{Ask, Body, Echo};
use tower_service::Service;

/// A request as a browser sends it, from one address.
#[must_use]
pub fn request(target: &str) -> Request<Body> {
    Ask::get(target)
        .header("host", "wall.example")
        .header(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        )
        .header("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
        .build()
}

/// A request that shares `context`.
#[must_use]
pub fn request_in(context: &SecurityContext, target: &str) -> Request<Body> {
    let mut request = request(target);
    request.extensions_mut().insert(context.clone());
    request
}

/// Sends `request` to a service that answers without waiting; nothing comes of one that waits.
pub fn ask<S, R>(service: &mut S, request: Request<Body>) -> Option<Response<R>>
where
    S: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
{
    let mut cx = Context::from_waker(Waker::noop());
    if service.poll_ready(&mut cx).is_pending() {
        return None;
    }
    match pin!(service.call(request)).poll(&mut cx) {
        Poll::Ready(answer) => answer.ok(),
        Poll::Pending => None,
    }
}

/// The service that every layer is measured in front of.
#[must_use]
pub fn bare() -> Echo {
    Echo::default()
}

/// Policies in front of that service.
pub fn gated<P: Policies>(policies: P) -> Gate<Echo, P> {
    Gate::new(bare(), policies)
}
