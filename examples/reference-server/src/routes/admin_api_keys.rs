//! API keys: who has one, making one, giving it another secret, taking it away.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    routing::{delete, get, post},
};
use http::StatusCode;
use palisade::{
    authn_api_key::{ApiKey, Issued, KeyError, KeyId, NewKey, PlannedKey},
    core::{Identity, Rejection, SECURITY_TARGET},
    route_registry::{AccessRouter, PathParams},
    users::UserId,
};
use palisade_database::DatabaseError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers::{self, invalid},
};
use crate::{
    api_key_table::KeptApiKey,
    app::Shared,
    audit::AdminAction,
    kept::Kept,
    openapi::{Members, Operation, list_of, object, text, time},
};

/// How long a secret that was replaced is good beside its successor, if nothing is said.
const OVERLAP: Duration = Duration::from_hours(24);

/// What a new key is to be.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    /// Whom it proves; whoever asks, if nothing is said.
    owner: Option<String>,
    #[schema(max_length = 100)]
    name: String,
    #[schema(max_items = 32)]
    roles: Vec<String>,
    #[schema(max_items = 32)]
    scopes: Vec<String>,
    /// For ever, if nothing is said.
    expires_in_seconds: Option<u64>,
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Rotation {
    overlap_seconds: Option<u64>,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/api-keys", get(list).post(create))
        .admin("/api/admin/api-keys/:id", delete(revoke))
        .admin("/api/admin/api-keys/:id/rotate", post(rotate))
}

pub(super) fn operations() -> Vec<Operation> {
    let one = || object().has("apiKey", key());
    vec![
        Operation::get("/api/admin/api-keys", "All API keys, without their secrets").json(
            200,
            "The keys",
            object().has("apiKeys", list_of(key())),
        ),
        Operation::post("/api/admin/api-keys", "Makes an API key")
            .takes::<Wanted>()
            .by_token_alone()
            .json(201, "The key, whose text is shown once", one().has("key", text())),
        Operation::delete("/api/admin/api-keys/:id", "Revokes an API key").by_token_alone().json(
            200,
            "The key, which is good no more",
            one(),
        ),
        Operation::post("/api/admin/api-keys/:id/rotate", "Gives an API key another secret")
            .may_take::<Rotation>()
            .by_token_alone()
            .json(200, "The key, whose text is shown once", one().has("key", text())),
    ]
}

/// What is known of a key.
fn key() -> Members {
    let key = object().has("id", text()).may_have("name", text()).has("owner", text());
    let key = key.may_have("roles", list_of(text())).may_have("scopes", list_of(text()));
    let key = key.may_have("plan", text()).has("created", time()).may_have("expires", time());
    let key = key.may_have("disabled", time()).may_have("lastUsed", time());
    key.may_have("oldSecretUntil", time())
}

async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Rejection> {
    let keys = shared.api_keys.keys().list();
    let keys = keys.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(json!({ "apiKeys": keys })))
}

async fn create(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    answers::by_token_alone(admin.identity())?;
    let wanted: Wanted = answers::payload(&body)?;
    let own = shared.directory.id(admin.identity().subject(), None);
    let is_own = |own| shared.directory.is(admin.identity(), &own);
    if wanted.owner.is_none() && !own.is_some_and(is_own) {
        // Who has the admin's name there is somebody else.
        return Err(invalid(
            "`owner` must be named: it is a user of the first issuer, and you are not.",
        ));
    }
    let Wanted { owner, roles, scopes, .. } = &wanted;
    let action = admin
        .does("api-key.create")
        .target(owner.as_deref().unwrap_or(admin.identity().subject()))
        .detail(format_args!("roles {roles:?}, scopes {scopes:?}"));
    let order = order(wanted, admin.identity());
    let issued = carried_out(&shared, action, move |shared| {
        let planned = shared.api_keys.keys().plan_create(order);
        done(planned, |_, issued| {
            let key = &issued.key;
            // The audit was begun before there was an id.
            tracing::info!(target: SECURITY_TARGET, event = "api-key.created", key = %key.id, owner = &*key.owner, "an API key was made");
        })
    });
    let issued = issued.await?;
    Ok((StatusCode::CREATED, with_text(&issued)?))
}

async fn rotate(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let id: KeyId = params.parse("id")?;
    let Rotation { overlap_seconds } =
        if body.is_empty() { Rotation::default() } else { answers::payload(&body)? };
    let overlap = overlap_seconds.map_or(OVERLAP, Duration::from_secs);
    let action =
        admin.does("api-key.rotate").target(id).detail(format_args!("{overlap:?} overlap"));
    let issued = carried_out(&shared, action, move |shared| {
        let planned = shared.api_keys.keys().plan_rotate(id, overlap);
        done(planned, |shared, issued| end_streams(shared, &issued.key))
    });
    with_text(&issued.await?)
}

/// The key stays in the list, with when it was revoked; nothing brings it back.
async fn revoke(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    admin: Admin,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let id: KeyId = params.parse("id")?;
    let revoked = carried_out(&shared, admin.does("api-key.revoke").target(id), move |shared| {
        let planned = shared.api_keys.keys().plan_disable(id);
        done(planned, end_streams)
    });
    Ok(Json(json!({ "apiKey": shown(&revoked.await?)? })))
}

/// Puts it in force: it stays so if the database keeps it.
fn done<T: 'static>(
    planned: Result<PlannedKey<T>, KeyError>,
    then: impl FnOnce(&Shared, &T) + 'static,
) -> Result<Done<T>, Rejection> {
    let in_force = planned.and_then(PlannedKey::put_in_force).map_err(|error| refused(&error))?;
    let kept = Kept::ApiKey(KeptApiKey::new(in_force.record()));
    Ok(Done::once_kept(kept, move |shared| {
        let answer = in_force.settle();
        then(shared, &answer);
        answer
    }))
}

/// Carries it out when it is known what others changed, and to its end: whoever asked may hang up meanwhile.
async fn carried_out<T: Send + 'static>(
    shared: &Arc<Shared>,
    action: AdminAction,
    act: impl FnOnce(&Shared) -> Result<Done<T>, Rejection> + Send + 'static,
) -> Result<T, Rejection> {
    let shared = Arc::clone(shared);
    let done = tokio::spawn(async move {
        let refreshed = shared.api_keys.refresh().await;
        refreshed.map_err(|error| answers::database(&error))?;
        carry_out(&shared, action, act).await
    });
    done.await.map_err(|error| answers::broken(&error))?
}

/// Ends the streams that keys of the same owner opened: which of them did is not kept. Whoever still has a good one comes
/// back.
fn end_streams(shared: &Shared, key: &ApiKey) {
    // Keys name no issuer, so their owner is a user of none.
    shared.revocations.user_changed(&UserId::new(&*key.owner));
}

fn order(wanted: Wanted, admin: &Identity) -> NewKey {
    let Wanted { owner, name, roles, scopes, expires_in_seconds } = wanted;
    let owner = owner.unwrap_or_else(|| admin.subject().to_owned());
    let order = NewKey::owned_by(owner).name(name);
    let order = roles.into_iter().fold(order, NewKey::role);
    let order = scopes.into_iter().fold(order, NewKey::scope);
    match expires_in_seconds {
        Some(seconds) => order.lasting(Duration::from_secs(seconds)),
        None => order,
    }
}

fn refused(error: &KeyError) -> Rejection {
    match error {
        KeyError::Value(_) | KeyError::NoRoom => invalid(&error.to_string()),
        KeyError::Unknown => answers::not_found(),
        KeyError::Changed => answers::database(&DatabaseError::Conflict),
        _ => answers::broken(error),
    }
}

/// The one answer that holds the key itself.
fn with_text(issued: &Issued) -> Result<Json<Value>, Rejection> {
    Ok(Json(json!({ "apiKey": shown(&issued.key)?, "key": issued.text.expose() })))
}

fn shown(key: &ApiKey) -> Result<Value, Rejection> {
    serde_json::to_value(key).map_err(|error| answers::broken(&error))
}
