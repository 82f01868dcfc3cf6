//! Writes a file: its content first, under an id that nothing has, then in one transaction that it is the file.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use futures_util::TryStreamExt as _;
use http::{HeaderMap, StatusCode, header};
use palisade::core::{Code, Rejection, RejectionKind};
use palisade_audit::{Details, Outcome};
use palisade_database::{
    AuditLog as _, Caller, DatabaseError, NewVfsFile, VfsExpected, VfsFiles as _, VfsOrphans as _,
};
use palisade_vfs_store::{ObjectId, Put, WriteError};
use tokio::select;

use super::{
    allowed::Allowed,
    conditions::Conditions,
    download::over,
    file::{self, File},
    media, objects, precondition_failed, record,
};
use crate::{
    app::Shared,
    routes::answers::{self, invalid},
    vfs::{abandon, storage_place},
};

const ENDED: Code = Code::new("malformed-content.ended", "The content ended early");
const NO_MORE: Code = Code::new("insufficient-permission", "The permission for this is missing");
const TOO_LARGE: Code = Code::new("content-too-large", "The content is too large");
const UNAVAILABLE: Code =
    Code::new("temporarily-unavailable", "The service cannot answer at the moment");

/// Writes what comes: all of it, or nothing.
pub(super) async fn put(
    shared: &Arc<Shared>,
    allowed: &Allowed,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let place = allowed.file()?;
    let objects = objects(shared)?;
    let kind = media::named(headers.get(header::CONTENT_TYPE))
        .ok_or_else(|| invalid("`Content-Type` is a media type of at most 255 bytes."))?;
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(invalid("A file is written as a whole: no `Content-Range`."));
    }
    let conditions = Conditions::of(headers);
    let before = File::at(shared, place).await?;
    if !conditions.on_writing(before.as_ref()) {
        return Err(precondition_failed());
    }
    let over = over(shared, allowed)?;
    let id = noted(shared).await.map_err(|error| answers::database(&error))?;
    let body = body.into_data_stream().map_err(Box::new);
    let at = storage_place(&place.mount, &place.key, id);
    let put = select! {
        biased;
        // Why, if it can be said.
        () = over => return Err(allowed.still(shared).await.err().unwrap_or_else(ended)),
        put = objects.put(&at, body, shared.max_file_size) => put,
    };
    let put = put.map_err(|error| unwritten(&error))?;
    let settled = settled(shared, allowed, put, kind, conditions.expected(before.as_ref())).await;
    if settled.is_err()
        && let Err(error) = abandon(&shared.database, id).await
    {
        tracing::warn!(%error, object = %id, "what is no file after all may stay in the storage");
    }
    let replaced = settled?;
    let status = if replaced { StatusCode::NO_CONTENT } else { StatusCode::CREATED };
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer.headers_mut().extend(file::tag(&id.to_string()).map(|tag| (header::ETAG, tag)));
    Ok(answer)
}

/// Makes it the file, if whoever sent it still may: an upload may take hours. Whether there was another.
async fn settled(
    shared: &Arc<Shared>,
    allowed: &Allowed,
    put: Put,
    kind: &str,
    expected: VfsExpected<'_>,
) -> Result<bool, Rejection> {
    allowed.still(shared).await?;
    let replaced = kept(shared, allowed, put, kind, expected).await;
    replaced.map_err(|error| refused(&error, expected))
}

/// A new id, noted before anything lies under it: whatever becomes of the upload, it is found.
async fn noted(shared: &Shared) -> Result<ObjectId, DatabaseError> {
    let id = ObjectId::draw();
    let mut act = shared.database.act_as(Caller::service()).await?;
    act.note_orphan(&id.to_string()).await?;
    act.commit().await?;
    Ok(id)
}

/// Makes it the file, with the record of that. Whether there was another.
async fn kept(
    shared: &Shared,
    allowed: &Allowed,
    put: Put,
    kind: &str,
    expected: VfsExpected<'_>,
) -> Result<bool, DatabaseError> {
    let place = &allowed.place;
    let (object, length) = (put.id.to_string(), put.length);
    let by = allowed.context.identity().map(|who| shared.directory.name_in_database(who));
    let details = Details::new().text("object", &object);
    let details = details.number("length", i64::try_from(length).unwrap_or(i64::MAX));
    let mut act = shared.database.act_as(Caller::service()).await?;
    // The record first: so does everybody who takes both.
    act.record(record::event(allowed, "file.written", Outcome::Done, details)).await?;
    let file = NewVfsFile {
        mount: &place.mount,
        key: &place.key,
        case: place.case,
        path: &place.inside,
        object: &object,
        length,
        content_type: kind,
        written_by: by.as_deref(),
    };
    let replaced = act.put_file(file, expected).await?;
    act.commit().await?;
    Ok(replaced.is_some())
}

/// What the index says of what somebody else did meanwhile.
pub(super) fn refused(error: &DatabaseError, expected: VfsExpected<'_>) -> Rejection {
    match error {
        DatabaseError::Conflict if expected != VfsExpected::Any => precondition_failed(),
        _ => answers::database(error),
    }
}

/// 403: meanwhile he signed out, was banned, or is no member any more.
fn ended() -> Rejection {
    Rejection::new(RejectionKind::Forbidden, NO_MORE)
        .reason("who uploads would not be let in any more")
}

fn unwritten(error: &WriteError) -> Rejection {
    let refused = |kind, code| Rejection::new(kind, code).reason(error.to_string());
    match error {
        // In front of it the stack counts as well, and says so itself.
        WriteError::TooLarge { limit } => refused(RejectionKind::ContentTooLarge, TOO_LARGE)
            .detail(format!("At most {limit} bytes are accepted.")),
        WriteError::Body(_) => refused(RejectionKind::Malformed, ENDED),
        WriteError::Unavailable(source) => Rejection::new(RejectionKind::Unavailable, UNAVAILABLE)
            .retry_after(answers::LATER)
            .reason(source.to_string()),
        _ => answers::broken(error),
    }
}
