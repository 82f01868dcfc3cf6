//! What was done: read by admins, and taken away as a file. Both are recorded.

mod export;
mod list;
mod view;
mod wanted;

use axum::routing::get;
use palisade::{core::Rejection, route_registry::AccessRouter};
use palisade_audit::Record;
use palisade_database::{Act, AuditLog as _, DatabaseError};

use super::{Routes, admin_action::Admin, answers};
use crate::{
    app::Shared,
    audit::{AdminAction, AuditOutcome},
    audit_table,
    openapi::{Operation, anything, count, list_of, number, object, or_null, text},
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/audit", get(list::list))
        .admin("/api/admin/audit/export", get(export::export))
}

pub(super) fn operations() -> Vec<Operation> {
    let record = object().has("sequence", count()).has("action", text()).has("outcome", text());
    let record = record.has("code", or_null(text())).has("requestId", or_null(text()));
    let record = record.has("time", anything()).has("actor", anything());
    let record = record.has("onBehalfOf", anything()).has("target", anything());
    let record = record.has("reason", or_null(text())).has("details", anything());
    let page = object().has("records", list_of(record)).has("next", or_null(count()));
    let filtered = |operation: Operation| {
        [
            ("since", "Not before, by RFC 3339"),
            ("until", "Before, by RFC 3339"),
            ("action", "What was done"),
            ("outcome", "What became of it: `done`, `refused`, `failed`"),
            ("actor", "Who did it"),
            ("target", "To whom or what"),
            ("requestId", "By which request"),
        ]
        .into_iter()
        .fold(operation, |operation, (name, about)| operation.query(name, text(), about))
    };
    vec![
        filtered(Operation::get("/api/admin/audit", "What was done, the latest first"))
            .query("limit", number(1, Some(1000)), "How many, 100 if nothing is said")
            .query("cursor", count(), "The `next` of the page before")
            .json(200, "The records", page),
        Operation::get("/api/admin/audit/export", "The whole log, for a verifier")
            .content(["application/x-ndjson"], "A record on each line"),
    ]
}

/// A transaction of the admin who asks.
async fn act(shared: &Shared, admin: &Admin) -> Result<Act, Rejection> {
    let caller = shared.directory.caller(admin.identity());
    shared.database.act_as(caller).await.map_err(|error| refused(&error))
}

/// Records that the log is read, and keeps that.
async fn keep(mut act: Act, action: &AdminAction) -> Result<Record, Rejection> {
    let event = audit_table::event(action, AuditOutcome::Done);
    let record = act.record(event).await.map_err(|error| refused(&error))?;
    act.commit().await.map_err(|error| refused(&error))?;
    Ok(record)
}

fn refused(error: &DatabaseError) -> Rejection {
    answers::database(error)
}
