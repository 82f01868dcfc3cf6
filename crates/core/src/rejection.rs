//! A refusal as a value: decided by a policy, rendered at the edge, counted by whoever reads it.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use smallvec::SmallVec;

use crate::{
    Code, Enforce, SecurityContext, ViolationKind,
    security_log::{self, Asked},
};

/// Why a request was refused.
///
/// A gate answers its [`status`](Self::status) and [`headers`](Self::headers) with an empty body and puts the value into
/// the answer's extensions. What a client may read is in `kind`, `code`, `detail` and the headers; [`reason`](Self::reason) is for
/// the log alone.
#[derive(Clone)]
pub struct Rejection {
    // Boxed: a verdict travels through every layer, and nearly always it is a pass.
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: RejectionKind,
    code: Code,
    detail: Option<Arc<str>>,
    headers: HeaderMap,
    retry_after: Option<Duration>,
    violated_policies: SmallVec<[Arc<str>; 1]>,
    violation: Option<ViolationKind>,
    policy: Option<&'static str>,
    reason: Option<Reason>,
    /// Whether the security log knows of it.
    logged: bool,
}

/// The headers become those of the answer, where a whole stack writes its own: room for all is made once.
const ROOM: usize = 24;

/// What the log should say, made when it is asked for: most refusals of a flood are logged nowhere.
#[derive(Clone)]
enum Reason {
    Said(Arc<str>),
    Later(Arc<LazyLock<Box<str>, MakesReason>>),
}

type MakesReason = Box<dyn FnOnce() -> Box<str> + Send>;

/// The class of a refusal. It fixes the status.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RejectionKind {
    /// 400: the request can be read in two ways, or not at all.
    Malformed,
    /// 401: no credential, or none that is valid.
    Unauthenticated,
    /// 403: known, and not allowed.
    Forbidden,
    /// 404: no such thing, as far as the caller may know.
    NotFound,
    /// 405: not a method of this route.
    MethodNotAllowed,
    /// 408: the request did not come in time.
    Timeout,
    /// 409: what is there says otherwise: it exists already, or was changed meanwhile.
    Conflict,
    /// 412: what the request makes its condition is not so.
    PreconditionFailed,
    /// 413: the content is over the limit.
    ContentTooLarge,
    /// 415: the content is of a kind, or coded in a way, that is not taken.
    UnsupportedMediaType,
    /// 416: no byte of what is there is in the range that is asked for.
    RangeNotSatisfiable,
    /// 422: the content is not valid.
    Invalid,
    /// 429: a quota is used up.
    LimitExceeded,
    /// 500: the service is wired wrongly or broke; the client learns no more.
    Internal,
    /// 503: what must answer does not; later it may.
    Unavailable,
}

// === impl Rejection ===

impl Rejection {
    /// Refuses for a reason of this `kind`, with a stable `code`.
    #[must_use]
    pub fn new(kind: RejectionKind, code: Code) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                code,
                detail: None,
                headers: HeaderMap::new(),
                retry_after: None,
                violated_policies: SmallVec::new(),
                violation: None,
                policy: None,
                reason: None,
                logged: false,
            }),
        }
    }

    /// Adds a sentence for the client. It must not hold anything internal, nor anything the client did not send.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Arc<str>>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Adds a header to the answer, beside others of the same name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers_mut().append(name, value);
        self
    }

    /// The headers the answer will carry, to be changed.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        if self.inner.headers.is_empty() {
            self.inner.headers.reserve(ROOM);
        }
        &mut self.inner.headers
    }

    /// Says when to try again. The gate sends it as `Retry-After` in whole seconds, rounded up, at least 1 (RFC 9110
    /// section 10.2.3).
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.inner.retry_after = Some(time);
        self
    }

    /// Names a limit that was exceeded (draft-ietf-httpapi-ratelimit-headers-10, `violated-policies`).
    #[must_use]
    pub fn violated_policy(mut self, name: impl Into<Arc<str>>) -> Self {
        self.inner.violated_policies.push(name.into());
        self
    }

    /// Counts as a violation where violations are counted. Without this, a refusal counts nowhere.
    #[must_use]
    pub fn violation(mut self, kind: ViolationKind) -> Self {
        self.inner.violation = Some(kind);
        self
    }

    /// Adds what the log should say. It never reaches the client.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Arc<str>>) -> Self {
        self.inner.reason = Some(Reason::Said(reason.into()));
        self
    }

    /// The same, made when it is asked for: of use where to write it costs more than to refuse.
    #[must_use]
    pub fn reason_with<R: Into<Box<str>>>(
        mut self,
        reason: impl FnOnce() -> R + Send + 'static,
    ) -> Self {
        let reason: MakesReason = Box::new(|| reason().into());
        self.inner.reason = Some(Reason::Later(Arc::new(LazyLock::new(reason))));
        self
    }

    /// Says that the security log knows of it already: from a gate, or from a layer that has an event of its own for it.
    #[must_use]
    pub fn logged(mut self) -> Self {
        self.inner.logged = true;
        self
    }

    /// Writes it into the security log, unless that [knows of it](Self::logged), or it says no more than that there is nothing
    /// here ([`NotFound`](RejectionKind::NotFound), [`MethodNotAllowed`](RejectionKind::MethodNotAllowed)). `path` is without a
    /// query.
    ///
    /// For the layer at the edge: no gate sees what a handler refuses.
    pub fn log(&self, method: &Method, path: &str, context: &SecurityContext) {
        let is_nothing =
            matches!(self.kind(), RejectionKind::NotFound | RejectionKind::MethodNotAllowed);
        if !self.inner.logged && !is_nothing {
            let asked = Asked { method, path, headers: None };
            security_log::refusal(self, Enforce::Block, asked, context);
        }
    }

    /// The class.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        self.inner.kind
    }

    /// The status the class fixes.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.kind.status()
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// The sentence for the client.
    #[must_use]
    pub fn public_detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }

    /// The headers the answer carries, without `Retry-After`.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.inner.headers
    }

    /// When to try again.
    #[must_use]
    pub fn retry_time(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The limits that were exceeded.
    pub fn violated_policies(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.violated_policies.iter().map(AsRef::as_ref)
    }

    /// What it counts as.
    #[must_use]
    pub fn violation_kind(&self) -> Option<ViolationKind> {
        self.inner.violation
    }

    /// The policy that refused, once a gate has seen it.
    #[must_use]
    pub fn policy(&self) -> Option<&'static str> {
        self.inner.policy
    }

    /// What the log should say.
    #[must_use]
    pub fn private_reason(&self) -> Option<&str> {
        self.inner.reason.as_ref().map(Reason::text)
    }

    /// Whether there is something that the log should say. Makes nothing.
    pub(crate) fn has_reason(&self) -> bool {
        self.inner.reason.is_some()
    }

    /// Makes the bare answer: status, headers, an empty body, and this value in the extensions.
    #[must_use]
    pub fn into_answer<B: Default>(mut self) -> Response<B> {
        let mut answer = Response::new(B::default());
        *answer.status_mut() = self.status();
        *answer.headers_mut() = std::mem::take(&mut self.inner.headers);
        if let Some(time) = self.inner.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, whole_seconds(time));
        }
        answer.extensions_mut().insert(self);
        answer
    }

    /// Says who refused. The first gate wins: it is the one that knows.
    pub(crate) fn refused_by(mut self, policy: &'static str) -> Self {
        self.inner.policy.get_or_insert(policy);
        self
    }
}

/// Rounds up to whole seconds, at least 1: a client that obeys must never come too early.
fn whole_seconds(time: Duration) -> HeaderValue {
    let rest = u64::from(time.subsec_nanos() > 0);
    crate::header::number(time.as_secs().saturating_add(rest).max(1))
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("kind", &self.inner.kind)
            .field("code", &self.inner.code.as_str())
            .field("policy", &self.inner.policy)
            .field("reason", &self.private_reason())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.code.fmt(f)
    }
}

impl std::error::Error for Rejection {}

// === impl Reason ===

impl Reason {
    fn text(&self) -> &str {
        match self {
            Self::Said(text) => text,
            Self::Later(text) => text,
        }
    }
}

// === impl RejectionKind ===

impl RejectionKind {
    /// The status of this class.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::ContentTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::LimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
