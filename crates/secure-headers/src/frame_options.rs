//! `X-Frame-Options` (RFC 7034): who may put a page into a frame, for browsers that do not know `frame-ancestors`.

use std::str::FromStr;

use palisade_core::ConfigError;

use crate::keyword;

/// `X-Frame-Options`: who may put a page into a frame. `ALLOW-FROM` is not here: no browser of today obeys it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FrameOptions {
    /// Nobody.
    Deny,
    /// Pages of the same origin.
    SameOrigin,
}

const WORDS: [(&str, FrameOptions); 2] =
    [("deny", FrameOptions::Deny), ("sameorigin", FrameOptions::SameOrigin)];

impl FrameOptions {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "DENY",
            Self::SameOrigin => "SAMEORIGIN",
        }
    }
}

impl FromStr for FrameOptions {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let other = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("allow"));
        if other {
            return Err(ConfigError::new("value of x-frame-options", text).expected(
                "one of `deny`, `sameorigin`: which sites may frame a page says `frame-ancestors` of its csp",
            ));
        }
        keyword::find("value of x-frame-options", text, &WORDS)
    }
}
