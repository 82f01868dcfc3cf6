//! The entry that matched.

use std::fmt;

use palisade_core::{Country, TokenDigest};

use crate::{network::Network, users::NamedUser};

/// The entry that matched. Shown as `203.0.113.0/24 (scanner)`; a token is shown by its digest.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    matched: Matched<'a>,
    reason: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Matched<'a> {
    Network(Network),
    User(NamedUser<'a>),
    Token(TokenDigest),
    Country(Country),
}

// === impl Hit ===

impl<'a> Hit<'a> {
    pub(crate) fn new(matched: Matched<'a>, reason: Option<&'a str>) -> Self {
        Self { matched, reason }
    }

    /// Why the entry stands in the list. Of an imported one it is the name of its list.
    #[must_use]
    pub fn reason(&self) -> Option<&'a str> {
        self.reason
    }

    /// What the entry names: `address`, `user`, `token` or `country`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.matched {
            Matched::Network(_) => "address",
            Matched::User(_) => "user",
            Matched::Token(_) => "token",
            Matched::Country(_) => "country",
        }
    }

    pub(crate) fn matched(&self) -> &Matched<'a> {
        &self.matched
    }
}

impl fmt::Display for Hit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.matched {
            Matched::Network(network) => network.fmt(f)?,
            Matched::User(NamedUser { subject, issuer: None }) => f.write_str(subject)?,
            Matched::User(NamedUser { subject, issuer: Some(issuer) }) => {
                write!(f, "{subject} of {issuer}")?;
            }
            Matched::Token(digest) => write!(f, "sha256:{digest}")?,
            Matched::Country(country) => country.fmt(f)?,
        }
        self.reason.map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}
