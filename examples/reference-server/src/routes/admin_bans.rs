//! Who is banned, banning somebody, and lifting a ban.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    routing::{get, post},
};
use palisade::{
    autoban::{AutoBan, BanError, BanOrder, BanTarget, PlannedChange},
    core::{Code, ConfigError, Rejection, RejectionKind},
    route_registry::AccessRouter,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::PartialSchema;

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers::{self, invalid, payload, view},
    lent_rights, own_ban,
};
use crate::{
    app::Shared,
    openapi::{Members, Operation, any, count, flag, list_of, object, text, time},
};

const OFF: Code = Code::new("auto-ban-off", "Auto-ban is switched off");
const PROTECTED: Code = Code::new("protected-address", "The address is never banned");
const NO_ROOM: Code = Code::new("bans-full", "There are as many bans as there is room for");
/// When there may be room again.
const LATER: Duration = Duration::from_mins(1);
/// As much of a reason is kept.
const LONGEST_REASON: usize = 200;
/// A year, as of `AUTO_BAN_DURATION_MS`.
const LONGEST_BAN: u64 = 31_536_000_000;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UnbanIp {
    /// An address, or an IPv6 network.
    #[schema(min_length = 2, max_length = 43, pattern = "^[0-9A-Fa-f.:/]+$")]
    ip: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct UnbanUser {
    #[schema(min_length = 1, max_length = 256)]
    user_id: String,
    /// The ban of this issuer's user; the one of every issuer's, if nothing is said.
    issuer: Option<String>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UnbanToken {
    /// As it is sent, or `sha256:` and the 64 digits of its digest.
    #[schema(min_length = 1)]
    token: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BanIp {
    /// An address, or an IPv6 network.
    #[schema(min_length = 2, max_length = 43, pattern = "^[0-9A-Fa-f.:/]+$")]
    ip: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    reason: String,
    /// For ever, if nothing is said.
    #[schema(minimum = 1, maximum = 31_536_000_000_u64)]
    duration_ms: Option<u64>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BanUser {
    #[schema(min_length = 1, max_length = 256)]
    user_id: String,
    /// Who vouches for him; whoever does, if nothing is said.
    issuer: Option<String>,
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    reason: String,
    #[schema(minimum = 1, maximum = 31_536_000_000_u64)]
    duration_ms: Option<u64>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BanToken {
    /// As it is sent, or `sha256:` and the 64 digits of its digest.
    #[schema(min_length = 1)]
    token: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    reason: String,
    #[schema(minimum = 1, maximum = 31_536_000_000_u64)]
    duration_ms: Option<u64>,
}

/// Why, and how long.
struct Terms {
    reason: String,
    lasting: Option<Duration>,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/bans", get(bans))
        .admin("/api/admin/bans/violations", get(violations))
        .admin("/api/admin/bans/ban-ip", post(ban_ip))
        .admin("/api/admin/bans/ban-user", post(ban_user))
        .admin("/api/admin/bans/ban-token", post(ban_token))
        .admin("/api/admin/bans/unban-ip", post(unban_ip))
        .admin("/api/admin/bans/unban-user", post(unban_user))
        .admin("/api/admin/bans/unban-token", post(unban_token))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/admin/bans", "Who is banned")
            .json(200, "The bans", all_bans())
            .refuses([404]),
        Operation::get("/api/admin/bans/violations", "Who is on the way to a ban")
            .json(200, "The violations", on_the_way())
            .refuses([404]),
        changes::<BanIp>("/api/admin/bans/ban-ip", "Bans an address or a network", banned("ip")),
        changes::<BanUser>("/api/admin/bans/ban-user", "Bans a user", banned("userId")),
        changes::<BanToken>("/api/admin/bans/ban-token", "Bans a token", banned("token"))
            .about("A token or an API key, in clear or as `sha256:` and its digest, by which the answer names it."),
        changes::<UnbanIp>("/api/admin/bans/unban-ip", "Lifts the ban of an address", lifted("ip")),
        changes::<UnbanUser>("/api/admin/bans/unban-user", "Lifts a user's ban", lifted("userId")),
        changes::<UnbanToken>("/api/admin/bans/unban-token", "Lifts a token's ban", lifted("token")),
    ]
}

/// 404 where auto-ban is off.
fn changes<T: PartialSchema>(
    pattern: &'static str,
    summary: &'static str,
    answer: Members,
) -> Operation {
    Operation::post(pattern, summary)
        .takes::<T>()
        .json(200, "It is in force", answer)
        .refuses([404])
}

fn banned(named: &str) -> Members {
    object().has(named, text()).has("banned", flag())
}

fn lifted(named: &str) -> Members {
    object().has(named, text()).has("lifted", flag())
}

fn all_bans() -> Members {
    let ban = || {
        let ban = object().has("value", text()).may_have("issuer", text()).has("since", time());
        let ban = ban.may_have("reason", text()).may_have("until", time()).has("by", text());
        list_of(ban.may_have("offences", count()).may_have("evidence", any()))
    };
    object().has("bannedIPs", ban()).has("bannedUserIds", ban()).has("bannedTokens", ban())
}

fn on_the_way() -> Members {
    let offender = object().has("kind", text()).has("value", text()).may_have("issuer", text());
    let offender = offender.has("violations", any()).has("weight", count()).has("first", time());
    let offender = offender.has("last", time()).may_have("routes", list_of(text()));
    let all = object().has("tracked", count()).has("capacity", count()).has("forgotten", count());
    let all = all.has("threshold", count()).has("windowMs", count()).has("weights", any());
    all.has("counted", any()).has("offenders", list_of(offender))
}

async fn bans(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    view(&auto_ban(&shared)?.bans())
}

async fn violations(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    view(&auto_ban(&shared)?.violations())
}

async fn ban_ip(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let BanIp { ip, reason, duration_ms } = payload(&body)?;
    let terms = Terms::new(reason, duration_ms)?;
    ban(&shared, &admin, "ban.ip", known(BanTarget::ip(&ip), ADDRESS)?, terms).await?;
    Ok(Json(json!({ "ip": ip, "banned": true })))
}

async fn ban_user(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let BanUser { user_id, issuer, reason, duration_ms } = payload(&body)?;
    let terms = Terms::new(reason, duration_ms)?;
    lent_rights::spares_admins(&shared, admin.identity(), (&user_id, issuer.as_deref()))?;
    ban(&shared, &admin, "ban.user", user(&user_id, issuer.as_deref())?, terms).await?;
    Ok(Json(json!({ "userId": user_id, "banned": true })))
}

/// The answer names the token by its digest, so that an admin finds it in the list.
async fn ban_token(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let BanToken { token, reason, duration_ms } = payload(&body)?;
    let terms = Terms::new(reason, duration_ms)?;
    let token = known(BanTarget::token(&token), TOKEN)?;
    let name = token.to_string();
    ban(&shared, &admin, "ban.token", token, terms).await?;
    Ok(Json(json!({ "token": name, "banned": true })))
}

async fn unban_ip(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let UnbanIp { ip } = payload(&body)?;
    let lifted = unban(&shared, &admin, "unban.ip", known(BanTarget::ip(&ip), ADDRESS)?).await?;
    Ok(Json(json!({ "ip": ip, "lifted": lifted })))
}

async fn unban_user(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let UnbanUser { user_id, issuer } = payload(&body)?;
    let lifted = unban(&shared, &admin, "unban.user", user(&user_id, issuer.as_deref())?).await?;
    Ok(Json(json!({ "userId": user_id, "lifted": lifted })))
}

async fn unban_token(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let UnbanToken { token } = payload(&body)?;
    let token = known(BanTarget::token(&token), TOKEN)?;
    let name = token.to_string();
    let lifted = unban(&shared, &admin, "unban.token", token).await?;
    Ok(Json(json!({ "token": name, "lifted": lifted })))
}

async fn ban(
    shared: &Arc<Shared>,
    admin: &Admin,
    name: &'static str,
    target: BanTarget,
    terms: Terms,
) -> Result<(), Rejection> {
    auto_ban(shared)?;
    if own_ban::hits(&target, admin.context()) {
        return Err(invalid("You would ban yourself: another admin must do this."));
    }
    let Terms { reason, lasting } = terms;
    let mut action = admin.does(name).target(full_name(&target)).reason(&reason);
    let mut order = BanOrder::by(admin.identity().subject()).reason(reason);
    if let Some(time) = lasting {
        action = action.detail(format_args!("{} ms", time.as_millis()));
        order = order.lasting(time);
    }
    carry_out(shared, action, move |shared| {
        let planned =
            auto_ban(shared)?.plan_ban(&target, order).map_err(|error| refused(&error))?;
        put_in_force(planned, ())
    })
    .await
}

/// Returns whether there was a ban.
async fn unban(
    shared: &Arc<Shared>,
    admin: &Admin,
    name: &'static str,
    target: BanTarget,
) -> Result<bool, Rejection> {
    auto_ban(shared)?;
    let by = admin.identity().subject().to_owned();
    let action = admin.does(name).target(full_name(&target));
    carry_out(shared, action, move |shared| {
        let planned = auto_ban(shared)?.plan_lift(&target, &by);
        let lifts = !planned.changes().is_empty();
        put_in_force(planned, lifts)
    })
    .await
}

fn put_in_force<T>(planned: PlannedChange, answer: T) -> Result<Done<T>, Rejection> {
    let changed = planned.put_in_force().map_err(|error| refused(&error))?;
    Ok(Done::Unsettled(answer, changed))
}

fn auto_ban(shared: &Shared) -> Result<&AutoBan, Rejection> {
    shared.auto_ban.as_ref().ok_or_else(|| Rejection::new(RejectionKind::NotFound, OFF))
}

const ADDRESS: &str =
    "`ip` is an address, `203.0.113.9`, or an IPv6 network of 48 to 128 bits, `2001:db8:1:2::/64`.";
const USER: &str = "`userId` is 1 to 256 bytes, and `issuer` at most 256.";
const TOKEN: &str =
    "`token` is a token or an API key as it is sent, or `sha256:` and the 64 digits of its digest.";

/// What was sent is not repeated: it may be a token in the wrong place.
fn known(target: Result<BanTarget, ConfigError>, expected: &str) -> Result<BanTarget, Rejection> {
    target.map_err(|_| invalid(expected))
}

fn user(user_id: &str, issuer: Option<&str>) -> Result<BanTarget, Rejection> {
    let target = match issuer {
        Some(issuer) => BanTarget::user_of(issuer, user_id),
        None => BanTarget::user(user_id),
    };
    known(target, USER)
}

/// As the audit names him: a user with who vouches for him, if that was said.
fn full_name(target: &BanTarget) -> String {
    match target.issuer() {
        Some(issuer) => format!("{target} of {issuer}"),
        None => target.to_string(),
    }
}

fn refused(error: &BanError) -> Rejection {
    match error {
        BanError::Value(_) => invalid(&error.to_string()),
        BanError::Protected => Rejection::new(RejectionKind::Invalid, PROTECTED).detail(
            "It is a proxy's, or the network holds one: everyone behind it would be banned.",
        ),
        BanError::NoRoom => Rejection::new(RejectionKind::Unavailable, NO_ROOM).retry_after(LATER),
        _ => answers::broken(error),
    }
}

// === impl Terms ===

impl Terms {
    fn new(reason: String, duration_ms: Option<u64>) -> Result<Self, Rejection> {
        if reason.trim().is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(invalid("`reason` is 1 to 200 characters."));
        }
        if duration_ms.is_some_and(|time| !(1..=LONGEST_BAN).contains(&time)) {
            return Err(invalid(
                "`durationMs` is 1 to 31536000000; without it, the ban has no end.",
            ));
        }
        Ok(Self { reason, lasting: duration_ms.map(Duration::from_millis) })
    }
}
