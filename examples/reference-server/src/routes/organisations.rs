//! Organisations and who belongs to them.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    routing::{get, put},
};
use http::StatusCode;
use palisade::{
    core::{Rejection, RequestId},
    route_registry::{AccessRouter, PathParams},
};
use palisade_database::{Act, DatabaseError, MemberRole, OrganisationRow, Organisations as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    acting::{Asker, keep},
    answers::{self, invalid},
    named_user::{NamedUser, Vouched},
};
use crate::{
    app::Shared,
    directory,
    openapi::{Operation, anything, list_of, object, or_null, text, word},
};

/// So many may one know of and found another.
const MOST: usize = 100;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Founded {
    slug: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Belonging {
    role: Role,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Owner,
    Admin,
    Member,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .authenticated("/api/orgs", get(list).post(found))
        .authenticated("/api/orgs/:slug/members", get(members))
        .authenticated("/api/orgs/:slug/members/:user", put(put_member).delete(remove_member))
}

pub(super) fn operations() -> Vec<Operation> {
    const ALL: &str = "/api/orgs";
    const MEMBER: &str = "/api/orgs/:slug/members/:user";
    let organisation = || object().has("slug", text()).has("name", text());
    let listed = list_of(organisation().has("role", or_null(text())));
    let member = || object().has("userId", text()).has("role", text());
    let members = list_of(member().has("issuer", or_null(text())));
    let role = word(["owner", "admin", "member"]);
    let belonging = object().has("role", role);
    vec![
        Operation::get(ALL, "The organisations you may know of").json(
            200,
            "The organisations",
            object().has("organisations", listed),
        ),
        Operation::post(ALL, "Founds an organisation, which is yours")
            .takes::<Founded>()
            .json(201, "The organisation", organisation().has("role", text()))
            .refuses([409]),
        Operation::get("/api/orgs/:slug/members", "Who belongs to an organisation").json(
            200,
            "The members",
            object().has("members", members),
        ),
        Operation::put(MEMBER, "Takes somebody in, or gives him another role")
            .query("issuer", text(), "Who vouches for him")
            .by_token_alone()
            .takes_type("application/json", belonging)
            .json(200, "The member", member())
            .refuses([409]),
        Operation::delete(MEMBER, "Lets somebody go")
            .query("issuer", text(), "Who vouches for him")
            .by_token_alone()
            .json(200, "Whether he belonged to it", anything())
            .refuses([409, 422]),
    ]
}

async fn list(State(shared): State<Arc<Shared>>, asker: Asker) -> Result<Json<Value>, Rejection> {
    let mut act = asker.reading(&shared).await?;
    let organisations = act.organisations().await.map_err(|error| refused(&error))?;
    let mut listed = Vec::with_capacity(organisations.len());
    for OrganisationRow { id, slug, name, .. } in organisations {
        let role = act.own_role(&id).await.map_err(|error| refused(&error))?;
        let role = role.map(|role| role.to_string());
        listed.push(json!({ "slug": slug, "name": name, "role": role }));
    }
    act.commit().await.map_err(|error| refused(&error))?;
    Ok(Json(json!({ "organisations": listed })))
}

async fn found(
    State(shared): State<Arc<Shared>>,
    asker: Asker,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    let Founded { slug, name } = answers::payload(&body)?;
    let mut act = asker.writing(&shared).await?;
    let known = act.organisations().await.map_err(|error| refused(&error))?;
    if known.len() >= MOST && !act.caller().is_admin() {
        return Err(invalid("You are in 100 organisations."));
    }
    let id = RequestId::random().to_string();
    act.found(&id, &slug, &name).await.map_err(|error| refused(&error))?;
    keep(act, &asker.does("organisation.founded").target(&slug)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "slug": slug, "name": name, "role": "owner" }))))
}

async fn members(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    let mut act = asker.reading(&shared).await?;
    let id = id(&mut act, &params).await?;
    let members = act.members(&id).await.map_err(|error| refused(&error))?;
    act.commit().await.map_err(|error| refused(&error))?;
    let members = members.iter().map(|member| {
        let (issuer, subject) = directory::read_name(&member.user_id);
        json!({ "userId": subject, "issuer": issuer, "role": member.role.to_string() })
    });
    Ok(Json(json!({ "members": members.collect::<Vec<_>>() })))
}

async fn put_member(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    Query(vouched): Query<Vouched>,
    asker: Asker,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(asker.who().identity())?;
    let NamedUser { subject, name } = NamedUser::of(&shared, &params, &vouched)?;
    let Belonging { role } = answers::payload(&body)?;
    let role = MemberRole::from(role);
    let mut act = asker.writing(&shared).await?;
    let id = id(&mut act, &params).await?;
    act.put_member(&id, &name, role).await.map_err(|error| refused(&error))?;
    let slug = params.get("slug").unwrap_or_default();
    let action = asker.does("organisation.member-put").target(subject);
    let action = action.detail(format_args!("{role} of {slug}"));
    keep(act, &action).await?;
    Ok(Json(json!({ "userId": subject, "role": role.to_string() })))
}

async fn remove_member(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    Query(vouched): Query<Vouched>,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    answers::by_token_alone(asker.who().identity())?;
    let NamedUser { subject, name } = NamedUser::of(&shared, &params, &vouched)?;
    let mut act = asker.writing(&shared).await?;
    let id = id(&mut act, &params).await?;
    let removed = act.remove_member(&id, &name).await.map_err(|error| refused(&error))?;
    if removed {
        let slug = params.get("slug").unwrap_or_default();
        let action = asker.does("organisation.member-removed").target(subject);
        let action = action.detail(format_args!("of {slug}"));
        keep(act, &action).await?;
    }
    Ok(Json(json!({ "userId": subject, "removed": removed })))
}

/// The organisation of the path, if whoever asks may know of it.
async fn id(act: &mut Act, params: &PathParams) -> Result<String, Rejection> {
    let slug = params.get("slug").unwrap_or_default();
    let found = act.organisation(slug).await.map_err(|error| refused(&error))?;
    Ok(found.id)
}

fn refused(error: &DatabaseError) -> Rejection {
    answers::database(error)
}

impl From<Role> for MemberRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Member => Self::Member,
        }
    }
}
