//! Errors that helpers made: a status and perhaps a line of text.

use http::{HeaderMap, StatusCode, header};
use palisade_core::Code;

/// What becomes of a bare error: an answer of 400 or more that carries no [`Rejection`](palisade_core::Rejection), and has
/// no content type or `text/plain`. Routers, extractors and body limits make such, and their text may tell what is
/// internal.
///
/// An error with any other content type was made on purpose and is never touched.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum BareErrors {
    /// It is rendered as a problem of its status. Its text is discarded, its status and headers are kept.
    #[default]
    Render,
    /// It is left alone.
    Keep,
}

/// The code of a bare error; `None` if the answer is none.
pub(crate) fn bare_error(status: StatusCode, headers: &HeaderMap) -> Option<Code> {
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && is_bare(headers)).then(|| code_of(status))
}

fn is_bare(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return true };
    let essence = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"text/plain")
}

fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::new("credentials-required", "A credential is required"),
        403 => Code::new("forbidden", "This is not allowed"),
        404 => Code::new("not-found", "There is no such thing"),
        405 => Code::new("method-not-allowed", "This method is not allowed here"),
        406 => Code::new("not-acceptable", "There is no representation that is accepted"),
        408 => Code::new("request-timeout", "The request took too long"),
        409 => Code::new("conflict", "The request conflicts with the current state"),
        410 => Code::new("gone", "This is no longer there"),
        411 => Code::new("length-required", "The length of the content is required"),
        412 => Code::new("precondition-failed", "A precondition of the request does not hold"),
        413 => Code::new("content-too-large", "The content is too large"),
        414 => Code::new("uri-too-long", "The address that is asked for is too long"),
        416 => Code::new("range-not-satisfiable", "The range is not within the content"),
        417 => Code::new("expectation-failed", "An expectation of the request cannot be met"),
        421 => Code::new("misdirected-request", "This host is not served here"),
        426 => Code::new("upgrade-required", "Another protocol is required"),
        428 => Code::new("precondition-required", "A precondition is required"),
        429 => Code::new("too-many-requests", "There were too many requests"),
        431 => Code::new("headers-too-large", "The headers are too large"),
        503 => Code::new("temporarily-unavailable", "The service is temporarily unavailable"),
        500.. => Code::new("internal-error", "The service failed"),
        _ => Code::new("invalid-request", "The request is not valid"),
    }
}
