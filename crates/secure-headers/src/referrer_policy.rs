//! `Referrer-Policy` (W3C Referrer Policy): how much of its own address a page tells the pages it leads to.

use std::str::FromStr;

use palisade_core::ConfigError;

use crate::keyword;

/// `Referrer-Policy`: how much of its own address a page tells the pages it leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReferrerPolicy {
    /// Nothing.
    NoReferrer,
    /// All of it, but nothing from TLS to plain HTTP.
    NoReferrerWhenDowngrade,
    /// The origin alone.
    Origin,
    /// All of it to the same origin, the origin alone to others.
    OriginWhenCrossOrigin,
    /// All of it to the same origin, nothing to others.
    SameOrigin,
    /// The origin alone, but nothing from TLS to plain HTTP.
    StrictOrigin,
    /// All of it to the same origin, the origin alone to others, nothing from TLS to plain HTTP.
    StrictOriginWhenCrossOrigin,
    /// All of it, to everybody, over plain HTTP too.
    UnsafeUrl,
}

const WORDS: [(&str, ReferrerPolicy); 8] = [
    ("no-referrer", ReferrerPolicy::NoReferrer),
    ("no-referrer-when-downgrade", ReferrerPolicy::NoReferrerWhenDowngrade),
    ("origin", ReferrerPolicy::Origin),
    ("origin-when-cross-origin", ReferrerPolicy::OriginWhenCrossOrigin),
    ("same-origin", ReferrerPolicy::SameOrigin),
    ("strict-origin", ReferrerPolicy::StrictOrigin),
    ("strict-origin-when-cross-origin", ReferrerPolicy::StrictOriginWhenCrossOrigin),
    ("unsafe-url", ReferrerPolicy::UnsafeUrl),
];

impl ReferrerPolicy {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoReferrer => "no-referrer",
            Self::NoReferrerWhenDowngrade => "no-referrer-when-downgrade",
            Self::Origin => "origin",
            Self::OriginWhenCrossOrigin => "origin-when-cross-origin",
            Self::SameOrigin => "same-origin",
            Self::StrictOrigin => "strict-origin",
            Self::StrictOriginWhenCrossOrigin => "strict-origin-when-cross-origin",
            Self::UnsafeUrl => "unsafe-url",
        }
    }
}

impl FromStr for ReferrerPolicy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("referrer policy", text, &WORDS)
    }
}
