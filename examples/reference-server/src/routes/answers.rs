//! Answers that several routes give.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::header;
use palisade::core::{Code, Identity, IdentityKind, Rejection, RejectionKind};
use palisade_database::DatabaseError;
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

use crate::audit_table;

pub(super) const NOT_FOUND: Code = Code::new("not-found", "There is nothing here");
const INTERNAL: Code = Code::new("internal-error", "Something broke");
const DENIED: Code = Code::new("denied", "You may not do this");
const CONFLICT: Code =
    Code::new("conflict", "It is there already, or was changed by somebody else meanwhile");
const EXHAUSTED: Code =
    Code::new("elevation-limit", "There are no more admin rights for a while for you today");
const UNAVAILABLE: Code =
    Code::new("temporarily-unavailable", "The service cannot answer at the moment");
/// When the database may answer again.
pub(super) const LATER: Duration = Duration::from_secs(5);
const TOKEN_REQUIRED: Code = Code::new("token-required", "An API key may not do this");

/// 404: there is no such thing.
pub(super) fn not_found() -> Rejection {
    Rejection::new(RejectionKind::NotFound, NOT_FOUND)
}

/// 500: what must not happen; the client learns no more, the log does.
pub(super) fn broken(error: &dyn std::error::Error) -> Rejection {
    Rejection::new(RejectionKind::Internal, INTERNAL).reason(error.to_string())
}

/// What a client reads where the database did not do what it was asked: nothing of the database.
pub(super) fn database(error: &DatabaseError) -> Rejection {
    let refused = |kind, code| Rejection::new(kind, code).reason(error.to_string());
    match error {
        DatabaseError::NotFound => refused(RejectionKind::NotFound, NOT_FOUND),
        DatabaseError::Denied => refused(RejectionKind::Forbidden, DENIED),
        DatabaseError::Lapsed => refused(RejectionKind::Forbidden, audit_table::LAPSED),
        DatabaseError::Exhausted => refused(RejectionKind::Forbidden, EXHAUSTED)
            .detail("Of any 24 hours you have 240 minutes, and ask 20 times."),
        DatabaseError::Conflict => refused(RejectionKind::Conflict, CONFLICT),
        DatabaseError::Invalid => refused(RejectionKind::Invalid, INVALID),
        DatabaseError::Unavailable(source) => {
            Rejection::new(RejectionKind::Unavailable, UNAVAILABLE)
                .retry_after(LATER)
                .reason(source.to_string())
        }
        _ => broken(error),
    }
}

/// 403: an API key, where keys and users are managed. What a stolen one made would outlive its own end.
pub(super) fn by_token_alone(admin: &Identity) -> Result<(), Rejection> {
    match admin.kind() {
        IdentityKind::Jwt => Ok(()),
        _ => Err(Rejection::new(RejectionKind::Forbidden, TOKEN_REQUIRED)),
    }
}

/// A body of this media type.
pub(super) fn of_type(media_type: &'static str, body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}

/// 422: the content is not what the route asks for.
pub(super) const INVALID: Code = Code::new("invalid-request", "The content is not valid");

/// 422, with what would be.
pub(super) fn invalid(detail: &str) -> Rejection {
    Rejection::new(RejectionKind::Invalid, INVALID).detail(detail)
}

/// What is told as it is kept.
pub(super) fn view(value: &impl serde::Serialize) -> Result<Json<Value>, Rejection> {
    serde_json::to_value(value).map(Json).map_err(|error| broken(&error))
}

/// Reads a JSON body. What is wrong is told with its place, never in the reader's own words, which name our types.
pub(super) fn payload<T: DeserializeOwned>(body: &[u8]) -> Result<T, Rejection> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        wrong_payload(&path, &error)
    })?;
    reader.end().map_err(|error| wrong_payload(".", &error))?;
    Ok(read)
}

fn wrong_payload(path: &str, error: &serde_json::Error) -> Rejection {
    let (line, column) = (error.line(), error.column());
    let detail = match error.classify() {
        Category::Data if path == "." => "The content is not of the form that is asked for.".into(),
        Category::Data => format!("`{path}` is not of the form that is asked for."),
        _ => format!("The content is no JSON: line {line}, column {column}."),
    };
    // Not in the reader's words: they repeat what was sent.
    let reason = format!("line {line}, column {column}: {:?}", error.classify());
    Rejection::new(RejectionKind::Invalid, INVALID).detail(detail).reason(reason)
}
