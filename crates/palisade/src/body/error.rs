//! Why a body is not read to its end.

use std::{
    error::Error,
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{HeaderValue, Version, header};
use palisade_core::{Code, Rejection, RejectionKind, SECURITY_TARGET, SecurityContext};

const CONTENT_TOO_LARGE: Code = Code::new("content-too-large", "The content is too large");
const TOO_DENSE: Code = Code::new("content-too-large.ratio", "The content is too large");
const NOT_GZIP: Code = Code::new("malformed-content.gzip", "The content is not well formed");
const REQUEST_TIMEOUT: Code = Code::new("request-timeout", "The request took too long");

/// Why reading a request's body failed. Whoever reads it need not care: the answer is made of this in any case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BodyError {
    /// It is longer than this.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// It becomes too large for what it is.
    TooDense,
    /// It is no gzip, or ends too soon, or something comes behind.
    NotGzip,
    /// It comes too slowly.
    TooSlow,
}

/// What a body tells the answer of its request.
#[derive(Debug)]
pub(super) struct Fault {
    found: OnceLock<BodyError>,
    answered: AtomicBool,
    version: Version,
    context: Option<SecurityContext>,
}

// === impl BodyError ===

impl BodyError {
    /// What the client is told.
    pub(super) fn rejection(self, version: Version) -> Rejection {
        let rejection = match self {
            Self::TooLarge { limit } => {
                Rejection::new(RejectionKind::ContentTooLarge, CONTENT_TOO_LARGE)
                    .detail(format!("At most {limit} bytes are accepted."))
            }
            Self::TooDense => Rejection::new(RejectionKind::ContentTooLarge, TOO_DENSE),
            Self::NotGzip => Rejection::new(RejectionKind::Malformed, NOT_GZIP),
            Self::TooSlow => Rejection::new(RejectionKind::Timeout, REQUEST_TIMEOUT),
        };
        closing(version, rejection)
    }
}

/// The rest of the body is not read, so a connection that has one request after the other ends. HTTP/2 ends the stream alone, and
/// knows no such header (RFC 9113 section 8.2.2).
pub(super) fn closing(version: Version, rejection: Rejection) -> Rejection {
    if version >= Version::HTTP_2 {
        return rejection;
    }
    rejection.header(header::CONNECTION, HeaderValue::from_static("close"))
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::TooDense => f.write_str("the body grows too much when it is unpacked"),
            Self::NotGzip => f.write_str("the body is no whole gzip"),
            Self::TooSlow => f.write_str("the body comes too slowly"),
        }
    }
}

impl Error for BodyError {}

// === impl Fault ===

impl Fault {
    /// Of a request of this version, in this context. Nothing is found yet.
    pub(super) fn new(version: Version, context: Option<SecurityContext>) -> Self {
        let (found, answered) = (OnceLock::new(), AtomicBool::new(false));
        Self { found, answered, version, context }
    }

    /// Keeps what was found first, and logs it, whoever is told of it.
    pub(super) fn found(&self, error: BodyError) -> BodyError {
        *self.found.get_or_init(|| {
            self.log(error);
            error
        })
    }

    /// The answer begins: what the client is told in place of the handler's, if anything was found so far.
    pub(super) fn answer(&self) -> Option<Rejection> {
        self.answered.store(true, Ordering::Release);
        self.found.get().map(|error| error.rejection(self.version).logged())
    }

    fn log(&self, error: BodyError) {
        let rejection = error.rejection(self.version);
        let context = self.context.as_ref();
        // What has begun cannot be taken back: the client has the handler's status.
        let is_told = !self.answered.load(Ordering::Acquire);
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "body.refused",
            code = rejection.code().as_str(),
            status = is_told.then(|| rejection.status().as_u16()),
            request_id = context.map(|context| tracing::field::display(context.request_id())),
            client_ip = context.and_then(SecurityContext::client_ip).map(tracing::field::display),
            "a body was not read to its end"
        );
    }
}
