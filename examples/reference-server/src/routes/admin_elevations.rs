//! `/api/admin/elevations`: who asks for admin rights for a while, and deciding about it.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    routing::{get, post},
};
use palisade::{
    core::{Code, Identity, Rejection, RejectionKind},
    route_registry::{AccessRouter, PathParams},
};
use palisade_database::{ElevationFilter, ElevationRow, ElevationState, Elevations as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers::{self, invalid},
    elevation_view::{self, described, id_in, shown},
    elevations::withdraw_own,
    lent_rights,
};
use crate::{
    app::Shared,
    directory::read_name,
    elevation_step::ElevationStep,
    kept::Kept,
    openapi::{Operation, list_of, number, object, or_null, text, word},
};

/// So many are on a page, if nothing is said, and at most.
const PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 1000;
const OWN: Code = Code::new("self-approval", "Nobody decides about what he asked for himself");
const NO_ADMIN: Code = Code::new("insufficient-role", "The role this needs is not yours");

/// Which of them.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    state: Option<Wished>,
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wished {
    Pending,
    Approved,
    Refused,
    Withdrawn,
    Expired,
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Approved {
    /// For how long; what was asked for, if nothing is said.
    #[schema(minimum = 1, maximum = 60)]
    minutes: Option<i64>,
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Why {
    /// For the audit.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/elevations", get(list))
        .admin("/api/admin/elevations/:id/approve", post(approve))
        .admin("/api/admin/elevations/:id/refuse", post(refuse))
        .admin("/api/admin/elevations/:id/withdraw", post(withdraw))
}

pub(super) fn operations() -> Vec<Operation> {
    let page = object().has("elevations", list_of(described())).has("next", or_null(text()));
    let states = word(["pending", "approved", "refused", "withdrawn", "expired"]);
    let step = |path, summary| Operation::post(path, summary).by_token_alone().refuses([409]);
    vec![
        Operation::get("/api/admin/elevations", "Who asks for admin rights for a while")
            .query("state", states, "In which state")
            .query("limit", number(1, Some(1000)), "How many, 100 if nothing is said")
            .query("cursor", text(), "The `next` of the page before")
            .json(200, "The elevations, the latest first", page)
            .refuses([422]),
        step("/api/admin/elevations/:id/approve", "Gives admin rights for a while")
            .about("By an admin who is somebody else, and is one for good. For less time than was asked for, and for no more.")
            .may_take::<Approved>()
            .json(200, "It counts from now on", described()),
        step("/api/admin/elevations/:id/refuse", "Refuses admin rights for a while")
            .may_take::<Why>()
            .json(200, "It never counted", described()),
        step("/api/admin/elevations/:id/withdraw", "Takes admin rights back before their end")
            .about("What is under way by them is not kept, and streams end, on every instance within a second.")
            .may_take::<Why>()
            .json(200, "It has ended", described()),
    ]
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Query(wanted): Query<Wanted>,
    admin: Admin,
) -> Result<Json<Value>, Rejection> {
    let most = wanted.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&most) {
        return Err(invalid("`limit` is 1 to 1000."));
    }
    let behind = wanted.cursor.as_deref().map(place_at).transpose()?;
    let filter = ElevationFilter::new();
    let filter =
        wanted.state.map(ElevationState::from).into_iter().fold(filter, ElevationFilter::in_state);
    let rows = async {
        let mut act = shared.database.read_as(shared.directory.caller(admin.identity())).await?;
        // One more tells whether there is another page.
        act.elevations(&filter, behind, most.saturating_add(1)).await
    };
    let mut rows = rows.await.map_err(|error| answers::database(&error))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_next = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| has_next).map(|row| format!("{}.{}", row.asked_at, row.id));
    let rows: Vec<_> = rows.iter().map(shown).collect();
    Ok(Json(json!({ "elevations": rows, "next": next })))
}

async fn approve(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let Approved { minutes } =
        if body.is_empty() { Approved::default() } else { answers::payload(&body)? };
    let row = asked(&shared, &admin, &params).await?;
    let minutes = minutes.unwrap_or(row.minutes);
    if !(1..=row.minutes).contains(&minutes) {
        return Err(invalid("`minutes` is 1 to what was asked for."));
    }
    let step = ElevationStep::approve(&row.id, minutes);
    let detail = format!("elevation {}, {minutes} minutes", row.id);
    decide(&shared, admin, row, Decision { name: "elevation.approved", step, detail, why: None })
        .await
}

async fn refuse(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let why = why(&body)?;
    let row = asked(&shared, &admin, &params).await?;
    let step = ElevationStep::refuse(&row.id);
    let detail = format!("elevation {}", row.id);
    decide(&shared, admin, row, Decision { name: "elevation.refused", step, detail, why }).await
}

async fn withdraw(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let why = why(&body)?;
    let row = asked(&shared, &admin, &params).await?;
    if row.user_id == shared.directory.name_in_database(admin.identity()) {
        return withdraw_own(&shared, &admin, row.id).await;
    }
    let step = ElevationStep::withdraw(&row.id);
    let detail = format!("elevation {}", row.id);
    decide(&shared, admin, row, Decision { name: TAKEN_BACK, step, detail, why }).await
}

/// Withdrawn by an admin. Its own name, since an admin for a while may give back what he has, and nothing of others.
const TAKEN_BACK: &str = "elevation.taken-back";

/// What an admin decides.
struct Decision {
    name: &'static str,
    step: ElevationStep,
    detail: String,
    why: Option<String>,
}

async fn decide(
    shared: &Arc<Shared>,
    admin: Admin,
    row: ElevationRow,
    decision: Decision,
) -> Result<Json<Value>, Rejection> {
    let Decision { name, step, detail, why } = decision;
    let action = admin.does(name).target(read_name(&row.user_id).1).detail(detail);
    let action = why.iter().fold(action, |action, why| action.reason(why));
    let (id, caller) = (row.id.clone(), shared.directory.caller(admin.identity()));
    let keep = move |shared: &Shared| {
        may_decide(shared, admin.identity(), &row)?;
        Ok(Done::kept((), Kept::Elevation(step), |_| ()))
    };
    carry_out(shared, action, keep).await?;
    Ok(Json(shown(&elevation_view::settled(shared, caller, &id).await?)))
}

/// Another admin, who is one still. Who has the same name with another issuer is taken for the same: of two admins with one name,
/// a third decides.
fn may_decide(shared: &Shared, admin: &Identity, row: &ElevationRow) -> Result<(), Rejection> {
    lent_rights::for_good(admin)?;
    let (_, subject) = read_name(&row.user_id);
    let is_own = row.user_id == shared.directory.name_in_database(admin);
    if is_own || subject == admin.subject() {
        return Err(Rejection::new(RejectionKind::Forbidden, OWN));
    }
    if !shared.directory.is_still(admin, shared.clock.now()) {
        return Err(Rejection::new(RejectionKind::Forbidden, NO_ADMIN));
    }
    Ok(())
}

async fn asked(
    shared: &Shared,
    admin: &Admin,
    params: &PathParams,
) -> Result<ElevationRow, Rejection> {
    let row = async {
        let mut act = shared.database.read_as(shared.directory.caller(admin.identity())).await?;
        act.elevation(id_in(params)).await
    };
    row.await.map_err(|error| answers::database(&error))
}

fn why(body: &[u8]) -> Result<Option<String>, Rejection> {
    let Why { reason } = if body.is_empty() { Why::default() } else { answers::payload(body)? };
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > 500) {
        return Err(invalid("`reason` is at most 500 characters."));
    }
    Ok(reason)
}

/// Where the page before ended.
fn place_at(cursor: &str) -> Result<(i64, String), Rejection> {
    let place = cursor.split_once('.').and_then(|(time, id)| Some((time.parse().ok()?, id.into())));
    place.ok_or_else(|| invalid("`cursor` is the `next` of a page."))
}

impl From<Wished> for ElevationState {
    fn from(state: Wished) -> Self {
        match state {
            Wished::Pending => Self::Pending,
            Wished::Approved => Self::Approved,
            Wished::Refused => Self::Refused,
            Wished::Withdrawn => Self::Withdrawn,
            Wished::Expired => Self::Expired,
        }
    }
}
