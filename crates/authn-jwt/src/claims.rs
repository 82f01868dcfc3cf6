//! What a token says.

use std::{fmt, sync::Arc};

use crate::json::Object;

/// What a verified token says, for handlers that need more than the [`Identity`](palisade_core::Identity). Cheap to
/// clone; found with [`SecurityContext::attached`](palisade_core::SecurityContext::attached). It does not print.
#[derive(Clone)]
pub struct Claims {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    text: Box<str>,
    /// The claims that are strings, in the order of their names.
    strings: Box<[(Box<str>, Box<str>)]>,
}

// === impl Claims ===

impl Claims {
    pub(crate) fn new(text: &str, members: &Object<'_>) -> Self {
        let strings = members.strings().map(|(name, value)| (name.into(), value.into())).collect();
        Self { inner: Arc::new(Inner { text: text.into(), strings }) }
    }

    /// The same, without a count of references in common: for another thread.
    pub(crate) fn twin(&self) -> Self {
        Self { inner: Arc::new((*self.inner).clone()) }
    }

    /// The claim of this name, if it is a string. O(log n).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let strings = &self.inner.strings;
        let place = strings.binary_search_by(|(own, _)| (**own).cmp(name)).ok()?;
        strings.get(place).map(|(_, value)| &**value)
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
