//! `GET /api/analytics`

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
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

/// How far back numbers go, if nothing is said.
const DAY: Duration = Duration::from_hours(24);

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
        view @ View::List { .. } => Json(numbers(&shared, filter, view).await?).into_response(),
        view => {
            let filter = lately(filter, shared.clock.now().wall());
            Json(numbers(&shared, filter, view).await?).into_response()
        }
    };
    // Who asked what is nobody else's business, and `Accept` may decide about the form.
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    Ok(answer)
}

/// The day before, if nothing is said: numbers of all that is kept may take longer than anyone waits.
fn lately(filter: Filter, now: SystemTime) -> Filter {
    let end = filter.until.map_or(now, |until| until.min(now));
    let since = filter.since.or_else(|| end.checked_sub(DAY));
    let mut filter = filter;
    filter.since = since;
    filter
}

async fn numbers(shared: &Shared, filter: Filter, view: View) -> Result<Value, Rejection> {
    let (mut answer, total) = asked(shared, move |store| {
        // Who goes on was told how many there are.
        let goes_on = matches!(view, View::List { before: Some(_), .. });
        let total = if goes_on { None } else { Some(store.count(&filter)?) };
        let since = filter.since.filter(|_| !matches!(view, View::List { .. }));
        let mut answer = match view {
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
        if let Some(since) = since {
            let since = Timestamp::try_from(since).map_err(StoreError::new)?;
            answer.push(("since", json!(format!("{since:.3}"))));
        }
        Ok((answer, total))
    })
    .await?;
    if let Some(total) = total {
        let (dropped, lost) = (shared.analytics.dropped(), shared.analytics.lost());
        answer.push(("totals", json!({ "total": total, "dropped": dropped, "lost": lost })));
    }
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
