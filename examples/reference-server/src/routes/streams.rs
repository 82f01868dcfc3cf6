//! What all streams have in common: who may open one, where he goes on, and when it ends.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, extract::Query, response::Response};
use http::{HeaderMap, HeaderValue, Uri};
use palisade::{
    core::{Code, Identity, Rejection, RejectionKind, SecurityContext},
    live::{EventStream, Feed, Interest, SubscribeError},
};
use serde::de::DeserializeOwned;

use super::answers;
use crate::{app::Shared, pulse::Hangup, stream_guard::StreamGuard};

const TOO_MANY: Code = Code::new("temporarily-unavailable", "Too many streams are open");
const TOO_MANY_OWN: Code = Code::new("too-many-streams", "You have too many streams open");
/// When there may be room again.
const AGAIN: Duration = Duration::from_secs(15);
/// What a browser says when it comes back by itself (WHATWG HTML section 9.2.4).
const LAST_EVENT_ID: &str = "last-event-id";

/// Who asks for a stream.
pub(super) struct Asks<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) context: &'a SecurityContext,
    pub(super) headers: &'a HeaderMap,
    /// What the address says of the event he saw last: who needs another ticket opens another stream, which has no such header.
    pub(super) last_event_id: Option<&'a str>,
    /// Ends the answer of who does not read it; none where no connection is ours.
    pub(super) hangup: Option<Hangup>,
}

/// Reads what the address asks for.
///
/// # Errors
///
/// 400 for a parameter that there is not, or a value that it does not take.
pub(super) fn question<Q: DeserializeOwned>(uri: &Uri, filters: &str) -> Result<Q, Rejection> {
    Query::try_from_uri(uri).map(|Query(question)| question).map_err(|_| wrong(filters))
}

/// 400, with what there is. What was asked for stands nowhere: a token may be a part of it.
pub(super) fn wrong(filters: &str) -> Rejection {
    Rejection::new(RejectionKind::Malformed, answers::INVALID)
        .detail(format!(
            "The query may hold, once each, {filters}, lastEventId, and token or ticket."
        ))
        .reason("a parameter that there is not, or a value that it does not take")
}

impl Asks<'_> {
    /// Opens a stream of what is published in `feed` from now on, or since the event that he saw last, as far as the filter lets
    /// it through.
    ///
    /// # Errors
    ///
    /// 503 if too many streams are open, 429 if too many of his are.
    pub(super) fn follow<T: Send + Sync + 'static>(
        self,
        feed: &Feed<T>,
        filter: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> Result<Response, Rejection> {
        let mut interest = Interest::of(place_of(self.context.identity())).matching(filter);
        let header = self.headers.get(LAST_EVENT_ID).map(HeaderValue::to_str);
        if let Some(last) = header.and_then(Result::ok).or(self.last_event_id) {
            interest = interest.after(last);
        }
        let subscription = feed.subscribe(interest).map_err(full)?;
        let guard = StreamGuard::new(self.shared, self.context)?.end();
        let hangup = self.hangup;
        let guard = async move {
            let ending = guard.await;
            hangup.map(|hangup| tokio::spawn(hangup.soon()));
            ending
        };
        Ok(EventStream::new(subscription, guard).into_response().map(Body::new))
    }
}

/// Whose places are taken: as the limiter counts, the same name from two issuers, or by two kinds of proof, is two users.
fn place_of(user: Option<&Identity>) -> String {
    let names = user.map(|user| (user.kind(), user.issuer(), user.subject()));
    format!("{names:?}")
}

fn full(error: SubscribeError) -> Rejection {
    let (kind, code) = match error {
        SubscribeError::FullOfOne { .. } => (RejectionKind::LimitExceeded, TOO_MANY_OWN),
        _ => (RejectionKind::Unavailable, TOO_MANY),
    };
    Rejection::new(kind, code).retry_after(AGAIN).reason(error.to_string())
}
