//! What axum's own router says of a request that it has matched.

use ::axum::extract::{MatchedPath, OriginalUri};
use http::request::Parts;

/// The path as the client sent it. A nested router has cut what it was nested under.
pub(crate) fn original_path(head: &Parts) -> &str {
    let original = head.extensions.get::<OriginalUri>();
    original.map_or(&head.uri, |OriginalUri(uri)| uri).path()
}

/// The pattern the router matched, with what it was nested under.
pub(crate) fn matched_path(head: &Parts) -> Option<&str> {
    head.extensions.get::<MatchedPath>().map(MatchedPath::as_str)
}
