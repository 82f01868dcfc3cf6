//! Removes a file.

use std::sync::Arc;

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use palisade::core::Rejection;
use palisade_audit::{Details, Outcome};
use palisade_database::{AuditLog as _, Caller, DatabaseError, VfsExpected, VfsFiles as _};

use super::{
    allowed::{Allowed, nothing},
    conditions::Conditions,
    file::File,
    precondition_failed, record,
    write::refused,
};
use crate::app::Shared;

/// Removes it; 404, if it is not there.
pub(super) async fn delete(
    shared: &Arc<Shared>,
    allowed: &Allowed,
    headers: &HeaderMap,
) -> Result<Response, Rejection> {
    let conditions = Conditions::of(headers);
    let before = File::at(shared, allowed.file()?).await?;
    if !conditions.on_writing(before.as_ref()) {
        return Err(precondition_failed());
    }
    let before = before.ok_or_else(nothing)?;
    let expected = conditions.expected(Some(&before));
    match removed(shared, allowed, expected).await {
        Ok(true) => Ok((StatusCode::NO_CONTENT, Body::empty()).into_response()),
        Ok(false) => Err(nothing()),
        Err(error) => Err(refused(&error, expected)),
    }
}

/// Removes it, with the record of that. Whether it was there.
async fn removed(
    shared: &Shared,
    allowed: &Allowed,
    expected: VfsExpected<'_>,
) -> Result<bool, DatabaseError> {
    let place = &allowed.place;
    let mut act = shared.database.act_as(Caller::service()).await?;
    // The record first: so does everybody who takes both.
    act.record(record::event(allowed, "file.removed", Outcome::Done, Details::new())).await?;
    if act.remove_file(&place.mount, &place.key, expected).await?.is_none() {
        act.roll_back().await?;
        return Ok(false);
    }
    act.commit().await?;
    Ok(true)
}
