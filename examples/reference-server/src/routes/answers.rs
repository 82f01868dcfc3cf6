//! Answers that several routes give.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, header};
use palisade::core::{Code, Rejection, RejectionKind};

const NOT_FOUND: Code = Code::new("not-found", "There is nothing here");
const INTERNAL: Code = Code::new("internal-error", "Something broke");

/// 404: there is no such thing.
pub(super) fn not_found() -> Rejection {
    Rejection::new(RejectionKind::NotFound, NOT_FOUND)
}

/// 500: what must not happen; the client learns no more, the log does.
pub(super) fn broken(error: &dyn std::error::Error) -> Rejection {
    Rejection::new(RejectionKind::Internal, INTERNAL).reason(error.to_string())
}

/// A body of this media type.
pub(super) fn of_type(media_type: &'static str, body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}

/// The header and value that offer a body as a file to keep or show.
pub(super) fn named(name: &str) -> [(HeaderName, String); 1] {
    let safe: String =
        name.chars().filter(|char| char.is_ascii_alphanumeric() || "-_.".contains(*char)).collect();
    [(header::CONTENT_DISPOSITION, format!("inline; filename=\"{safe}\""))]
}

/// 422: the content is not what the route asks for.
pub(super) const INVALID: Code = Code::new("invalid-request", "The content is not valid");

/// Reads a JSON body. What is wrong is told with its place, never with the reader's own words about types.
pub(super) fn payload<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Rejection> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("{error}");
        Rejection::new(RejectionKind::Invalid, INVALID).detail(detail)
    })
}
