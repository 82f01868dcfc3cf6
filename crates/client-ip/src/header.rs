//! The one header that is read.

use std::str::FromStr;

use http::{HeaderName, header};
use palisade_core::ConfigError;

/// The one header in which trusted proxies say whom they talk for. By default `X-Forwarded-For`.
///
/// One, because proxies hand on what they do not know: with two, the client writes the one that the proxy does not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClientIpHeader {
    /// `X-Forwarded-For`: a list to which each proxy appends the address it was called from.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the same with names, quotes and brackets.
    Forwarded,
    /// One address, which the proxy sets and never appends to: `CF-Connecting-IP`, `X-Real-IP`, `True-Client-IP`.
    /// Present twice, it is junk.
    Single(HeaderName),
}

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

// === impl ClientIpHeader ===

impl ClientIpHeader {
    /// The header's name.
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        match self {
            Self::XForwardedFor => &X_FORWARDED_FOR,
            Self::Forwarded => &header::FORWARDED,
            Self::Single(name) => name,
        }
    }
}

impl FromStr for ClientIpHeader {
    type Err = ConfigError;

    /// Reads a header's name, in any letter case. What is neither `x-forwarded-for` nor `forwarded` holds one address.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            let expected = "the name of a header, such as `x-forwarded-for`, `forwarded` or `cf-connecting-ip`";
            ConfigError::new("client address header", text).expected(expected)
        };
        // Servers behind gateways read `x_real_ip` as `x-real-ip`, so the spelling with `_` is always taken off.
        if text.contains('_') {
            return Err(wrong().meant(text.to_ascii_lowercase().replace('_', "-")));
        }
        let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| wrong())?;
        Ok(match name {
            name if name == X_FORWARDED_FOR => Self::XForwardedFor,
            header::FORWARDED => Self::Forwarded,
            name => Self::Single(name),
        })
    }
}
