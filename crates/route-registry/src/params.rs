//! The parameters of a path, decoded.

use std::{fmt, str::FromStr, sync::Arc};

use palisade_core::{Code, Rejection, RejectionKind};
use percent_encoding::percent_decode_str;

use crate::captures::Captures;

pub(crate) const NOT_FOUND: Code = Code::new("not-found", "There is nothing here");
pub(crate) const INTERNAL: Code =
    Code::new("internal-error", "The service is not set up correctly");

/// The parameters of a path, percent-decoded. Cheap to clone.
///
/// [`RoutePolicy`](crate::RoutePolicy) attaches them to the context if there are any; with the feature `axum` a handler
/// takes them as an argument.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct PathParams {
    inner: Arc<Inner>,
}

#[derive(Default, Eq, PartialEq)]
struct Inner {
    names: Arc<[Box<str>]>,
    /// The decoded values, one behind the other.
    text: String,
    values: Captures,
}

// === impl PathParams ===

impl PathParams {
    pub(crate) fn new(names: Arc<[Box<str>]>, path: &str, captures: &Captures) -> Self {
        let (mut text, mut values) = (String::new(), Captures::default());
        for raw in captures.of(path) {
            let start = text.len();
            // A checked path is UTF-8; one that was not checked must not be an error here.
            text.push_str(&percent_decode_str(raw).decode_utf8_lossy());
            values.push(&(start..text.len()));
        }
        Self { inner: Arc::new(Inner { names, text, values }) }
    }

    /// The value of the parameter `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The value of the parameter `name`, as a `T`.
    ///
    /// # Errors
    ///
    /// 404 `not-found` if the value is no `T`: such a path names nothing. 500 `internal-error` if the route has no
    /// parameter of this name: a mistake of the handler.
    pub fn parse<T: FromStr>(&self, name: &str) -> Result<T, Rejection> {
        let Some(value) = self.get(name) else {
            return Err(Rejection::new(RejectionKind::Internal, INTERNAL)
                .reason(format!("the route has no parameter `{name}`")));
        };
        value.parse().map_err(|_| {
            Rejection::new(RejectionKind::NotFound, NOT_FOUND)
                .reason(format!("the parameter `{name}` does not parse"))
        })
    }

    /// The parameters with their names, in the order of the path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let Inner { names, text, values } = &*self.inner;
        names.iter().map(AsRef::as_ref).zip(values.of(text))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.values.is_empty()
    }
}

impl fmt::Debug for PathParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
