//! A mistake in a configuration, told when it is built and not when a request comes.

use std::fmt::{self, Write};

/// A mistake in a configuration: what, the value that was given, what is allowed, and what was probably meant.
///
/// ```
/// use palisade_core::ConfigError;
/// let error = ConfigError::new("header draft", "draft6").expected("one of `draft-6`, `draft-7`").meant("draft-6");
/// assert_eq!(error.to_string(), "`draft6` is not a valid header draft: expected one of `draft-6`, `draft-7`; did you mean `draft-6`?");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Inner {
    what: Box<str>,
    value: Box<str>,
    expected: Option<Box<str>>,
    meant: Option<Box<str>>,
}

impl ConfigError {
    /// Says that `value` is not a valid `what`. Never give it a secret.
    #[must_use]
    pub fn new(what: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        let inner = Inner { what: what.into(), value: value.into(), expected: None, meant: None };
        Self { inner: Box::new(inner) }
    }

    /// Says what is allowed.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Box<str>>) -> Self {
        self.inner.expected = Some(expected.into());
        self
    }

    /// Says what was probably meant.
    #[must_use]
    pub fn meant(mut self, meant: impl Into<Box<str>>) -> Self {
        self.inner.meant = Some(meant.into());
        self
    }

    /// What the value was meant to be.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.inner.what
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { what, value, expected, meant } = &*self.inner;
        write!(f, "`{}` is not a valid {what}", OneLine(value))?;
        if let Some(expected) = expected {
            write!(f, ": expected {expected}")?;
        }
        if let Some(meant) = meant {
            write!(f, "; did you mean `{}`?", OneLine(meant))?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Escapes what would break a line or hide text, so that one mistake is one line whatever the value holds. Quotes stay:
/// `'self'` is what a reader must type.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '\'' | '"' | '\\' => f.write_char(char),
            _ => char.escape_debug().try_for_each(|part| f.write_char(part)),
        })
    }
}
