//! Compression: who wants it, which answers are worth it, and which of them would tell a secret by their length.
//!
//! The coding itself is tower-http's. Its body has room for every encoder inside, some 9 KB, and each layer further out
//! would move it: 9 000 instructions for each answer, coded or not. So it is asked only for what is coded, and boxed.

mod accept;
mod answer;
mod body;
mod coded;
mod secrets;
mod validators;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use palisade_core::{RouteTag, SecurityContext};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use self::{
    accept::Coding,
    answer::{MayBeCoded, Part, may_be_coded},
    secrets::Secrets,
};
pub use self::{
    body::CompressionBody,
    secrets::{HoldsNoSecret, NeverCompress},
};
use crate::vary;

/// Whether answers are compressed, by brotli at level 4, zstd at 3 or gzip at 6.
///
/// # Which answers are
///
/// Text, JSON, XML, scripts and the like, from 256 bytes on. Never event streams, NDJSON and what else has no end, images, videos, fonts
/// and archives; nor what is coded already, a part of something (206), bound to its bytes (`Content-Digest`, `Repr-Digest`,
/// `Signature`), or not to be changed (`Cache-Control: no-transform`). An answer of unknown length is flushed whenever its handler
/// waits, so what was written arrives.
///
/// Each answer that could have been coded says `Vary: accept-encoding`, coded or not. A coded one has a weak `ETag` (RFC 9110 section
/// 8.8.1): `If-None-Match` compares it as before, `If-Match` and `If-Range` never match it. A handler that compares `If-Match` with what it
/// said must say so in an answer that is never coded ([`NeverCompress`]). HEAD gets the headers that GET would.
///
/// # Which would tell a secret
///
/// Who sees how long a coded answer is, and puts text of his into it, finds out what else is in it (BREACH). So an answer for one person is
/// coded only where nobody else had a hand in its request:
///
/// 1. The request carries a credential: `Authorization`, `X-API-Key`, a cookie other than that of analytics, or whatever proved an identity
///    to a layer further out. Else the answer is for anyone, and coded.
/// 2. The request brings input: a query, or a method other than GET and HEAD. Its answer is not coded.
/// 3. The browser adds the credential by itself (a cookie, `Authorization` of another scheme than Bearer), and does not say that
///    one of our own pages or the user asks (`Sec-Fetch-Site: same-origin` or `none`). The answer is not coded.
///
/// A handler knows better: `Cache-Control: public`, or [`HoldsNoSecret`] in the answer's extensions, says that it may be coded;
/// [`NeverCompress`] there, or as the [tag](NeverCompress::TAG) of the route, that it may not. Use that for pages that show what strangers wrote
/// beside what is secret: no header tells them apart. A nonce of a CSP is no such secret: it is another one in each answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "either something may be coded or nothing is")]
pub enum Compression {
    /// As the client prefers among brotli, zstd and gzip; zstd, then brotli, where it prefers none.
    #[default]
    ClientsChoice,
    /// Never: a proxy in front does it.
    Never,
}

/// Compresses the answers of a service. Made by [`Compression::layer`].
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
        asked: Asked,
    }
}

/// What of a request decides whether its answer is coded.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// Nothing: no answer is.
    Whatever,
    /// What the client wants; no coding, where that is none of ours. Another client may want one.
    For(Wanted),
}

#[derive(Clone, Copy, Debug)]
struct Wanted {
    coding: Option<Coding>,
    secrets: Secrets,
    part: Part,
    /// It knows the answer by a weak tag.
    knows_weak_tag: bool,
}

// === impl Compression ===

impl Compression {
    /// The layer that does it, for a stack of one's own: inside of what refuses and of what learns who is asking.
    #[must_use]
    pub fn layer(self) -> CompressionLayer {
        CompressionLayer { compression: self }
    }

    fn asked<B>(self, request: &Request<B>) -> Asked {
        match self {
            Self::Never => Asked::Whatever,
            Self::ClientsChoice if is_stream(request) => Asked::Whatever,
            Self::ClientsChoice => Asked::For(Wanted::by(request)),
        }
    }
}

/// Streams have no end, and who waits for one holds an encoder.
fn is_stream<B>(request: &Request<B>) -> bool {
    let context = request.extensions().get::<SecurityContext>();
    context.and_then(SecurityContext::route).is_some_and(|route| route.has_tag(RouteTag::STREAM))
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
        let asked = self.compression.asked(&request);
        CompressionFuture { inner: self.inner.call(request), asked }
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
        this.inner.poll(cx).map_ok(|answer| match this.asked {
            Asked::Whatever => answer.map(CompressionBody::plain),
            Asked::For(wanted) => wanted.apply(answer),
        })
    }
}

impl<F> fmt::Debug for CompressionFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressionFuture").field("asked", &self.asked).finish_non_exhaustive()
    }
}

// === impl Wanted ===

impl Wanted {
    fn by<B>(request: &Request<B>) -> Self {
        let coding = accept::preferred(request.headers());
        Self {
            coding,
            // Who wants no coding need not be kept from one.
            secrets: coding.map_or(Secrets::None, |_| Secrets::of(request)),
            part: if request.method() == Method::HEAD { Part::HeadersAlone } else { Part::Whole },
            knows_weak_tag: validators::knows_weak_tag(request.headers()),
        }
    }

    fn apply<B: Body + Default>(self, mut answer: Response<B>) -> Response<CompressionBody<B>> {
        if answer.status() == StatusCode::NOT_MODIFIED {
            self.write_not_modified(answer.headers_mut());
            return answer.map(CompressionBody::plain);
        }
        if may_be_coded(&answer, self.part) == MayBeCoded::No {
            return answer.map(CompressionBody::plain);
        }
        vary::add(answer.headers_mut(), vary::ACCEPT_ENCODING);
        match self.coding {
            Some(coding) if !self.secrets.stand_in(&answer) => {
                validators::weaken(answer.headers_mut());
                match self.part {
                    Part::Whole => coded::coded(coding, answer),
                    Part::HeadersAlone => coded::headers_alone(coding, answer),
                }
            }
            _ => answer.map(CompressionBody::plain),
        }
    }

    /// Has the headers that 200 would have (RFC 9110 section 15.4.5), as far as anyone can tell: who knows the answer by a weak tag
    /// has a coded one.
    fn write_not_modified(self, headers: &mut HeaderMap) {
        vary::add(headers, vary::ACCEPT_ENCODING);
        if self.knows_weak_tag {
            validators::weaken(headers);
        }
    }
}
