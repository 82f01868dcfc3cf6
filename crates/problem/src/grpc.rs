//! Refusals of gRPC calls: a status in the headers, and nothing else ("Trailers-Only").

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use palisade_core::{Code, Rejection, RejectionKind, SecurityContext, header::find};

use crate::{Render, render::nearest_kind};

/// Renders refusals as gRPC does.
pub(crate) struct GrpcStatus;

/// Whether a request is a gRPC call. `application/grpc-web` is not: its clients understand the status of HTTP.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let value = find(headers, &header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let Some((essence, rest)) = value.split_at_checked("application/grpc".len()) else {
        return false;
    };
    essence.eq_ignore_ascii_case(b"application/grpc")
        && matches!(rest.first(), None | Some(b'+' | b';' | b' '))
}

// === impl GrpcStatus ===

impl GrpcStatus {
    fn answer(kind: RejectionKind, code: Code, detail: Option<&str>) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert("grpc-status", HeaderValue::from(status_of(kind)));
        let message = format!("{code}: {}", detail.unwrap_or(code.title()));
        if let Ok(message) = HeaderValue::try_from(percent_encoded(&message)) {
            headers.insert("grpc-message", message);
        }
        answer
    }
}

impl Render for GrpcStatus {
    fn render(&self, rejection: &Rejection, _context: &SecurityContext) -> Response<Bytes> {
        Self::answer(rejection.kind(), rejection.code(), rejection.public_detail())
    }

    fn render_bare(
        &self,
        status: StatusCode,
        code: Code,
        _context: &SecurityContext,
    ) -> Response<Bytes> {
        Self::answer(nearest_kind(status), code, None)
    }
}

/// The code of gRPC (its "Status codes and their use in gRPC").
fn status_of(kind: RejectionKind) -> u16 {
    match kind {
        RejectionKind::Malformed | RejectionKind::Invalid => 3,
        RejectionKind::Timeout => 4,
        RejectionKind::NotFound => 5,
        RejectionKind::Forbidden => 7,
        RejectionKind::LimitExceeded | RejectionKind::ContentTooLarge => 8,
        RejectionKind::PreconditionFailed => 9,
        RejectionKind::Conflict => 10,
        RejectionKind::RangeNotSatisfiable => 11,
        RejectionKind::MethodNotAllowed | RejectionKind::UnsupportedMediaType => 12,
        RejectionKind::Internal => 13,
        RejectionKind::Unavailable => 14,
        RejectionKind::Unauthenticated => 16,
        // A kind that is not known here: unknown.
        _ => 2,
    }
}

/// Writes what is not printable ASCII, and `%`, as `%XX` (gRPC over HTTP/2, "Percent-Encoded").
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, b' '..=b'~') && byte != b'%' {
            encoded.push(char::from(byte));
        } else if write!(encoded, "%{byte:02X}").is_err() {
            break;
        }
    }
    encoded
}
