//! Whom a page is shared with.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    routing::{get, put},
};
use palisade::{
    core::Rejection,
    route_registry::{AccessRouter, PathParams},
};
use palisade_database::{CollaboratorRole, DatabaseError, PageCollaborators as _, Pages as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    acting::{Asker, keep},
    answers,
    named_user::{NamedUser, Vouched},
};
use crate::{
    app::Shared,
    directory,
    openapi::{Operation, flag, list_of, object, or_null, text, word},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sharing {
    role: Role,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Viewer,
    Editor,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .authenticated("/api/pages/:id/collaborators", get(list))
        .authenticated("/api/pages/:id/collaborators/:user", put(share).delete(unshare))
}

pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "/api/pages/:id/collaborators/:user";
    let scoped = |operation: Operation| {
        operation.header("X-Org-Slug", text(), "The organisation that is asked for").refuses([404])
    };
    let role = || word(["viewer", "editor"]);
    let collaborator = || object().has("userId", text()).has("role", role());
    let all = list_of(collaborator().has("issuer", or_null(text())));
    vec![
        scoped(Operation::get("/api/pages/:id/collaborators", "Whom a page is shared with"))
            .about("Its owner and editors see all, a viewer himself.")
            .json(200, "The collaborators", object().has("collaborators", all)),
        scoped(Operation::put(ONE, "Shares a page of yours with somebody"))
            .query("issuer", text(), "Who vouches for him")
            .takes_type("application/json", object().has("role", role()))
            .json(200, "The collaborator", collaborator()),
        scoped(Operation::delete(ONE, "Shares a page with somebody no more"))
            .about("The owner does that, and whoever wants it shared with himself no more.")
            .query("issuer", text(), "Who vouches for him")
            .json(
                200,
                "Whether it was shared with him",
                object().has("userId", text()).has("removed", flag()),
            )
            .refuses([422]),
    ]
}

async fn list(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    let mut act = asker.reading(&shared).await?;
    let page = act.page(id(&params)).await.map_err(|error| refused(&error))?;
    let all = act.collaborators(&page.id).await.map_err(|error| refused(&error))?;
    act.commit().await.map_err(|error| refused(&error))?;
    let all = all.iter().map(|(name, role)| {
        let (issuer, subject) = directory::read_name(name);
        json!({ "userId": subject, "issuer": issuer, "role": role.to_string() })
    });
    Ok(Json(json!({ "collaborators": all.collect::<Vec<_>>() })))
}

async fn share(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    Query(vouched): Query<Vouched>,
    asker: Asker,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let NamedUser { subject, name } = NamedUser::of(&shared, &params, &vouched)?;
    let Sharing { role } = answers::payload(&body)?;
    let role = CollaboratorRole::from(role);
    let mut act = asker.writing(&shared).await?;
    act.share(id(&params), &name, role).await.map_err(|error| refused(&error))?;
    let action = asker.does("page.shared").target(id(&params));
    let action = action.detail(format_args!("{role}: {subject}"));
    keep(act, &action).await?;
    Ok(Json(json!({ "userId": subject, "role": role.to_string() })))
}

async fn unshare(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    Query(vouched): Query<Vouched>,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    let NamedUser { subject, name } = NamedUser::of(&shared, &params, &vouched)?;
    let mut act = asker.writing(&shared).await?;
    let removed = act.unshare(id(&params), &name).await.map_err(|error| refused(&error))?;
    if removed {
        let action = asker.does("page.unshared").target(id(&params));
        keep(act, &action.detail(subject)).await?;
    }
    Ok(Json(json!({ "userId": subject, "removed": removed })))
}

fn id(params: &PathParams) -> &str {
    params.get("id").unwrap_or_default()
}

fn refused(error: &DatabaseError) -> Rejection {
    answers::database(error)
}

impl From<Role> for CollaboratorRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Editor => Self::Editor,
        }
    }
}
