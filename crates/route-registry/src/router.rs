//! Who takes a request to its handler, and how exact that is about a path.

/// What stands behind the policy.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Router {
    /// Anything: it may ignore letter case or a `/` at the end.
    #[default]
    Unknown,
    /// axum's own router, which has matched the path before the policy is asked.
    #[cfg(feature = "matched-path")]
    Axum,
    /// The dispatch of an `AccessRouter`, which calls what this registry found.
    #[cfg(feature = "axum")]
    Dispatch,
}

// === impl Router ===

impl Router {
    /// This one, or `other` if nothing was said.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::Unknown { other } else { self }
    }

    /// Whether it takes a path byte for byte, so that no other spelling reaches a route.
    pub(crate) fn is_exact(self) -> bool {
        self != Self::Unknown
    }
}
