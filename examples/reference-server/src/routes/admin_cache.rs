//! The cache of rendered content: what is in it, and dropping some of it.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    routing::{get, post},
};
use palisade::{core::Rejection, route_registry::AccessRouter};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers::{self, invalid},
};
use crate::{
    app::Shared,
    content_cache::{ContentKind, Listed, PathPattern, Selection, Source},
    openapi::{Operation, anything, count, list_of, object, or_null, text},
};

const INSPECT: &str = "/api/cache/inspect";
const INVALIDATE: &str = "/api/cache/invalidate";
/// As many paths, types and entities each are dropped at once.
const MOST: usize = 100;
/// So many pieces are on a page, if nothing is said, and at most.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1000;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Outdated {
    paths: Vec<PathPattern>,
    types: Vec<ContentKind>,
    entities: Vec<Source>,
}

/// Which pieces are shown.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    path: Option<PathPattern>,
    r#type: Option<ContentKind>,
    /// What they were made from.
    entity: Option<Source>,
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

pub(super) fn routes() -> Routes {
    AccessRouter::new().admin(INSPECT, get(inspect)).admin(INVALIDATE, post(invalidate))
}

pub(super) fn operations() -> Vec<Operation> {
    let entry = object().has("path", text()).has("type", text()).has("mediaType", text());
    let entry = entry.has("bytes", count()).has("ageMs", count()).has("expiresInMs", count());
    let page = object().has("cache", anything()).has("next", or_null(text()));
    let page = page.has("entries", list_of(entry.has("madeFrom", list_of(text()))));
    let outdated = object().may_have("paths", list_of(text())).may_have("types", list_of(text()));
    vec![
        Operation::get(INSPECT, "What of the content is kept, and what it was made from")
            .query("path", text(), "A path, or the beginning of paths with `*` behind it")
            .query("type", text(), "The kind of content")
            .query("entity", text(), "What it was made from: `post:1`")
            .query("limit", count(), "How many, 100 if nothing is said")
            .query("cursor", text(), "The `next` of the page before")
            .json(200, "What is kept, without what was rendered", page.has("total", count())),
        Operation::post(INVALIDATE, "Drops content that is out of date")
            .takes_type("application/json", outdated.may_have("entities", list_of(text())))
            .json(200, "How many pieces were dropped", object().has("invalidated", count())),
    ]
}

/// What is kept, and what it was made from; never what was rendered.
async fn inspect(
    State(shared): State<Arc<Shared>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Rejection> {
    let most = wanted.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let mut pieces = shared.content.pieces();
    pieces.retain(|piece| wanted.wants(piece));
    let total = pieces.len();
    let after = |piece: &Listed| wanted.cursor.as_deref().is_none_or(|last| *piece.path > *last);
    pieces.retain(after);
    let has_next = pieces.len() > most;
    pieces.truncate(most);
    let next = pieces.last().filter(|_| has_next).map(|piece| piece.path.clone());
    let entries: Vec<_> = pieces.iter().map(shown).collect();
    Ok(Json(json!({
        "cache": state(&shared),
        "entries": entries,
        "next": next,
        "total": total,
    })))
}

/// Drops what is out of date. Asked again, there is nothing left to drop.
async fn invalidate(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    let selection = answers::payload::<Outdated>(&body)?.selection()?;
    let action = admin.does("cache.invalidate").target(&selection);
    let drop = move |_: &Shared| {
        Ok(Done::once_recorded(move |shared| shared.content.drop_selected(&selection)))
    };
    let invalidated = carry_out(&shared, action, drop).await?;
    Ok(Json(json!({ "invalidated": invalidated })))
}

fn state(shared: &Shared) -> Value {
    let content = &shared.content;
    let (entries, bytes) = content.size();
    let lives = content.lives().each();
    let lives: Map<_, _> =
        lives.map(|(kind, life)| (kind.to_string(), json!(milliseconds(life)))).collect();
    let counts: Map<_, _> = content
        .counts()
        .map(|(kind, counts)| {
            (kind.to_string(), json!({ "hits": counts.hits, "misses": counts.misses }))
        })
        .collect();
    json!({
        "entries": entries,
        "bytes": bytes,
        "maxBytes": content.most_bytes(),
        "ttlMs": lives,
        "requests": counts,
        "invalidated": content.dropped(),
    })
}

fn shown(piece: &Listed) -> Value {
    let sources: Vec<_> = piece.sources.iter().map(ToString::to_string).collect();
    json!({
        "path": piece.path,
        "type": piece.kind.as_str(),
        "mediaType": piece.media_type,
        "bytes": piece.bytes,
        "ageMs": milliseconds(piece.age),
        "expiresInMs": milliseconds(piece.remaining),
        "madeFrom": sources,
    })
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

// === impl Outdated ===

impl Outdated {
    fn selection(self) -> Result<Selection, Rejection> {
        let Self { paths, types: kinds, entities: sources } = self;
        let lengths = [paths.len(), kinds.len(), sources.len()];
        if lengths.into_iter().any(|length| length > MOST) {
            return Err(invalid("`paths`, `types` and `entities` have at most 100 members each."));
        }
        if lengths == [0, 0, 0] {
            // An order that lost its members on the way must not look done.
            return Err(invalid(
                "Name `paths`, `types` or `entities`; all of it is for flush-cache.",
            ));
        }
        Ok(Selection { paths, kinds, sources })
    }
}

// === impl Wanted ===

impl Wanted {
    fn wants(&self, piece: &Listed) -> bool {
        let made_from =
            |changed: &Source| piece.sources.iter().any(|source| source.is_touched_by(changed));
        self.path.as_ref().is_none_or(|path| path.matches(&piece.path))
            && self.r#type.is_none_or(|kind| kind == piece.kind)
            && self.entity.as_ref().is_none_or(made_from)
    }
}
