//! `GET /api/admin/audit`

use std::sync::Arc;

use axum::{Json, extract::State};
use palisade::core::Rejection;
use palisade_audit::Action;
use palisade_database::AuditLog as _;
use serde_json::{Value, json};

use super::{
    act, keep, refused,
    view::view,
    wanted::{Asked, Question, Wanted},
};
use crate::{app::Shared, audit::AdminAction, routes::admin_action::Admin};

/// The latest first; whoever reads is recorded behind what he reads.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    asked: Asked,
) -> Result<Json<Value>, Rejection> {
    let Question { filter, before, most, in_words } = Wanted::read(asked)?;
    let mut act = act(&shared, &admin).await?;
    // One more tells whether there is another page.
    let found = act.find_audited(&filter, before, most.saturating_add(1)).await;
    let mut records = found.map_err(|error| refused(&error))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_next = records.len() > most;
    records.truncate(most);
    let next = records.last().filter(|_| has_next).map(|record| record.sequence);
    let action = admin.does(Action::READ.as_str());
    keep(act, &in_words.iter().fold(action, AdminAction::detail)).await?;
    let records: Vec<_> = records.iter().map(view).collect();
    Ok(Json(json!({ "records": records, "next": next })))
}
