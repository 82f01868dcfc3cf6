//! Compression: who wants it, and which answers are worth it.
//!
//! The coding itself is tower-http's. Its body has room for every encoder inside, some 9 KB, and each layer further out
//! would move it: 9 000 instructions for each answer, coded or not. So it is asked only for what is coded, and boxed.

use std::{
    convert::Infallible,
    fmt,
    future::{Future, Ready, ready},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body::Body;
use palisade_core::header::{joined, lines};
use pin_project_lite::pin_project;
use tower_http::compression::{
    Compression as Coding,
    predicate::{DefaultPredicate, Predicate as _},
};
use tower_layer::Layer;
use tower_service::Service;

use crate::{CompressionBody, vary};

/// Whether answers are compressed. Streams, images, small and already coded bodies never are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "either something may be coded or nothing is")]
pub enum Compression {
    /// As the client prefers among brotli, zstd and gzip.
    #[default]
    ClientsChoice,
    /// Never: a proxy in front does it.
    Never,
}

/// Compresses the answers of a service. Made of a [`Compression`] by [`stack`](crate::stack()).
#[derive(Clone, Copy, Debug)]
pub struct CompressionLayer {
    compression: Compression,
}

/// The service [`CompressionLayer`] makes.
#[derive(Clone, Copy, Debug)]
pub struct CompressionService<S> {
    inner: S,
    compression: Compression,
}

pin_project! {
    /// The answer of a [`CompressionService`].
    pub struct CompressionFuture<F> {
        #[pin]
        inner: F,
        wanted: Wanted,
    }
}

/// What a client wants.
#[derive(Debug)]
enum Wanted {
    /// It does not matter: nothing is coded here.
    Whatever,
    /// No coding. Another client may want one.
    Plain,
    /// One of these codings.
    Coded(HeaderValue),
}

/// A service that has its answer already.
struct Given<B>(Response<B>);

// === impl Compression ===

impl Compression {
    pub(crate) fn layer(self) -> CompressionLayer {
        CompressionLayer { compression: self }
    }

    fn wanted(self, headers: &HeaderMap) -> Wanted {
        match self {
            Self::Never => Wanted::Whatever,
            Self::ClientsChoice => joined(lines(headers, &header::ACCEPT_ENCODING))
                .map_or(Wanted::Plain, Wanted::Coded),
        }
    }
}

// === impl CompressionLayer ===

impl<S> Layer<S> for CompressionLayer {
    type Service = CompressionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CompressionService { inner, compression: self.compression }
    }
}

// === impl CompressionService ===

impl<S, A, B> Service<Request<A>> for CompressionService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body + Default,
{
    type Response = Response<CompressionBody<B>>;
    type Error = S::Error;
    type Future = CompressionFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let wanted = self.compression.wanted(request.headers());
        CompressionFuture { inner: self.inner.call(request), wanted }
    }
}

// === impl CompressionFuture ===

impl<F, B, E> Future for CompressionFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body + Default,
{
    type Output = Result<Response<CompressionBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.inner.poll(cx).map_ok(|answer| this.wanted.apply(answer))
    }
}

impl<F> fmt::Debug for CompressionFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressionFuture").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

// === impl Wanted ===

impl Wanted {
    fn apply<B: Body + Default>(&self, mut answer: Response<B>) -> Response<CompressionBody<B>> {
        match self {
            Self::Coded(codings) if is_worth_it(&answer) => coded(codings, answer),
            Self::Plain if is_worth_it(&answer) => {
                vary::on_accept_encoding(answer.headers_mut());
                answer.map(CompressionBody::plain)
            }
            _ => answer.map(CompressionBody::plain),
        }
    }
}

fn is_worth_it<B: Body>(answer: &Response<B>) -> bool {
    let has = |name| answer.headers().contains_key(name);
    DefaultPredicate::new().should_compress(answer)
        && !has(header::CONTENT_ENCODING)
        && !has(header::CONTENT_RANGE)
}

/// Lets tower-http code an answer that is there: what it is asked never waits. Whatever it says, the status stays: what the
/// handler did is done, and a 406 would tell the client that it was not.
fn coded<B: Body + Default>(
    codings: &HeaderValue,
    answer: Response<B>,
) -> Response<CompressionBody<B>> {
    let mut request = Request::new(());
    request.headers_mut().insert(header::ACCEPT_ENCODING, codings.clone());
    let status = answer.status();
    let coded = pin!(Coding::new(Given(answer)).call(request));
    let mut answer = match coded.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(coded)) => coded.map(CompressionBody::coded),
        Poll::Pending => Response::default(),
    };
    *answer.status_mut() = status;
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
