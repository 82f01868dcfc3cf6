//! Whether the server lives, whether it can do its work, and whom to tell when it cannot.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use jiff::Timestamp;
use palisade::{
    authn_jwt::KeysStatus,
    autoban::{AutoBan, AutoBanStatus},
    blocklist::LoadFailure,
    core::RouteTag,
    route_registry::{AccessRouter, Declare},
};
use serde_json::{Value, json};

use super::{Routes, answers};
use crate::{app::Shared, instances::Instances, tls::Certificates};

/// How long `security.txt` may be relied on (RFC 9116 section 2.5.5 asks for less than a year).
const CONTACT_VALID: Duration = Duration::from_secs(180 * 86_400);

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .route(Declare::public("/healthz").tag(RouteTag::UNTRACKED), get(async || "ok\n"))
        .route(Declare::public("/readyz").tag(RouteTag::UNTRACKED), get(ready))
        .public("/.well-known/security.txt", get(contact))
}

/// 200 while everything is as configured, without Redis where limits go on without it, without locations of clients, and with a certificate that could not be
/// replaced and still counts; 503 where something works with less than it should. It names the part, and where
/// in its file the mistake is, which says nothing to a stranger; what went wrong is in the log, and where admins read.
async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let word = |fine: bool| if fine { "ok" } else { "degraded" };
    // Anybody may ask: what costs more than to look at a flag is for admins.
    let blocklist = shared.blocklist.shared().failure();
    let auto_ban = shared.auto_ban.as_ref().map(AutoBan::status);
    let bans = auto_ban.as_ref().is_none_or(AutoBanStatus::is_healthy);
    // Keys that are old and cannot be fetched anew still do their work.
    let token_keys = shared.verifier.remote_keys().iter().all(KeysStatus::is_ready);
    // A key that was revoked is good again after a restart, as long as that is not written.
    let api_keys = shared.api_keys.is_current() && shared.api_keys.keys().is_written();
    // A certificate that could not be replaced still does its work, until it ends.
    let tls = shared.certificates.as_ref().map(Certificates::status);
    let tls_failure = tls.as_ref().and_then(|tls| tls.failure.as_deref());
    let tls_counts = tls.as_ref().is_none_or(|tls| tls.counts);
    let redis = shared.instances.as_ref();
    let ready = redis.is_none_or(Instances::is_ready);
    let ready = ready && blocklist.is_none() && bans && token_keys && api_keys && tls_counts;
    // Nobody is refused for having no country, unless an admin said so.
    let geo = shared.locations.as_ref().map(|locations| !locations.geo().is_degraded());
    let fine = ready && redis.is_none_or(Instances::is_up) && tls_failure.is_none();
    let fine = fine && geo.unwrap_or(true);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut parts = json!({
        "blocklist": word(blocklist.is_none()),
        "autoBan": word(bans),
        "tokenKeys": word(token_keys),
        "apiKeys": word(api_keys),
    });
    if let (Some(redis), Some(parts)) = (redis, parts.as_object_mut()) {
        parts.insert("redis".into(), word(redis.is_up()).into());
    }
    if let (Some(_), Some(parts)) = (&tls, parts.as_object_mut()) {
        parts.insert("tls".into(), word(tls_counts && tls_failure.is_none()).into());
    }
    if let (Some(geo), Some(parts)) = (geo, parts.as_object_mut()) {
        parts.insert("geo".into(), word(geo).into());
    }
    let mut answer = json!({ "status": word(fine), "parts": parts });
    let mut mistakes = mistakes(blocklist.as_ref(), auto_ban.as_ref());
    if let Some(mistake) = tls_failure {
        mistakes.insert("tls".into(), json!({ "setting": mistake.setting() }));
    }
    if let (Some(members), false) = (answer.as_object_mut(), mistakes.is_empty()) {
        members.insert("mistakes".into(), mistakes.into());
    }
    (status, Json(answer)).into_response()
}

/// What is wrong with the files of parts that are degraded, as far as strangers may know.
fn mistakes(
    blocklist: Option<&LoadFailure>,
    auto_ban: Option<&AutoBanStatus>,
) -> serde_json::Map<String, Value> {
    let mut mistakes = serde_json::Map::new();
    if let Some(error) = blocklist {
        let place = json!({ "line": error.line, "column": error.column });
        mistakes.insert("blocklist".into(), place);
    }
    let file = auto_ban.and_then(|auto_ban| auto_ban.file.as_ref());
    if file.is_some_and(|file| file.safe_mode.is_some()) {
        mistakes.insert("autoBan".into(), json!({ "safeMode": true }));
    }
    mistakes
}

async fn contact(State(shared): State<Arc<Shared>>) -> Response {
    let expires = shared
        .clock
        .now()
        .wall()
        .checked_add(CONTACT_VALID)
        .and_then(|time| Timestamp::try_from(time).ok());
    let expires = expires.map(|time| format!("{time:.0}")).unwrap_or_default();
    let base = &shared.base_url;
    let text = format!(
        "Contact: mailto:security@palisade.example\nExpires: {expires}\nCanonical: {base}/.well-known/security.txt\n"
    );
    answers::of_type("text/plain; charset=utf-8", text)
}
