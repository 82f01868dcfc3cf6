//! The way out: which answers are rendered, and what of them stays.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header, response,
    uri::PathAndQuery,
};
use http_body::Body;
use palisade_core::{
    Rejection, SecurityContext, Tail,
    header::{FirstLetters, number},
};

use crate::{BareErrors, ProblemBody, Render, bare::bare_error};

/// What the services of one layer share.
pub(crate) struct Edge<R> {
    renderer: Arc<R>,
    pub(crate) bare_errors: BareErrors,
    #[cfg(feature = "grpc")]
    pub(crate) grpc: GrpcCalls,
}

/// What of a request decides how a refusal of it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    Content,
    /// HEAD: the headers of the content, and no content.
    HeadersAlone,
    #[cfg(feature = "grpc")]
    Grpc,
}

/// What was asked for, for the log: a refusal of a handler is told here.
#[derive(Debug)]
pub(crate) struct Target {
    method: Method,
    path: Option<PathAndQuery>,
}

/// How a refused gRPC call is answered.
#[cfg(feature = "grpc")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum GrpcCalls {
    #[default]
    AsOthers,
    AsGrpc,
}

/// Left in the extensions of a rendered answer: of two layers, the inner one knows its clients better.
#[derive(Clone, Copy, Debug)]
struct Rendered;

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The challenge of a 401 that brought none (RFC 6750 section 3): a handler's own, or an extractor's.
const CHALLENGE: &str = "Bearer realm=\"api\"";

/// These tell about the content that is replaced.
const STALE: [&str; 9] = [
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "etag",
    "last-modified",
    "trailer",
    "transfer-encoding",
];

const FIRST_LETTERS: FirstLetters = {
    let (mut stale, mut letters) = (STALE.as_slice(), FirstLetters::NONE);
    while let [name, rest @ ..] = stale {
        letters = letters.and(name);
        stale = rest;
    }
    letters
};

// === impl Edge ===

impl<R> Edge<R> {
    pub(crate) fn new(renderer: R) -> Self {
        Self {
            renderer: Arc::new(renderer),
            bare_errors: BareErrors::Render,
            #[cfg(feature = "grpc")]
            grpc: GrpcCalls::AsOthers,
        }
    }

    pub(crate) fn with_renderer<T>(&self, renderer: T) -> Edge<T> {
        Edge {
            renderer: Arc::new(renderer),
            bare_errors: self.bare_errors,
            #[cfg(feature = "grpc")]
            grpc: self.grpc,
        }
    }
}

impl<R: Render> Edge<R> {
    /// Renders the answer if it is a refusal or a bare error, and names it.
    pub(crate) fn finish<B: Body>(
        &self,
        answer: Response<B>,
        (asked, target): (Asked, &Target),
        mut tail: Tail,
    ) -> Response<ProblemBody<B>> {
        let (mut head, inner) = answer.into_parts();
        let (body, length) = match self.render(&head, (asked, target), tail.context()) {
            None => {
                let length = Tail::expected(&asked.method(), &head, &inner);
                (ProblemBody::inner(inner), length)
            }
            Some(rendered) => {
                let bytes = replace(&mut head, rendered, asked);
                let length = u64::try_from(bytes.len()).ok();
                (ProblemBody::from(bytes), length)
            }
        };
        // 32 hexadecimal digits are always a value.
        if let Ok(id) = HeaderValue::from_bytes(&tail.context().request_id().digits()) {
            head.headers.insert(&X_REQUEST_ID, id);
        }
        tail.answered(head.status, length);
        Response::from_parts(head, body.followed_by(tail))
    }

    fn render(
        &self,
        head: &response::Parts,
        (asked, target): (Asked, &Target),
        context: &SecurityContext,
    ) -> Option<Response<Bytes>> {
        if head.extensions.get::<Rendered>().is_some() {
            return None;
        }
        let renderer = self.renderer_for(asked);
        if let Some(rejection) = head.extensions.get::<Rejection>() {
            target.log(rejection, context);
            return Some(renderer.render(rejection, context));
        }
        let code = match self.bare_errors {
            BareErrors::Render => bare_error(head.status, &head.headers)?,
            BareErrors::Keep => return None,
        };
        Some(renderer.render_bare(head.status, code, context))
    }

    #[cfg(feature = "grpc")]
    fn renderer_for(&self, asked: Asked) -> &dyn Render {
        match (asked, self.grpc) {
            (Asked::Grpc, GrpcCalls::AsGrpc) => &crate::grpc::GrpcStatus,
            _ => &*self.renderer,
        }
    }

    #[cfg(not(feature = "grpc"))]
    fn renderer_for(&self, _asked: Asked) -> &R {
        &self.renderer
    }
}

/// Puts what was rendered in the place of what was there. Other headers stay: challenges, CORS, security headers.
fn replace(head: &mut response::Parts, rendered: Response<Bytes>, asked: Asked) -> Bytes {
    let (new, body) = rendered.into_parts();
    // A refusal of ours has none of them: to look takes 250 instructions, to remove all 900.
    let is_stale =
        |name: &HeaderName| FIRST_LETTERS.may_begin(name) && STALE.contains(&name.as_str());
    if head.headers.keys().any(is_stale) {
        for name in STALE {
            head.headers.remove(name);
        }
    }
    head.status = new.status;
    write(new.headers, &mut head.headers);
    // A 401 always says how to do better (RFC 9110 section 15.5.2); whoever refused may have said more.
    if head.status == StatusCode::UNAUTHORIZED {
        head.headers
            .entry(header::WWW_AUTHENTICATE)
            .or_insert_with(|| HeaderValue::from_static(CHALLENGE));
    }
    head.headers
        .entry(header::CACHE_CONTROL)
        .or_insert_with(|| HeaderValue::from_static("no-store"));
    head.extensions.insert(Rendered);
    match asked {
        Asked::Content => {
            head.headers.insert(header::CONTENT_LENGTH, length(&body));
            body
        }
        Asked::HeadersAlone => {
            head.headers.insert(header::CONTENT_LENGTH, length(&body));
            Bytes::new()
        }
        // All that is said is in the headers, and a length would be an error of the protocol.
        #[cfg(feature = "grpc")]
        Asked::Grpc => body,
    }
}

/// Puts `new` headers in the place of those that have their names. `extend` does the same, but makes room for each.
fn write(new: HeaderMap, headers: &mut HeaderMap) {
    let mut name = None;
    for (next, value) in new {
        match (next, &name) {
            (Some(next), _) => {
                headers.insert(&next, value);
                name = Some(next);
            }
            // One more value of the same name.
            (None, Some(name)) => drop(headers.append(name, value)),
            (None, None) => {}
        }
    }
}

fn length(body: &Bytes) -> HeaderValue {
    number(u64::try_from(body.len()).unwrap_or(u64::MAX))
}

impl<R> Clone for Edge<R> {
    fn clone(&self) -> Self {
        Self { renderer: Arc::clone(&self.renderer), ..*self }
    }
}

impl<R> fmt::Debug for Edge<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge").field("bare_errors", &self.bare_errors).finish_non_exhaustive()
    }
}

// === impl Target ===

impl Target {
    pub(crate) fn of(method: &Method, uri: &Uri) -> Self {
        Self { method: method.clone(), path: uri.path_and_query().cloned() }
    }

    /// Tells of a refusal that nobody told of yet. The query stays behind: tokens travel there.
    fn log(&self, rejection: &Rejection, context: &SecurityContext) {
        let path = self.path.as_ref().map_or("", PathAndQuery::path);
        rejection.log(&self.method, path, context);
    }
}

// === impl Asked ===

impl Asked {
    #[cfg_attr(not(feature = "grpc"), expect(unused_variables, reason = "gRPC tells by a header"))]
    pub(crate) fn by(method: &Method, headers: &HeaderMap) -> Self {
        #[cfg(feature = "grpc")]
        if crate::grpc::is_grpc(headers) {
            return Self::Grpc;
        }
        if *method == Method::HEAD { Self::HeadersAlone } else { Self::Content }
    }

    /// A method whose answers have content as those to this request do.
    const fn method(self) -> Method {
        match self {
            Self::HeadersAlone => Method::HEAD,
            Self::Content => Method::GET,
            #[cfg(feature = "grpc")]
            Self::Grpc => Method::POST,
        }
    }
}
