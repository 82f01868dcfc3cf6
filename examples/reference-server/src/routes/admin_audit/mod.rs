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
};

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/audit", get(list::list))
        .admin("/api/admin/audit/export", get(export::export))
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
