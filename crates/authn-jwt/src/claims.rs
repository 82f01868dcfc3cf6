//! What a token says.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

/// What a verified token says, for handlers that need more than the [`Identity`](palisade_core::Identity). Cheap to
/// clone; found with [`SecurityContext::attached`](palisade_core::SecurityContext::attached). It does not print.
#[derive(Clone)]
pub struct Claims {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    text: Box<str>,
    members: Map<String, Value>,
}

// === impl Claims ===

impl Claims {
    pub(crate) fn new(text: Box<str>, members: Map<String, Value>) -> Self {
        Self { inner: Arc::new(Inner { text, members }) }
    }

    /// The same, without a count of references in common: for another thread.
    pub(crate) fn twin(&self) -> Self {
        Self { inner: Arc::new((*self.inner).clone()) }
    }

    /// The claim of this name, if it is a string.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.inner.members.get(name)?.as_str()
    }

    /// All claims, as the JSON object that was signed.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.inner.text
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(..)")
    }
}
