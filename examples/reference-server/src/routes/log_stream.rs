//! `GET /api/logs/system/stream`: lines of the log, live.

use std::{str::FromStr, sync::Arc};

use axum::{Extension, extract::State, response::Response, routing::get};
use http::{HeaderMap, Uri};
use palisade::{
    core::{Rejection, RouteTag, SecurityContext},
    route_registry::{AccessRouter, Declare},
    security_log::Line,
};
use serde::{Deserialize, de::IgnoredAny};
use tracing::Level;

use super::{
    Routes,
    streams::{Asks, question, wrong},
};
use crate::{
    app::Shared,
    openapi::{Operation, text, word},
    pulse::Hangup,
};

/// The id of the live log, which is its path.
pub(super) const STREAM: &str = "/api/logs/system/stream";

/// What chooses lines.
const FILTERS: &str = "level (error, warn, info, debug or trace), target, event";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Question {
    level: Option<String>,
    target: Option<String>,
    event: Option<String>,
    last_event_id: Option<String>,
    #[serde(rename = "token")]
    _token: Option<IgnoredAny>,
    #[serde(rename = "ticket")]
    _ticket: Option<IgnoredAny>,
}

/// Which lines somebody wants to see.
struct Wanted {
    /// This bad, or worse.
    level: Level,
    /// What the target begins with.
    target: String,
    /// What the event's name begins with.
    event: Option<String>,
}

pub(super) fn routes(stream_tags: &[RouteTag]) -> Routes {
    let live = stream_tags.iter().copied().fold(Declare::admin(STREAM), Declare::tag);
    AccessRouter::new().route(live, get(follow))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get(STREAM, "Lines of the log, live")
            .about("Server-sent events: `line`, `lagged` and `end`.")
            .query("level", word(["error", "warn", "info", "debug", "trace"]), "This bad, or worse")
            .query("target", text(), "What the target begins with")
            .query("event", text(), "What the event begins with")
            .query("lastEventId", text(), "The event that was seen last")
            .content(["text/event-stream"], "The stream"),
    ]
}

async fn follow(
    State(shared): State<Arc<Shared>>,
    context: SecurityContext,
    uri: Uri,
    hangup: Option<Extension<Hangup>>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let Question { level, target, event, last_event_id, .. } = question(&uri, FILTERS)?;
    let level = level.as_deref().map_or(Ok(Level::TRACE), Level::from_str);
    let level = level.map_err(|_| wrong(FILTERS))?;
    let wanted = Wanted { level, target: target.unwrap_or_default(), event };
    let last_event_id = last_event_id.as_deref();
    let hangup = hangup.map(|Extension(hangup)| hangup);
    let asks =
        Asks { shared: &shared, context: &context, headers: &headers, last_event_id, hangup };
    asks.follow(&shared.live.lines, move |line: &Arc<Line>| wanted.holds(line))
}

// === impl Wanted ===

impl Wanted {
    fn holds(&self, line: &Line) -> bool {
        let is_named = |prefix: &str| line.event().is_some_and(|event| event.starts_with(prefix));
        line.level() <= self.level
            && line.target().starts_with(&self.target)
            && self.event.as_deref().is_none_or(is_named)
    }
}
