//! Lets requests through a connection, and nothing else, so that what is counted is theirs.

use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::service::TowerToHyperService;
use tower_service::Service;

use crate::wire::Wire;

/// A service on a connection.
pub(crate) trait Drive {
    /// Lets `requests` through.
    fn drive(&mut self, requests: u64);
    /// The last answer.
    fn last(&self) -> String;
}

struct Connection<F> {
    wire: Wire,
    serving: Pin<Box<F>>,
}

/// Puts `service` on a connection on which always this request comes.
pub(crate) fn connect<S, B>(service: S, request: Bytes) -> Box<dyn Drive>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + 'static,
    S::Future: 'static,
    B: http_body::Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let wire = Wire::new(request);
    let serving =
        http1::Builder::new().serve_connection(wire.clone(), TowerToHyperService::new(service));
    Box::new(Connection { wire, serving: Box::pin(serving) })
}

impl<F: Future<Output = hyper::Result<()>>> Drive for Connection<F> {
    fn drive(&mut self, requests: u64) {
        let all = self.wire.answers() + requests;
        self.wire.send(requests);
        let mut cx = Context::from_waker(Waker::noop());
        while self.wire.answers() < all {
            if let Poll::Ready(end) = self.serving.as_mut().poll(&mut cx) {
                panic!("the connection ended: {end:?}: {}", self.wire.last());
            }
        }
    }

    fn last(&self) -> String {
        self.wire.last()
    }
}

/// What is counted: callgrind looks for this name.
#[inline(never)]
pub(crate) fn measured_region(connection: &mut dyn Drive, requests: u64) {
    connection.drive(requests);
}
