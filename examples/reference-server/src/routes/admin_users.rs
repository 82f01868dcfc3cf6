//! Users: who is known, what they may do, whether they are let in, and taking their tokens back.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use palisade::{
    core::{Code, Identity, Rejection, RejectionKind},
    route_registry::AccessRouter,
    users::{DirectoryError, User, UserId},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers::{self, invalid},
    lent_rights,
};
use crate::{
    app::Shared,
    audit::AdminAction,
    directory::{self, Directory},
    kept::Kept,
    openapi::{Members, Operation, count, flag, list_of, number, object, or_null, text, time},
    sign_outs::KeptSignOut,
    users_table::KeptUser,
};

/// As long as a subject that a token may have.
const LONGEST_USER_ID: usize = 1024;
/// As long as his name in the database may be, with his issuer.
const LONGEST_NAME: usize = 512;
const LONGEST_ROLE: usize = 64;
const MOST_ROLES: usize = 32;
/// So many users are on a page, if nothing is said, and at most.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1000;
/// As the check of admins says it, for whom it let through a moment ago.
const NO_ADMIN: Code = Code::new("insufficient-role", "The role this needs is not yours");
/// What only another admin may do, so that there is one left.
const LOCKED_OUT: &str = "You would not be an admin any more: another admin must do this.";

/// A user, by the subject that his tokens name.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Named {
    #[schema(min_length = 1, max_length = 1024)]
    user_id: String,
    /// What his tokens say in `iss`; the first issuer, if nothing is said.
    issuer: Option<String>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entitled {
    #[schema(min_length = 1, max_length = 1024)]
    user_id: String,
    issuer: Option<String>,
    #[schema(max_items = 32)]
    roles: Vec<String>,
}

/// Which of those who are known.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin("/api/admin/users", get(list))
        .admin("/api/admin/users/disable", post(disable))
        .admin("/api/admin/users/enable", post(enable))
        .admin("/api/admin/users/roles", post(replace_roles))
        .admin("/api/admin/users/sign-out", post(sign_out))
}

pub(super) fn operations() -> Vec<Operation> {
    let listed = user().has("organisations", list_of(text()));
    let listed = listed.may_have("tokensRevokedUntil", or_null(time()));
    let page = object().has("users", list_of(listed)).has("next", or_null(text()));
    let change = |path, summary| Operation::post(path, summary).by_token_alone();
    let signed_out = object().has("userId", text()).has("issuer", or_null(text()));
    vec![
        Operation::get("/api/admin/users", "Who is known")
            .query("limit", number(1, Some(1000)), "How many, 100 if nothing is said")
            .query("cursor", text(), "The `next` of the page before")
            .json(200, "The users", page.has("total", count()))
            .refuses([422]),
        change("/api/admin/users/roles", "Gives a user these roles and no others")
            .takes::<Entitled>()
            .json(200, "The user", user()),
        change("/api/admin/users/disable", "Lets a user in no more").takes::<Named>().json(
            200,
            "The user",
            user(),
        ),
        change("/api/admin/users/enable", "Lets a user in again")
            .takes::<Named>()
            .json(200, "The user", user())
            .refuses([404]),
        change("/api/admin/users/sign-out", "Takes back the tokens that a user was issued")
            .takes::<Named>()
            .json(200, "The user", signed_out),
    ]
}

fn user() -> Members {
    let user = object().has("userId", text()).has("issuer", or_null(text()));
    user.has("roles", list_of(text())).has("disabled", flag())
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Rejection> {
    let most = wanted.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&most) {
        return Err(invalid("`limit` is 1 to 1000."));
    }
    let after = wanted.cursor.as_deref().map(user_at).transpose()?;
    // One more tells whether there is another page.
    let mut users = shared.directory.list(after.as_ref(), most.saturating_add(1));
    let has_next = users.len() > most;
    users.truncate(most);
    let next = users.last().filter(|_| has_next).map(|(id, _)| cursor_at(id));
    let users: Vec<_> = users.iter().map(|(id, user)| listed(&shared, id, user)).collect();
    Ok(Json(json!({ "users": users, "next": next, "total": shared.directory.count() })))
}

async fn disable(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let Named { user_id, issuer } = answers::payload(&body)?;
    let id = known(shared.directory.id(&user_id, issuer.as_deref()))?;
    if shared.directory.is(admin.identity(), &id) {
        return Err(invalid(LOCKED_OUT));
    }
    let action = admin.does("user.disable");
    change(&shared, action, id, move |shared, id| {
        taken(shared, &admin, |directory| directory.disable(id))
    })
    .await
}

async fn enable(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let Named { user_id, issuer } = answers::payload(&body)?;
    let id = known(shared.directory.id(&user_id, issuer.as_deref()))?;
    change(&shared, admin.does("user.enable"), id, |shared, id| {
        shared.directory.enable(id).ok_or_else(answers::not_found)
    })
    .await
}

async fn replace_roles(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let Entitled { user_id, issuer, roles } = answers::payload(&body)?;
    if roles.len() > MOST_ROLES || !roles.iter().all(|role| is_name(role, LONGEST_ROLE)) {
        return Err(invalid("`roles` are at most 32, each of 1 to 64 bytes."));
    }
    if roles.iter().any(|role| lent_rights::is_reserved(role)) {
        return Err(invalid("`elevation:` is no role to be given."));
    }
    let id = known(shared.directory.id(&user_id, issuer.as_deref()))?;
    let is_own = shared.directory.is(admin.identity(), &id);
    if is_own && !roles.iter().any(|role| role == Identity::ADMIN) {
        return Err(invalid(LOCKED_OUT));
    }
    let action = admin.does("user.roles").detail(format_args!("roles {roles:?}"));
    change(&shared, action, id, move |shared, id| {
        taken(shared, &admin, |directory| directory.replace_roles(id, &roles))
    })
    .await
}

/// Takes back all tokens that were issued to a user until now. His API keys are no tokens, and stay good.
async fn sign_out(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(admin.identity())?;
    let Named { user_id, issuer } = answers::payload(&body)?;
    let id = known(shared.directory.id_in_tokens(&user_id, issuer.as_deref()))?;
    let answer = json!({ "userId": id.subject(), "issuer": id.issuer() });
    let action = admin.does("user.sign-out").target(named(&id));
    let revoke = move |shared: &Shared| {
        let revocation = shared.revocations.plan_revoke(&id, shared.clock.now().wall());
        let kept = Kept::SignOut(KeptSignOut::new(&revocation, &shared.directory));
        Ok(Done::once_kept(kept, move |shared| shared.revocations.take_over(&revocation)))
    };
    carry_out(&shared, action, revoke).await?;
    Ok(Json(answer))
}

/// Changes what is kept of a user, and tells what he is from now on.
async fn change(
    shared: &Arc<Shared>,
    action: AdminAction,
    id: UserId,
    change: impl FnOnce(&Shared, &UserId) -> Result<User, Rejection> + Send + 'static,
) -> Result<Json<Value>, Rejection> {
    carry_out(shared, action.target(named(&id)), move |shared| {
        let before = shared.directory.user(&id);
        let user = change(shared, &id)?;
        let answer = shown(&id, &user);
        let kept = Kept::User(KeptUser::new(&id, &user));
        Ok(Done::kept(answer, kept, move |shared| shared.directory.restore(&id, before)))
    })
    .await
}

/// Makes a change that may take something from a user, if the admin is still one when it is his turn.
fn taken(
    shared: &Shared,
    admin: &Admin,
    change: impl FnOnce(&Directory) -> Result<User, DirectoryError>,
) -> Result<User, Rejection> {
    let changed = shared.directory.in_turn(admin.identity(), shared.clock.now(), change);
    let changed = changed.ok_or_else(|| Rejection::new(RejectionKind::Forbidden, NO_ADMIN))?;
    changed.map_err(|error| answers::broken(&error))
}

/// The user, if he can be one.
fn known(id: Option<UserId>) -> Result<UserId, Rejection> {
    let is_one = |id: &UserId| {
        is_name(id.subject(), LONGEST_USER_ID)
            && directory::name(id).chars().count() <= LONGEST_NAME
    };
    let nobody = || invalid("`userId` and `issuer` are `sub` and `iss` of tokens that count here.");
    id.filter(is_one).ok_or_else(nobody)
}

fn is_name(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.len() <= most && !text.chars().any(char::is_control)
}

/// As the audit names him.
fn named(id: &UserId) -> String {
    match id.issuer() {
        Some(issuer) => format!("{} of {issuer}", id.subject()),
        None => id.subject().to_owned(),
    }
}

/// A user with all that is known of him.
fn listed(shared: &Shared, id: &UserId, user: &User) -> Value {
    let revoked = shared.revocations.revoked_until(id);
    let revoked = revoked.and_then(|until| Timestamp::try_from(until).ok());
    let mut listed = json!({
        "userId": id.subject(),
        "issuer": id.issuer(),
        "roles": user.roles().collect::<Vec<_>>(),
        "organisations": user.organisations().collect::<Vec<_>>(),
        "disabled": user.is_disabled(),
        "tokensRevokedUntil": revoked.map(|until| until.to_string()),
    });
    if let (Some(members), false) = (listed.as_object_mut(), shared.directory.names_issuers()) {
        // Tokens are taken back by their issuer, whom nothing names here.
        members.remove("tokensRevokedUntil");
    }
    listed
}

/// Where a page ends, as the next one begins.
fn cursor_at(id: &UserId) -> String {
    URL_SAFE_NO_PAD.encode(json!([id.issuer(), id.subject()]).to_string())
}

/// The user at whom the page before ended.
fn user_at(cursor: &str) -> Result<UserId, Rejection> {
    let wrong = || invalid("`cursor` is the `next` of a page.");
    let text = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let (issuer, subject): (Option<String>, String) =
        serde_json::from_slice(&text).map_err(|_| wrong())?;
    let id = UserId::new(subject);
    Ok(match issuer {
        Some(issuer) => id.issued_by(issuer),
        None => id,
    })
}

fn shown(id: &UserId, user: &User) -> Json<Value> {
    Json(json!({
        "userId": id.subject(),
        "issuer": id.issuer(),
        "roles": user.roles().collect::<Vec<_>>(),
        "disabled": user.is_disabled(),
    }))
}
