//! What is told of admin rights for a while.

use jiff::Timestamp;
use palisade::{core::Rejection, route_registry::PathParams};
use palisade_database::{Caller, ElevationRow, Elevations as _};
use serde_json::{Value, json};

use super::answers;
use crate::{
    app::Shared,
    directory::read_name,
    elevations_watch,
    openapi::{Members, count, object, or_null, text, time, word},
};

/// What one is described as.
pub(super) fn described() -> Members {
    let states = word(["pending", "approved", "refused", "withdrawn", "expired"]);
    let person = || or_null(object().has("userId", text()).has("issuer", or_null(text())).into());
    let row = object().has("id", text()).has("userId", text()).has("issuer", or_null(text()));
    let row = row.has("reason", text()).has("minutes", count()).has("state", states);
    let row = row.has("askedAt", time()).has("endsAt", time());
    let row = row.has("approvedBy", person()).has("approvedAt", or_null(time()));
    let row = row.has("grantedMinutes", or_null(count()));
    row.has("endedBy", person()).has("endedAt", or_null(time()))
}

/// One, as it is told.
pub(super) fn shown(row: &ElevationRow) -> Value {
    let (issuer, subject) = read_name(&row.user_id);
    json!({
        "id": row.id,
        "userId": subject,
        "issuer": issuer,
        "reason": row.reason,
        "minutes": row.minutes,
        "state": row.state.to_string(),
        "askedAt": at(Some(row.asked_at)),
        "endsAt": at(Some(row.ends_at)),
        "approvedBy": person(row.approved_by.as_deref()),
        "approvedAt": at(row.approved_at),
        "grantedMinutes": row.granted,
        "endedBy": person(row.ended_by.as_deref()),
        "endedAt": at(row.ended_at),
    })
}

/// The id in the path.
pub(super) fn id_in(params: &PathParams) -> &str {
    params.get("id").unwrap_or_default()
}

/// What became of one after a step, which counts here from now on.
pub(super) async fn settled(
    shared: &Shared,
    caller: Caller,
    id: &str,
) -> Result<ElevationRow, Rejection> {
    let settled = async {
        elevations_watch::look(&shared.database, &shared.directory, &shared.clock).await?;
        shared.database.read_as(caller).await?.elevation(id).await
    };
    settled.await.map_err(|error| answers::database(&error))
}

fn at(milliseconds: Option<i64>) -> Option<String> {
    Timestamp::from_millisecond(milliseconds?).ok().map(|time| time.to_string())
}

fn person(name: Option<&str>) -> Value {
    let named = |name| {
        let (issuer, subject) = read_name(name);
        json!({ "userId": subject, "issuer": issuer })
    };
    name.map_or(Value::Null, named)
}
