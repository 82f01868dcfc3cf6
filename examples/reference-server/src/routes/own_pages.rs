//! `/api/pages`: pages that users write, each whose it is, in the organisation that `X-Org-Slug` names.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    routing::get,
};
use http::StatusCode;
use jiff::Timestamp;
use palisade::{
    core::{Rejection, RequestId},
    route_registry::{AccessRouter, PathParams},
};
use palisade_database::{DatabaseError, PageRow, PageText, Pages as _, Visibility};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Routes,
    acting::{Asker, keep},
    answers,
};
use crate::{
    app::Shared,
    directory,
    openapi::{Members, Operation, anything, flag, list_of, number, object, or_null, text},
};

/// So many pages are on one of the list, if nothing is said, and at most.
const PAGE: u32 = 20;
const LONGEST_PAGE: u32 = 100;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Text {
    slug: String,
    title: String,
    body: String,
    /// Whether everybody may read it. If nothing is said, as it was; of a new one, no.
    published: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    limit: Option<u32>,
    /// The `next` of the list before.
    cursor: Option<String>,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .authenticated("/api/pages", get(list).post(write))
        .authenticated("/api/pages/:id", get(read).put(edit).delete(remove))
}

pub(super) fn operations() -> Vec<Operation> {
    const ALL: &str = "/api/pages";
    const ONE: &str = "/api/pages/:id";
    let scoped = |operation: Operation| {
        operation.header("X-Org-Slug", text(), "The organisation that is asked for").refuses([404])
    };
    let page = object().has("pages", list_of(anything())).has("next", or_null(text()));
    vec![
        scoped(Operation::get(ALL, "Pages that you may read, without their text"))
            .query("limit", number(1, None), "How many, 20 if nothing is said")
            .query("cursor", text(), "The `next` of the list before")
            .json(200, "The pages", page),
        scoped(Operation::post(ALL, "Writes a page, which is yours"))
            .takes::<Text>()
            .json(201, "The page", described())
            .refuses([409]),
        scoped(Operation::get(ONE, "A page")).json(200, "The page", described()),
        scoped(Operation::put(ONE, "Changes a page that you own or edit"))
            .takes::<Text>()
            .json(200, "The page", described())
            .refuses([409]),
        scoped(Operation::delete(ONE, "Removes a page of yours")).json(
            200,
            "That it is gone",
            anything(),
        ),
    ]
}

fn described() -> Members {
    object().has("id", text()).has("title", text()).has("body", text()).has("published", flag())
}

/// Those that whoever asks may read, without their text.
async fn list(
    State(shared): State<Arc<Shared>>,
    Query(wanted): Query<Wanted>,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    let most = wanted.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let mut act = asker.reading(&shared).await?;
    // One more tells whether there are others.
    let found = act.pages(wanted.cursor.as_deref(), most.saturating_add(1)).await;
    let mut pages = found.map_err(|error| refused(&error))?;
    act.commit().await.map_err(|error| refused(&error))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_next = pages.len() > most;
    pages.truncate(most);
    let next = pages.last().filter(|_| has_next).map(|page| page.id.clone());
    let pages: Vec<_> = pages.iter().map(listed).collect();
    Ok(Json(json!({ "pages": pages, "next": next })))
}

async fn read(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    asker: Asker,
) -> Result<Json<Value>, Rejection> {
    let mut act = asker.reading(&shared).await?;
    let page = act.page(id(&params)).await.map_err(|error| refused(&error))?;
    act.commit().await.map_err(|error| refused(&error))?;
    Ok(Json(whole(&page)))
}

async fn write(
    State(shared): State<Arc<Shared>>,
    asker: Asker,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    let text: Text = answers::payload(&body)?;
    let id = RequestId::random().to_string();
    let mut act = asker.writing(&shared).await?;
    act.write_page(&id, text.as_kept(Visibility::Private))
        .await
        .map_err(|error| refused(&error))?;
    let page = act.page(&id).await.map_err(|error| refused(&error))?;
    keep(act, &asker.does("page.written").target(&id)).await?;
    Ok((StatusCode::CREATED, Json(whole(&page))))
}

async fn edit(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    asker: Asker,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let text: Text = answers::payload(&body)?;
    let mut act = asker.writing(&shared).await?;
    let before = act.page(id(&params)).await.map_err(|error| refused(&error))?;
    let was = if before.published { Visibility::Published } else { Visibility::Private };
    let text = text.as_kept(was);
    act.edit_page(id(&params), text).await.map_err(|error| refused(&error))?;
    let page = act.page(id(&params)).await.map_err(|error| refused(&error))?;
    keep(act, &asker.does("page.edited").target(id(&params))).await?;
    Ok(Json(whole(&page)))
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    asker: Asker,
) -> Result<StatusCode, Rejection> {
    let mut act = asker.writing(&shared).await?;
    act.remove_page(id(&params)).await.map_err(|error| refused(&error))?;
    keep(act, &asker.does("page.removed").target(id(&params))).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn id(params: &PathParams) -> &str {
    params.get("id").unwrap_or_default()
}

fn listed(page: &PageRow) -> Value {
    let (issuer, subject) = directory::read_name(&page.owner_id);
    let updated = Timestamp::from_millisecond(page.updated_at).ok();
    json!({
        "id": page.id,
        "owner": { "userId": subject, "issuer": issuer },
        "slug": page.slug,
        "title": page.title,
        "published": page.published,
        "updatedAt": updated.map(|time| time.to_string()),
    })
}

fn whole(page: &PageRow) -> Value {
    let mut shown = listed(page);
    if let Some(members) = shown.as_object_mut() {
        members.insert("body".into(), page.body.clone().into());
    }
    shown
}

fn refused(error: &DatabaseError) -> Rejection {
    answers::database(error)
}

// === impl Text ===

impl Text {
    /// Visible as it says, or as it `was`.
    fn as_kept(&self, was: Visibility) -> PageText<'_> {
        let visibility = match self.published {
            Some(true) => Visibility::Published,
            Some(false) => Visibility::Private,
            None => was,
        };
        PageText { slug: &self.slug, title: &self.title, body: &self.body, visibility }
    }
}
