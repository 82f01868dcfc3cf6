//! Whose pages may read answers.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use palisade_core::header::Sole;

/// Whose pages may read answers.
#[derive(Clone, Debug)]
pub(crate) enum Origins {
    Any,
    Listed(Arc<[HeaderValue]>),
}

/// What a request says about the page it is from, and what that page may do.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    /// It says nothing, and there is a list.
    NoOrigin,
    /// Its page may not read the answer.
    Nothing,
    /// Any page may read the answer.
    Anyone,
    /// A page of this origin may, and may send credentials.
    WithCredentials(HeaderValue),
}

// === impl Origins ===

impl Origins {
    /// Whether the page that a request is from may read the answer. A request has one `Origin` (Fetch, "append a request
    /// `Origin` header"): with two, nobody knows which of them a cache or a proxy took.
    pub(crate) fn grant(&self, headers: &HeaderMap) -> Grant {
        match self {
            Self::Any => Grant::Anyone,
            Self::Listed(origins) => match Sole::of(headers, &header::ORIGIN) {
                Sole::Missing => Grant::NoOrigin,
                Sole::Is(origin) if origins.contains(origin) => {
                    Grant::WithCredentials(origin.clone())
                }
                Sole::Is(_) | Sole::Several => Grant::Nothing,
            },
        }
    }

    /// Whether answers differ by origin, which caches must know of every answer, also of one to a request without an origin
    /// (Fetch, "CORS protocol and HTTP caches"). Those that anyone may read do not.
    pub(crate) fn vary(&self) -> bool {
        matches!(self, Self::Listed(_))
    }
}
