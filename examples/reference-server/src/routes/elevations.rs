//! `/api/elevations`: asking for admin rights for a while, and giving them back.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    routing::{get, post},
};
use http::StatusCode;
use palisade::{
    core::{Rejection, RequestId},
    route_registry::{AccessRouter, PathParams},
};
use palisade_database::{Act, Caller, ElevationFilter, ElevationRow, Elevations as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::{Admin as Asker, Done, carry_out},
    answers::{self, invalid},
    elevation_view::{self, described, id_in, shown},
};
use crate::{
    app::Shared,
    audit::AdminAction,
    elevation_step::ElevationStep,
    elevations::elevation_of,
    elevations_watch,
    kept::Kept,
    openapi::{Operation, list_of, object},
};

/// So many of one's own are shown, the latest.
const SHOWN: u32 = 100;
const REASON: &str = "`reason` is 10 to 500 characters.";
const MINUTES: &str = "`minutes` is 1 to 60.";

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Why, for who decides and for the audit.
    #[schema(min_length = 10, max_length = 500)]
    reason: String,
    #[schema(minimum = 1, maximum = 60)]
    minutes: i64,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .authenticated("/api/elevations", get(list).post(ask))
        .authenticated("/api/elevations/:id/withdraw", post(withdraw))
}

pub(super) fn operations() -> Vec<Operation> {
    const ALL: &str = "/api/elevations";
    vec![
        Operation::get(ALL, "What you asked for, the latest first").json(
            200,
            "Your elevations",
            object().has("elevations", list_of(described())),
        ),
        Operation::post(ALL, "Asks for admin rights for a while")
            .about("An admin must approve it within an hour. There is no extension: who needs longer asks again, and has four hours of any day.")
            .takes::<Asked>()
            .by_token_alone()
            .json(202, "It waits for an admin", described())
            .refuses([409]),
        Operation::post("/api/elevations/:id/withdraw", "Gives them back, or asks no more")
            .by_token_alone()
            .json(200, "It has ended", described())
            .refuses([409]),
    ]
}

async fn list(State(shared): State<Arc<Shared>>, asker: Asker) -> Result<Json<Value>, Rejection> {
    let mut act = reading(&shared, &asker).await?;
    let filter = ElevationFilter::new().of_user(name(&shared, &asker));
    let rows = act.elevations(&filter, None, SHOWN).await;
    let rows = rows.map_err(|error| answers::database(&error))?;
    Ok(Json(json!({ "elevations": rows.iter().map(shown).collect::<Vec<_>>() })))
}

async fn ask(
    State(shared): State<Arc<Shared>>,
    asker: Asker,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    answers::by_token_alone(asker.identity())?;
    let Asked { reason, minutes } = answers::payload(&body)?;
    let reason = reason.trim();
    if !(10..=500).contains(&reason.chars().count()) {
        return Err(invalid(REASON));
    }
    if !(1..=Act::LONGEST).contains(&minutes) {
        return Err(invalid(MINUTES));
    }
    if asker.identity().is_admin() && elevation_of(asker.identity()).is_none() {
        return Err(invalid("You are an admin."));
    }
    let id = RequestId::random().to_string();
    let step = ElevationStep::ask(&id, reason, minutes);
    let action = asker.does("elevation.asked").reason(reason);
    let action = action.detail(format_args!("elevation {id}, {minutes} minutes"));
    let row = step_of_own(&shared, &asker, action, (id, step)).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(&row))))
}

async fn withdraw(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(asker.identity())?;
    withdraw_own(&shared, &asker, id_in(&params).to_owned()).await
}

/// Gives back one's own, as what one is without it.
pub(super) async fn withdraw_own(
    shared: &Arc<Shared>,
    asker: &Asker,
    id: String,
) -> Result<Json<Value>, Rejection> {
    let step = ElevationStep::withdraw(&id);
    let action = asker.does("elevation.withdrawn").detail(format_args!("elevation {id}"));
    let row = step_of_own(shared, asker, action, (id, step)).await?;
    Ok(Json(shown(&row)))
}

async fn step_of_own(
    shared: &Arc<Shared>,
    asker: &Asker,
    action: AdminAction,
    (id, step): (String, ElevationStep),
) -> Result<ElevationRow, Rejection> {
    // What is over is no reason not to ask.
    drop(elevations_watch::look(&shared.database, &shared.directory, &shared.clock).await);
    let action = action.target(asker.identity().subject());
    let action = action.acting_as(Caller::user(name(shared, asker)));
    let keep = move |_: &Shared| Ok(Done::kept((), Kept::Elevation(step), |_| ()));
    carry_out(shared, action, keep).await?;
    elevation_view::settled(shared, Caller::user(name(shared, asker)), &id).await
}

fn name(shared: &Shared, asker: &Asker) -> String {
    shared.directory.name_in_database(asker.identity())
}

async fn reading(shared: &Shared, asker: &Asker) -> Result<Act, Rejection> {
    let act = shared.database.read_as(Caller::user(name(shared, asker))).await;
    act.map_err(|error| answers::database(&error))
}
