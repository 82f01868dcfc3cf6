//! The coding itself, by tower-http.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{Extensions, HeaderMap, Request, Response, StatusCode, Version, header};
use http_body::Body;
use tower_http::compression::Compression;
use tower_service::Service;

use super::{CompressionBody, accept::Coding};

/// A service that has its answer already.
struct Given<B>(Response<B>);

/// Lets tower-http code an answer that is there: what it is asked never waits.
pub(crate) fn coded<B: Body + Default>(
    coding: Coding,
    mut answer: Response<B>,
) -> Response<CompressionBody<B>> {
    let mut request = Request::new(());
    request.headers_mut().insert(header::ACCEPT_ENCODING, coding.value());
    // It does not know `*`, nor names that end as its own does.
    let vary = answer.headers_mut().remove(header::VARY);
    let always = |_: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| true;
    let coded = pin!(Compression::new(Given(answer)).compress_when(always).call(request));
    let mut answer = match coded.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(coded)) => coded.map(CompressionBody::coded),
        Poll::Pending => Response::default(),
    };
    if let Some(vary) = vary {
        answer.headers_mut().insert(header::VARY, vary);
    }
    answer
}

/// What GET would be told (RFC 9110 section 9.3.2), but for a length that nobody knows without the work.
pub(crate) fn headers_alone<B: Body + Default>(
    coding: Coding,
    answer: Response<B>,
) -> Response<CompressionBody<B>> {
    // Its content would have another length; it is not sent either way.
    let mut answer = answer.map(|_| CompressionBody::default());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_ENCODING, coding.value());
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::ACCEPT_RANGES);
    answer
}

// === impl Given ===

impl<B: Default> Service<Request<()>> for Given<B> {
    type Response = Response<B>;
    type Error = Infallible;
    type Future = Ready<Result<Response<B>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(std::mem::take(&mut self.0)))
    }
}
