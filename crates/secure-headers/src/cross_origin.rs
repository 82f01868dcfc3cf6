//! `Cross-Origin-Resource-Policy`, `-Embedder-Policy` and `-Opener-Policy` (Fetch and HTML): what other origins share with us.

use std::str::FromStr;

use palisade_core::ConfigError;

use crate::keyword;

/// `Cross-Origin-Resource-Policy`: who may load the answer into a page of theirs without asking by CORS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CrossOriginResourcePolicy {
    /// Pages of the same site.
    SameSite,
    /// Pages of the same origin.
    SameOrigin,
    /// Everybody.
    CrossOrigin,
}

/// `Cross-Origin-Embedder-Policy`: what the page may load without the other side's leave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CrossOriginEmbedderPolicy {
    /// Everything.
    UnsafeNone,
    /// Only what says by CORS or CORP that it may be loaded.
    RequireCorp,
    /// Everything, but without cookies where the other side did not agree.
    Credentialless,
}

/// `Cross-Origin-Opener-Policy`: which pages share a browsing context group with this one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CrossOriginOpenerPolicy {
    /// Whoever opened it, and whatever it opens.
    UnsafeNone,
    /// Pages of the same origin with the same value.
    SameOrigin,
    /// As `SameOrigin`, and the windows it opens that ask for no isolation.
    SameOriginAllowPopups,
    /// Never the page that opened it, not even of the same origin.
    NoopenerAllowPopups,
}

const RESOURCE: [(&str, CrossOriginResourcePolicy); 3] = [
    ("same-site", CrossOriginResourcePolicy::SameSite),
    ("same-origin", CrossOriginResourcePolicy::SameOrigin),
    ("cross-origin", CrossOriginResourcePolicy::CrossOrigin),
];
const EMBEDDER: [(&str, CrossOriginEmbedderPolicy); 3] = [
    ("unsafe-none", CrossOriginEmbedderPolicy::UnsafeNone),
    ("require-corp", CrossOriginEmbedderPolicy::RequireCorp),
    ("credentialless", CrossOriginEmbedderPolicy::Credentialless),
];
const OPENER: [(&str, CrossOriginOpenerPolicy); 4] = [
    ("unsafe-none", CrossOriginOpenerPolicy::UnsafeNone),
    ("same-origin", CrossOriginOpenerPolicy::SameOrigin),
    ("same-origin-allow-popups", CrossOriginOpenerPolicy::SameOriginAllowPopups),
    ("noopener-allow-popups", CrossOriginOpenerPolicy::NoopenerAllowPopups),
];

// === impl CrossOriginResourcePolicy ===

impl CrossOriginResourcePolicy {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameSite => "same-site",
            Self::SameOrigin => "same-origin",
            Self::CrossOrigin => "cross-origin",
        }
    }
}

impl FromStr for CrossOriginResourcePolicy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("cross-origin resource policy", text, &RESOURCE)
    }
}

// === impl CrossOriginEmbedderPolicy ===

impl CrossOriginEmbedderPolicy {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnsafeNone => "unsafe-none",
            Self::RequireCorp => "require-corp",
            Self::Credentialless => "credentialless",
        }
    }
}

impl FromStr for CrossOriginEmbedderPolicy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("cross-origin embedder policy", text, &EMBEDDER)
    }
}

// === impl CrossOriginOpenerPolicy ===

impl CrossOriginOpenerPolicy {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnsafeNone => "unsafe-none",
            Self::SameOrigin => "same-origin",
            Self::SameOriginAllowPopups => "same-origin-allow-popups",
            Self::NoopenerAllowPopups => "noopener-allow-popups",
        }
    }
}

impl FromStr for CrossOriginOpenerPolicy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("cross-origin opener policy", text, &OPENER)
    }
}
