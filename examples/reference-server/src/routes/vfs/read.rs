//! Reads a file, or a range of it.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use palisade::core::{Code, Rejection, RejectionKind};
use palisade_vfs_store::ReadError;

use super::{
    DAMAGED,
    allowed::{Allowed, nothing},
    conditions::{Conditions, Reading},
    download::Download,
    file::File,
    objects, precondition_failed,
    range::Wanted,
    record,
};
use crate::{app::Shared, routes::answers, vfs::storage_place};

const NOT_SATISFIABLE: Code =
    Code::new("range-not-satisfiable", "Nothing of the file is in this range");
const UNAVAILABLE: Code =
    Code::new("temporarily-unavailable", "The service cannot answer at the moment");

/// What GET would say of the whole file.
pub(super) async fn head(
    shared: &Shared,
    allowed: &Allowed,
    headers: &HeaderMap,
) -> Result<Response, Rejection> {
    let file = File::at(shared, allowed.file()?).await?.ok_or_else(nothing)?;
    match Conditions::of(headers).on_reading(&file) {
        Reading::Failed => Err(precondition_failed()),
        Reading::NotModified => Ok(not_modified(&file)),
        Reading::Read => Ok(answer(StatusCode::OK, &file, file.length, Body::empty())),
    }
}

/// The file, or the range of it that is asked for.
pub(super) async fn get(
    shared: &Arc<Shared>,
    allowed: Allowed,
    headers: &HeaderMap,
) -> Result<Response, Rejection> {
    let file = File::at(shared, allowed.file()?).await?.ok_or_else(nothing)?;
    let conditions = Conditions::of(headers);
    match conditions.on_reading(&file) {
        Reading::Failed => return Err(precondition_failed()),
        Reading::NotModified => return Ok(not_modified(&file)),
        Reading::Read => {}
    }
    let asked = headers.get(header::RANGE).filter(|_| conditions.wants_range_of(&file));
    let (status, range) = match Wanted::read(asked, file.length) {
        Wanted::Nothing => return Err(not_satisfiable(file.length)),
        Wanted::All => (StatusCode::OK, 0..file.length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
    };
    let length = range.end.saturating_sub(range.start);
    let said = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), file.length);
    let body = body(shared, allowed, &file, range).await?;
    let mut answer = answer(status, &file, length, body);
    if status == StatusCode::PARTIAL_CONTENT {
        answer
            .headers_mut()
            .extend(HeaderValue::try_from(said).ok().map(|said| (header::CONTENT_RANGE, said)));
    }
    Ok(answer)
}

/// The content, of which the first piece was read already.
async fn body(
    shared: &Arc<Shared>,
    allowed: Allowed,
    file: &File,
    range: std::ops::Range<u64>,
) -> Result<Body, Rejection> {
    let place = allowed.file()?;
    let opened = objects(shared)?
        .open_object(&storage_place(&place.mount, &place.key, file.id), file.length)
        .await;
    let mut pieces = match opened {
        Ok(object) => object.read(range.clone()),
        Err(error) => return Err(refused(shared, &allowed, &error).await),
    };
    let first = match pieces.next().await {
        Some(Err(error)) => return Err(refused(shared, &allowed, &error).await),
        first => first,
    };
    // Where the storage took its time, a refusal can still be said: later the answer can only break off.
    allowed.still(shared).await?;
    let pieces = futures_util::stream::iter(first).chain(pieces).boxed();
    Ok(Download::new(shared, allowed, pieces, range)?.into_body())
}

/// What who reads is told where nothing of it was sent.
async fn refused(shared: &Arc<Shared>, allowed: &Allowed, error: &ReadError) -> Rejection {
    if let ReadError::Unavailable(source) = error {
        return Rejection::new(RejectionKind::Unavailable, UNAVAILABLE)
            .retry_after(answers::LATER)
            .reason(source.to_string());
    }
    // If it panics, that was told.
    drop(record::damaged(shared, allowed).await);
    Rejection::new(RejectionKind::Internal, DAMAGED).reason(error.to_string())
}

fn answer(status: StatusCode, file: &File, length: u64, body: Body) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = file.headers();
    answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    answer
}

/// Says what the whole answer would have said for caches (RFC 9110 section 15.4.5).
fn not_modified(file: &File) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    let mut headers = file.headers();
    for name in [header::CONTENT_TYPE, header::CONTENT_DISPOSITION, header::ACCEPT_RANGES] {
        headers.remove(name);
    }
    *answer.headers_mut() = headers;
    answer
}

fn not_satisfiable(length: u64) -> Rejection {
    let rejection = Rejection::new(RejectionKind::RangeNotSatisfiable, NOT_SATISFIABLE);
    match HeaderValue::try_from(format!("bytes */{length}")) {
        Ok(all) => rejection.header(header::CONTENT_RANGE, all),
        Err(_) => rejection,
    }
}
