//! `GET /api/analytics`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};
use palisade::{
    analytics::{Dimension, Filter, Store, StoreError},
    core::Rejection,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    asked::asked,
    export,
    parameters::Pairs,
    question::{Question, View},
};
use crate::app::Shared;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Response, Rejection> {
    let Question { filter, view } = Question::read(pairs, &headers, &shared.analytics)?;
    let mut answer = match view {
        View::File { form, before, limit } => {
            let file = export::File { shared, filter, form, before, left: limit };
            file.into_response().await?
        }
        view => Json(numbers(&shared, filter, view).await?).into_response(),
    };
    // Who asked what is nobody else's business, and `Accept` may decide about the form.
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    Ok(answer)
}

async fn numbers(shared: &Shared, filter: Filter, view: View) -> Result<Value, Rejection> {
    let (mut answer, total) = asked(shared, move |store| {
        let total = store.count(&filter)?;
        let answer = match view {
            View::List { before, limit } => {
                vec![("page", shown(store.page(&filter, before, limit)?)?)]
            }
            View::Top { dimension, limit } => top(store, &filter, dimension, limit)?,
            View::Summary => vec![("summary", shown(store.summary(&filter)?)?)],
            View::Series { step, limit } => {
                let series = store.over_time(&filter, step.length, limit)?;
                vec![("step", json!(step.name)), ("series", shown(series)?)]
            }
            // Answered by somebody else.
            View::File { .. } => Vec::new(),
        };
        Ok((answer, total))
    })
    .await?;
    answer.push(("totals", json!({ "total": total, "dropped": shared.analytics.dropped() })));
    Ok(answer.into_iter().collect())
}

fn top(
    store: &dyn Store,
    filter: &Filter,
    dimension: Dimension,
    limit: usize,
) -> Result<Vec<(&'static str, Value)>, StoreError> {
    let counts = store.count_by(filter, dimension, limit)?;
    let row = |(value, count)| json!({ "value": value, "count": count });
    let rows: Vec<_> = counts.rows.into_iter().map(row).collect();
    Ok(vec![("counts", json!(rows)), ("other", json!(counts.other))])
}

fn shown(value: impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(StoreError::new)
}
