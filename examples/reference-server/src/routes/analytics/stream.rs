//! What is asked, live.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{IntoResponse, Response, Sse, sse},
};
use futures_util::{Stream, stream};
use http::header;
use palisade::{
    analytics::{Event, Subscription},
    core::{Code, Rejection, RejectionKind, SecurityContext},
};

use crate::{app::Shared, stream_guard::StreamGuard};

/// How often an idle stream says that it lives, so that proxies keep it open (WHATWG HTML 9.2.7).
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const TOO_MANY: Code = Code::new("temporarily-unavailable", "Too many streams are open");

pub(super) async fn follow(
    State(shared): State<Arc<Shared>>,
    context: SecurityContext,
) -> Result<Response, Rejection> {
    let full = |_| Rejection::new(RejectionKind::Unavailable, TOO_MANY).retry_after(KEEP_ALIVE);
    let subscription = shared.analytics.subscribe().map_err(full)?;
    let events = events(subscription, StreamGuard::new(&shared, &context)?);
    let answer = Sse::new(events).keep_alive(sse::KeepAlive::new().interval(KEEP_ALIVE));
    Ok((
        [
            (header::CACHE_CONTROL, "no-store"),
            (header::HeaderName::from_static("x-accel-buffering"), "no"),
        ],
        answer,
    )
        .into_response())
}

fn events(
    subscription: Subscription,
    guard: StreamGuard,
) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    stream::unfold((subscription, guard), async |(mut subscription, mut guard)| {
        let event = tokio::select! {
            biased;
            () = guard.end() => return None,
            event = subscription.next() => event?,
        };
        let event = match event {
            Event::Record(record) => sse::Event::default()
                .event("request")
                .data(serde_json::to_string(&*record).unwrap_or_default()),
            Event::Lagged(missed) => sse::Event::default().event("lagged").data(missed.to_string()),
            _ => sse::Event::default().comment("an event this version does not know"),
        };
        Some((Ok(event), (subscription, guard)))
    })
}
