//! The answer to who asks for figures.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use palisade::{
    core::{Code, Rejection, RejectionKind},
    metrics::Format,
};

use super::page;
use crate::app::Shared;

/// Pages that are put together at a time, wherever they are asked for: a collector needs one.
pub(super) const AT_A_TIME: usize = 3;
/// When to try again: a page takes milliseconds.
const LATER: Duration = Duration::from_secs(1);
const BUSY: Code = Code::new("temporarily-unavailable", "Too many ask for figures now");

/// All figures, in the way that `asked` wants them. They are put together by a thread that may block.
///
/// # Errors
///
/// 503 while [`AT_A_TIME`] others are put together. One that nobody waits for any more counts until it is.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    asked: &HeaderMap,
) -> Result<Response<Bytes>, Rejection> {
    let place = shared.sources.place_for_a_page();
    let place =
        place.ok_or_else(|| Rejection::new(RejectionKind::Unavailable, BUSY).retry_after(LATER))?;
    let (format, shared) = (Format::wanted(asked), Arc::clone(shared));
    let written = tokio::task::spawn_blocking(move || {
        let text = page(&shared, format).finish();
        drop(place);
        text
    })
    .await;
    let mut answer = Response::new(Bytes::new());
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // One address, two ways to write.
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    match written {
        Ok(text) => {
            headers.insert(header::CONTENT_TYPE, format.content_type());
            *answer.body_mut() = text.into();
        }
        Err(error) => {
            tracing::error!(%error, "figures could not be put together");
            *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
    Ok(answer)
}
