//! Who is banned, and lifting a ban.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    routing::{get, post},
};
use palisade::{
    autoban::AutoBan,
    core::{Code, Identity, Rejection, RejectionKind},
    route_registry::AccessRouter,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    answers::{broken, payload},
};
use crate::app::Shared;

const OFF: Code = Code::new("auto-ban-off", "Auto-ban is switched off");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnbanIp {
    ip: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct UnbanUser {
    user_id: String,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/bans", get(bans))
        .admin("/api/admin/bans/unban-ip", post(unban_ip))
        .admin("/api/admin/bans/unban-user", post(unban_user))
        .admin("/api/admin/bans/violations", get(violations))
}

async fn bans(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    view(&auto_ban(&shared)?.bans())
}

async fn violations(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    view(&auto_ban(&shared)?.violations())
}

async fn unban_ip(
    State(shared): State<Arc<Shared>>,
    admin: Identity,
    body: axum::body::Bytes,
) -> Result<Json<Value>, Rejection> {
    let UnbanIp { ip } = payload(&body)?;
    let lifted = auto_ban(&shared)?.unban_ip(&ip, admin.subject()).map_err(|error| {
        Rejection::new(RejectionKind::Invalid, super::answers::INVALID).detail(error.to_string())
    })?;
    Ok(Json(json!({ "ip": ip, "lifted": lifted })))
}

async fn unban_user(
    State(shared): State<Arc<Shared>>,
    admin: Identity,
    body: axum::body::Bytes,
) -> Result<Json<Value>, Rejection> {
    let UnbanUser { user_id } = payload(&body)?;
    let lifted = auto_ban(&shared)?.unban_user(&user_id, admin.subject());
    Ok(Json(json!({ "userId": user_id, "lifted": lifted })))
}

fn auto_ban(shared: &Shared) -> Result<&AutoBan, Rejection> {
    shared.auto_ban.as_ref().ok_or_else(|| Rejection::new(RejectionKind::NotFound, OFF))
}

fn view(value: &impl serde::Serialize) -> Result<Json<Value>, Rejection> {
    serde_json::to_value(value).map(Json).map_err(|error| broken(&error))
}
