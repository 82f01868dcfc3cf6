//! What was done, as a stable name.

use std::fmt;

/// What was done: a name with its subject before a dot, such as `ban.removed`, that stays the same for as long as logs are kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Action(&'static str);

// === impl Action ===

impl Action {
    /// Personal parts of earlier records were erased: see [`Event::erasure`](crate::Event::erasure).
    pub const ERASED: Self = Self("audit.erased");
    /// The log was read.
    pub const READ: Self = Self("audit.read");
    /// The log was taken away as a file.
    pub const EXPORTED: Self = Self("audit.exported");

    /// Names an action in lowercase letters, with hyphens and dots, in 96 bytes at most.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
