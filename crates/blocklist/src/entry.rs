//! One entry of a list, as its author writes it.

use std::{fmt, time::SystemTime};

/// One entry of a list: what is meant, why, and until when. A text alone is an entry too.
///
/// ```
/// use palisade_blocklist::{Blocklist, Entry};
/// let list = Blocklist::builder()
///     .block_ip("203.0.113.50")
///     .block_ip(Entry::new("198.51.100.0/24").reason("scanner, ticket 4711"))
///     .block_user(Entry::new("alice").issuer("https://issuer.example"))
///     .build()?;
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Entry {
    value: Box<str>,
    reason: Option<Box<str>>,
    issuer: Option<Box<str>>,
    expires: Option<SystemTime>,
    wide: bool,
}

/// The same, borrowed: a file has a million of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Line<'a> {
    pub(crate) value: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) issuer: Option<&'a str>,
    pub(crate) expires: Option<SystemTime>,
    pub(crate) wide: bool,
}

impl Entry {
    /// Means `value`, for ever.
    #[must_use]
    pub fn new(value: impl Into<Box<str>>) -> Self {
        Self { value: value.into(), reason: None, issuer: None, expires: None, wide: false }
    }

    /// Says why. The reason reaches the security log, never the client.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Box<str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Says who vouches for the user that is meant, byte for byte; without, those of every issuer are.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<Box<str>>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Says until when it counts. At `at` it counts no more.
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }

    /// Confirms that a network shorter than /8 (IPv4) or /16 (IPv6) is meant.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    pub(crate) fn line(&self) -> Line<'_> {
        Line {
            value: &self.value,
            reason: self.reason.as_deref(),
            issuer: self.issuer.as_deref(),
            expires: self.expires,
            wide: self.wide,
        }
    }
}

impl<T: Into<Box<str>>> From<T> for Entry {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// Does not show the value: it may be a token.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("expires", &self.expires).finish_non_exhaustive()
    }
}
