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
    orders::{Clearing, Order, RecordsIn},
    routes::{
        admin_action::{Admin, Done, carry_out},
        answers,
    },
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
    let action = admin.does(AdminAction::CLEAR_RECORDS);
    let action = parameters.chosen(&filter).iter().fold(action, AdminAction::target);
    let records = RecordsIn::of(&shared);
    let clearing = Clearing::new(&action, parameters.choosing(&filter), records);
    let order = shared.outbox.write(&Order::ClearRecords(Box::new(clearing)));
    let action = action.announced(order.map_err(|error| answers::broken(&error))?);
    // It may fail, so it is tried before it is recorded as done.
    let forget = move |shared: &Shared| {
        let cleared = shared.analytics.delete(&filter);
        cleared.map(Done::ForGood).map_err(|error| unavailable(&error.to_string()))
    };
    let cleared = carry_out(&shared, action, forget).await?;
    Ok(Json(json!({ "cleared": cleared })))
}
