//! A service behind hyper on a connection in memory: what a request costs with everything but the kernel.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::service::TowerToHyperService;

use crate::{
    drive::Drive,
    server::{Body, Host, Named, Serve},
    wire::Wire,
};

/// Puts a service on a connection on which always this request comes, from this peer.
pub(crate) struct InMemory {
    pub(crate) peer: SocketAddr,
    pub(crate) request: Bytes,
}

struct Connection<F> {
    wire: Wire,
    serving: Pin<Box<F>>,
}

impl Host for InMemory {
    type Hosted = Box<dyn Drive>;

    fn host<S: Serve<B>, B: Body>(self, service: S) -> Box<dyn Drive> {
        let wire = Wire::new(self.request);
        let service = TowerToHyperService::new(Named::new(service, self.peer));
        let serving = http1::Builder::new().serve_connection(wire.clone(), service);
        Box::new(Connection { wire, serving: Box::pin(serving) })
    }
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
