//! The name of one request, by which a client can quote a refusal.

use std::fmt;

/// The name of one request: 128 random bits, shown as 32 hexadecimal digits. A client's own `X-Request-Id` is not taken
/// over: it would let two requests share a name in the log.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct RequestId(u128);

impl RequestId {
    /// Draws a new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
