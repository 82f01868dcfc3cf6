//! What was asked: lately, in numbers, as a file, and live.

mod accept;
mod asked;
mod clear;
mod csv;
mod export;
mod list;
mod parameters;
mod question;
mod stream;

use axum::routing::{delete, get};
use http::Method;
use palisade::{
    core::RouteTag,
    route_registry::{AccessRouter, Declare},
};

pub(crate) use self::{
    asked::{AT_A_TIME as QUESTIONS, unavailable},
    parameters::filter,
};

use super::Routes;
use crate::openapi::{
    Members, Operation, address, any, count, decimal, filled, formed, list_of, number, object,
    or_null, text, time, word,
};

/// The id of the live stream, which is its path.
pub(super) const STREAM: &str = "/api/analytics/stream";

pub(super) fn routes(stream_tags: &[RouteTag]) -> Routes {
    let live = stream_tags.iter().copied().fold(Declare::admin(STREAM), Declare::tag);
    AccessRouter::new()
        .route(Declare::admin("/api/analytics").methods([Method::GET]), get(list::list))
        .route(
            Declare::admin("/api/analytics").methods([Method::DELETE]).id("DELETE /api/analytics"),
            delete(clear::clear),
        )
        .route(live, get(stream::follow))
}

pub(super) fn operations() -> Vec<Operation> {
    let forms = ["text/csv; charset=utf-8", "application/x-ndjson"];
    let list = Operation::get("/api/analytics", "What was asked")
        .about("Without `view`, and with `list`: the latest requests. `top`, `summary` and `series` are numbers, of the last day unless `since` is given.")
        .query("view", word(["list", "top", "summary", "series"]), "What of the records")
        .query("countBy", word(COUNTED), "What `top` counts")
        .query("step", word(["minute", "hour", "day"]), "The steps of `series`")
        .query("limit", number(1, None), "How many; 100 if nothing is said")
        .query("cursor", formed("^[0-9a-f]{1,16}$"), "The `next` of the page before")
        .query("format", word(["json", "csv", "ndjson"]), "JSON, or a file of all");
    let clear = Operation::delete("/api/analytics", "Forgets what was asked, for good")
        .about("What the query chooses; without one, everything.");
    let live = Operation::get(STREAM, "What is asked, live")
        .about("Server-sent events: `request`, `lagged` and `end`.")
        .query("route", filled(), "The route, as it is declared")
        .query("status", number(100, Some(999)), "The status of the answer")
        .query("user", filled(), "The user's id")
        .query("address", address(), "The client's address")
        .query("country", formed("^[A-Za-z]{2}$"), "Two letters")
        .query("session", formed("^[0-9a-f]{32}$"), "32 hexadecimal digits")
        .query("lastEventId", text(), "The event that was seen last");
    vec![
        chosen(list).json_or(forms, "What was asked for", answers()),
        chosen(clear).json(200, "How many were forgotten", object().has("cleared", count())),
        live.content(["text/event-stream"], "The stream"),
    ]
}

const COUNTED: [&str; 10] =
    ["address", "route", "status", "user", "method", "country", "code", "path", "session", "ended"];

/// What chooses records.
fn chosen(operation: Operation) -> Operation {
    operation
        .query("since", time(), "Not before")
        .query("until", time(), "Before")
        .query("route", filled(), "The route, as it is declared")
        .query("status", number(100, Some(999)), "The status of the answer")
        .query("user", filled(), "The user's id")
        .query("address", address(), "The client's address, as it is kept")
        .query("country", formed("^[A-Za-z]{2}$"), "Two letters")
        .query("session", formed("^[0-9a-f]{32}$"), "32 hexadecimal digits")
}

/// Each view has its own.
fn answers() -> Members {
    let totals = object().has("total", count()).has("dropped", count()).has("lost", count());
    let counted = object().has("value", text()).has("count", count());
    object()
        .may_have("page", object().has("records", list_of(any())).has("next", or_null(text())))
        .may_have("totals", totals)
        .may_have("counts", list_of(counted))
        .may_have("other", count())
        .may_have("summary", summary())
        .may_have("step", text())
        .may_have("series", list_of(any()))
        .may_have("since", time())
}

fn summary() -> Members {
    let summary = object().has("requests", count()).has("refused", count());
    let summary = summary.has("aborted", count()).has("bytes", count()).has("users", count());
    let summary = summary.has("sessions", count()).has("addresses", count());
    let summary = summary.has("p50Ms", decimal()).has("p90Ms", decimal());
    summary.has("p99Ms", decimal()).has("maxMs", decimal())
}
