//! Why a body is not read to its end.

use std::{error::Error, fmt, sync::OnceLock};

use http::{HeaderValue, Version, header};
use palisade_core::{Code, Rejection, RejectionKind};

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
pub(super) type Fault = OnceLock<BodyError>;

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
