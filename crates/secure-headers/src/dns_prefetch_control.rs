//! `X-DNS-Prefetch-Control`: whether a browser looks up hosts a page only names. OWASP Secure Headers asks for `off`.

use std::str::FromStr;

use palisade_core::ConfigError;

use crate::keyword;

/// `X-DNS-Prefetch-Control`: whether a browser looks up the hosts of links before anybody follows one. Whoever can put a
/// link into a page learns by his name server who reads it, and can send words out in the name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DnsPrefetchControl {
    /// It does not.
    Off,
    /// It may, also on a page over TLS.
    On,
}

const WORDS: [(&str, DnsPrefetchControl); 2] =
    [("off", DnsPrefetchControl::Off), ("on", DnsPrefetchControl::On)];

impl DnsPrefetchControl {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }
}

impl FromStr for DnsPrefetchControl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("value of x-dns-prefetch-control", text, &WORDS)
    }
}
