//! The answer to who asks for figures.

use std::sync::Arc;

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use palisade::metrics::Format;

use super::page;
use crate::app::Shared;

/// All figures, in the way that `asked` wants them. They are put together by a thread that may block.
pub(crate) async fn answer(shared: &Arc<Shared>, asked: &HeaderMap) -> Response<Bytes> {
    let (format, shared) = (Format::wanted(asked), Arc::clone(shared));
    let written = tokio::task::spawn_blocking(move || page(&shared, format).finish()).await;
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
    answer
}
