//! `DELETE /api/analytics`

use std::sync::Arc;

use axum::{Json, extract::State};
use palisade::core::Rejection;
use serde_json::{Value, json};

use super::{
    asked::unavailable,
    parameters::{Pairs, Parameters},
};
use crate::{
    app::Shared,
    audit::AdminAction,
    routes::admin_action::{Admin, Done, carry_out},
};

/// Forgets what the query chooses; without one, everything. Nothing else may stand in it: a name that is misspelt would delete all.
pub(super) async fn clear(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    pairs: Pairs,
) -> Result<Json<Value>, Rejection> {
    let parameters = Parameters::read(pairs)?;
    parameters.no_others_than(&[])?;
    let filter = parameters.filter(&shared.analytics)?;
    let action = admin.does("analytics.clear");
    let action = parameters.chosen().iter().fold(action, AdminAction::target);
    let forget =
        move |_: &Shared| Ok(Done::once_recorded(move |shared| shared.analytics.delete(&filter)));
    let cleared = carry_out(&shared, action, forget).await?;
    let cleared = cleared.map_err(|error| unavailable(&error.to_string()))?;
    Ok(Json(json!({ "cleared": cleared })))
}
