//! `/api/me/secrets`: what a user lets this service keep for him. It goes in, and never comes out.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    routing::{get, put},
};
use jiff::Timestamp;
use palisade::{
    core::{Code, Rejection, RejectionKind},
    route_registry::{AccessRouter, PathParams},
};
use palisade_database::{
    Act, AuditLog as _, Caller, DatabaseError, SealedSecret, SecretRow, UserSecrets as _,
};
use palisade_vault::{OpenError, Sealed, Vault, mask};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::Admin as Owner,
    answers::{self, invalid},
};
use crate::{
    app::Shared,
    audit::{AdminAction, AuditOutcome},
    audit_table,
    openapi::{Members, Operation, flag, formed, list_of, object, or_null, text},
    secrets,
};

/// No service has longer keys.
const LONGEST_VALUE: usize = 16 * 1024;
const LONGEST_NAME: usize = 64;
const NAME: &str = "A name is 1 to 64 of `a` to `z`, `0` to `9`, `_` and `-`.";
const VALUE: &str = "`value` is 1 to 16384 bytes.";
const NO_KEYS: Code = Code::new("secrets-unavailable", "This service keeps no secrets now");
const MOST: usize = 100;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Given {
    value: String,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .authenticated("/api/me/secrets", get(list))
        .authenticated("/api/me/secrets/:name", put(write).get(look).delete(remove))
}

pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "/api/me/secrets/:name";
    let name = || formed("^[a-z0-9_-]{1,64}$");
    let removed = object().has("name", text()).has("removed", flag());
    vec![
        Operation::get("/api/me/secrets", "The secrets that are kept for you").json(
            200,
            "What each is known by",
            object().has("secrets", list_of(described())),
        ),
        Operation::get(ONE, "Whether a secret of yours is kept")
            .path("name", name())
            .json(200, "What it is known by", described())
            .refuses([422]),
        Operation::put(ONE, "Keeps a secret of yours, sealed")
            .path("name", name())
            .by_token_alone()
            .takes::<Given>()
            .json(200, "What it is known by", described())
            .refuses([409, 500]),
        Operation::delete(ONE, "Removes a secret of yours")
            .path("name", name())
            .by_token_alone()
            .json(200, "Whether there was one", removed)
            .refuses([422]),
    ]
}

fn described() -> Members {
    let secret = object().has("name", text()).has("has_key", flag());
    secret.may_have("lastCharacters", or_null(text())).may_have("updatedAt", or_null(text()))
}

async fn list(State(shared): State<Arc<Shared>>, owner: Owner) -> Result<Json<Value>, Rejection> {
    vault(&shared)?;
    let mut act = reading(&shared, &owner).await?;
    let secrets = act.secrets().await.map_err(|error| refused(&error))?;
    let secrets: Vec<_> = secrets.iter().map(shown).collect();
    Ok(Json(json!({ "secrets": secrets })))
}

/// Of one that is not there, that it is not.
async fn look(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    owner: Owner,
) -> Result<Json<Value>, Rejection> {
    vault(&shared)?;
    let name = name(&params)?;
    let mut act = reading(&shared, &owner).await?;
    let found = act.secret(name).await.map_err(|error| refused(&error))?;
    Ok(Json(match found {
        Some((row, _)) => shown(&row),
        None => json!({ "name": name, "has_key": false }),
    }))
}

async fn write(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    owner: Owner,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(owner.identity())?;
    let (vault, name) = (vault(&shared)?, name(&params)?);
    let Given { value } = answers::payload(&body)?;
    if !(1..=LONGEST_VALUE).contains(&value.len()) {
        return Err(invalid(VALUE));
    }
    let user = shared.directory.name_in_database(owner.identity());
    let row = secrets::row(&user, name);
    let action = owner.does("secret.written").target(name);
    let mut act = writing(&shared, &owner).await?;
    let before = act.secret(name).await.map_err(|error| refused(&error))?;
    let revision = match before {
        None => {
            has_room(&mut act).await?;
            1
        }
        Some((before, sealed)) => {
            let place = secrets::place(&row, before.revision);
            if let Err(error) = vault.open_now(&place, &Sealed::from(sealed)) {
                drop(act);
                return Err(damaged(&shared, &owner, &action, &error).await);
            }
            before.revision.saturating_add(1)
        }
    };
    let sealed = vault.seal_now(&secrets::place(&row, revision), value.as_bytes());
    let sealed = sealed.map_err(|error| answers::broken(&error))?;
    let version = sealed.key_version().map_or(0, palisade_vault::KeyVersion::number);
    let last = mask(&value).end();
    let secret = SealedSecret {
        name,
        sealed: sealed.as_bytes(),
        last_characters: last.as_deref(),
        revision,
        key_version: version,
    };
    act.put_secret(secret).await.map_err(|error| refused(&error))?;
    let kept = act.secret(name).await.map_err(|error| refused(&error))?;
    keep(act, &action).await?;
    Ok(Json(kept.map_or(Value::Null, |(row, _)| shown(&row))))
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    owner: Owner,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(owner.identity())?;
    vault(&shared)?;
    let name = name(&params)?;
    let mut act = writing(&shared, &owner).await?;
    let removed = act.remove_secret(name).await.map_err(|error| refused(&error))?;
    if removed {
        keep(act, &owner.does("secret.removed").target(name)).await?;
    }
    Ok(Json(json!({ "name": name, "removed": removed })))
}

/// Never the secret: what its owner knows it by.
fn shown(row: &SecretRow) -> Value {
    let updated = Timestamp::from_millisecond(row.updated_at).ok();
    json!({
        "name": row.name,
        "has_key": true,
        "lastCharacters": row.last_characters,
        "updatedAt": updated.map(|time| time.to_string()),
    })
}

async fn has_room(act: &mut Act) -> Result<(), Rejection> {
    let secrets = act.secrets().await.map_err(|error| refused(&error))?;
    if secrets.len() < MOST { Ok(()) } else { Err(invalid("You have 100 secrets: remove one.")) }
}

/// Records what was done in the transaction that did it, and keeps both.
async fn keep(mut act: Act, action: &AdminAction) -> Result<(), Rejection> {
    let event = audit_table::event(action, AuditOutcome::Done);
    act.record(event).await.map_err(|error| refused(&error))?;
    act.commit().await.map_err(|error| refused(&error))
}

/// What is kept is not written over: somebody may want to look at it. The vault told the security log.
async fn damaged(
    shared: &Shared,
    owner: &Owner,
    action: &AdminAction,
    error: &OpenError,
) -> Rejection {
    if !secrets::is_alarm(error) {
        return answers::broken(error);
    }
    let event = audit_table::event(action, AuditOutcome::Refused(secrets::DAMAGED));
    let recorded = async {
        let mut act = writing(shared, owner).await?;
        act.record(event).await.map_err(|error| refused(&error))?;
        act.commit().await.map_err(|error| refused(&error))
    };
    match recorded.await {
        Ok(()) => Rejection::new(RejectionKind::Internal, secrets::DAMAGED)
            .detail("It was not written over. Remove it, and set it anew.")
            .reason(error.to_string()),
        Err(unrecorded) => unrecorded,
    }
}

fn vault(shared: &Shared) -> Result<&Vault, Rejection> {
    shared.vault.as_ref().ok_or_else(|| {
        Rejection::new(RejectionKind::Unavailable, NO_KEYS)
            .retry_after(answers::LATER)
            .reason("neither VAULT_KEYS nor VAULT_KEYS_FILE is set")
    })
}

fn name(params: &PathParams) -> Result<&str, Rejection> {
    let is_fine =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    let name = params.get("name").filter(|name| name.bytes().all(is_fine));
    name.filter(|name| (1..=LONGEST_NAME).contains(&name.len())).ok_or_else(|| invalid(NAME))
}

/// As the user alone: an admin has no power over secrets, not even his own.
fn caller(shared: &Shared, owner: &Owner) -> Caller {
    Caller::user(shared.directory.name_in_database(owner.identity()))
}

async fn reading(shared: &Shared, owner: &Owner) -> Result<Act, Rejection> {
    let act = shared.database.read_as(caller(shared, owner)).await;
    act.map_err(|error| refused(&error))
}

async fn writing(shared: &Shared, owner: &Owner) -> Result<Act, Rejection> {
    let act = shared.database.act_as(caller(shared, owner)).await;
    act.map_err(|error| refused(&error))
}

fn refused(error: &DatabaseError) -> Rejection {
    answers::database(error)
}
