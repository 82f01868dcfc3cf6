//! A service that is called without a server: what one layer costs.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::Empty;
use palisade::core::PeerAddr;
use tower_service::Service;

use crate::{drive::Drive, ours};

/// The request's body: none.
pub(crate) type Nothing = Empty<Bytes>;

/// Calls a service with the request of a browser, from addresses that `peer` names.
pub(crate) struct Direct<S, P> {
    service: S,
    peer: P,
    uri: Uri,
    headers: HeaderMap,
    status: StatusCode,
}

impl<S, P, B> Direct<S, P>
where
    S: Service<Request<Nothing>, Response = Response<B>, Error = Infallible>,
    P: FnMut() -> SocketAddr,
{
    pub(crate) fn new(service: S, peer: P) -> Self {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", ours::token("alice"));
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:3000"));
        headers.insert(header::AUTHORIZATION, HeaderValue::try_from(bearer).unwrap());
        let uri = Uri::from_static("/api/feed");
        Self { service, peer, uri, headers, status: StatusCode::OK }
    }

    fn one(&mut self) {
        let mut request = Request::new(Nothing::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.extensions_mut().insert(PeerAddr((self.peer)()));
        let answer = pin!(self.service.call(request));
        let Poll::Ready(Ok(answer)) = answer.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("an answer that waits");
        };
        self.status = answer.status();
    }
}

impl<S, P, B> Drive for Direct<S, P>
where
    S: Service<Request<Nothing>, Response = Response<B>, Error = Infallible>,
    P: FnMut() -> SocketAddr,
{
    fn drive(&mut self, requests: u64) {
        for _ in 0..requests {
            self.one();
        }
    }

    fn last(&self) -> String {
        format!("HTTP/1.1 {}\r\n\r\n", self.status)
    }
}
