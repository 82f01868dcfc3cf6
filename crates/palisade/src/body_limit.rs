//! Refuses a body that says it is too large before a byte of it is read.

use http::{HeaderValue, StatusCode, header, request, response};
use palisade_core::{
    Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict, header::find,
};

/// The request body behind the stack: the one that came, with the limit around it. Reading on past the limit is an error.
pub type LimitedBody<B> = tower_http::body::Limited<B>;

const CONTENT_TOO_LARGE: Code = Code::new("content-too-large", "The content is too large");
const MALFORMED_LENGTH: Code =
    Code::new("malformed-header.content-length", "A header is not well formed");

/// Refuses a request whose `Content-Length` is over the limit. What streams past the limit without saying so is stopped
/// by the layer that wraps the body; both answer 413 and close the connection, since the rest is not read.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimitPolicy {
    limit: u64,
}

impl BodyLimitPolicy {
    /// Allows bodies of `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit }
    }
}

impl Policy for BodyLimitPolicy {
    fn name(&self) -> &'static str {
        "body-limit"
    }

    fn check(&self, head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        let Some(length) = find(&head.headers, &header::CONTENT_LENGTH) else {
            return Verdict::Pass;
        };
        match length.to_str().ok().and_then(|length| length.parse::<u64>().ok()) {
            Some(length) if length <= self.limit => Verdict::Pass,
            Some(_) => Rejection::new(RejectionKind::ContentTooLarge, CONTENT_TOO_LARGE)
                .detail(format!("At most {} bytes are accepted.", self.limit))
                .header(header::CONNECTION, HeaderValue::from_static("close"))
                .into(),
            None => Rejection::new(RejectionKind::Malformed, MALFORMED_LENGTH).into(),
        }
    }

    fn finish(&self, _context: &SecurityContext, answer: &mut response::Parts) {
        if answer.status == StatusCode::PAYLOAD_TOO_LARGE {
            answer.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}
