//! A mistake in the declarations, told when the registry is built.

use std::fmt;

use palisade_core::ConfigError;

/// A mistake in the declarations, with a code that stays: tools and tests refer to it, people read the text.
///
/// | code | the mistake |
/// |---|---|
/// | `route-pattern` | a pattern that is malformed, or that no path which passes could match |
/// | `route-conflict` | two declarations for one path and method |
/// | `route-unreachable` | a catch-all that more specific patterns leave no path to |
/// | `route-methods` | a declaration for no method |
/// | `route-id` | an id that is empty or taken by the registry itself |
/// | `route-scope` | a scope that is none (RFC 6749 section 3.3), or one of a route that needs no identity |
/// | `route-prefix` | a tag for what is no prefix |
/// | `route-fallback` | more than one fallback |
/// | `route-uncovered` | an operation of an `OpenAPI` description that no declaration covers |
/// | `openapi` | an `OpenAPI` description that cannot be read |
///
/// It becomes a [`ConfigError`] with the same text, code included, where all mistakes of a start are of one type.
///
/// ```
/// use palisade_route_registry::Registry;
/// let twice = Registry::builder().public("/post/:id").admin("/post/{slug}").build();
/// assert_eq!(twice.unwrap_err().code(), "route-conflict");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistryError {
    code: &'static str,
    error: ConfigError,
}

// === impl RegistryError ===

impl RegistryError {
    /// Says that `value` is not a valid `what`, and what is.
    pub(crate) fn new(
        code: &'static str,
        what: &str,
        value: &str,
        expected: impl Into<Box<str>>,
    ) -> Self {
        let error = ConfigError::new(format!("{what} [{code}]"), value).expected(expected);
        Self { code, error }
    }

    /// The code. It never changes; the text may.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<RegistryError> for ConfigError {
    fn from(error: RegistryError) -> Self {
        error.error
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for RegistryError {}
