//! A whole key, in clear: what is shown once.

use std::fmt;

use crate::ApiKey;

/// A whole key, in clear. It exists once, when it is made; it does not print.
pub struct KeyText(Box<str>);

/// A key that was just made, or got a new secret.
#[derive(Debug)]
#[must_use = "the text of the key is kept nowhere else"]
#[non_exhaustive]
pub struct Issued {
    /// What is known of it from now on.
    pub key: ApiKey,
    /// What its owner sends.
    pub text: KeyText,
}

// === impl KeyText ===

impl KeyText {
    pub(crate) fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The key in clear. It must reach its owner, and no log, error or file.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(..)")
    }
}
