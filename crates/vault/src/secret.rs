//! What was sealed, for as long as it is needed.

use std::{fmt, str};

use zeroize::Zeroizing;

/// What was sealed. It is overwritten in memory when it is dropped, and never shown by `{:?}`.
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
}

impl Secret {
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes }
    }

    /// Its bytes. What is copied from here is the caller's to overwrite.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes as a text, if they are UTF-8.
    #[must_use]
    pub fn expose_str(&self) -> Option<&str> {
        str::from_utf8(&self.bytes).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
