//! `Clear-Site-Data` (W3C Clear Site Data): what a browser forgets of a site, as when somebody signs out.

use std::{fmt, str::FromStr};

use http::{HeaderName, HeaderValue};
use palisade_core::ConfigError;

use crate::keyword;

/// `Clear-Site-Data`: what a browser forgets of this site. It belongs to one answer, the one that signs somebody out or
/// closes an account, so a handler sends it; with the feature `axum` it is part of an answer as it is.
///
/// A browser reads it over TLS alone, and on loopback. `cookies` are those of the whole registrable domain: also of a
/// neighbour's subdomain. `cache` takes a browser a second or more.
///
/// ```
/// use palisade_secure_headers::{ClearSiteData, SiteData};
///
/// let (name, value) = ClearSiteData::of_who_leaves().header();
/// assert_eq!(name, "clear-site-data");
/// assert_eq!(value, r#""cache", "cookies", "storage""#);
/// assert_eq!(ClearSiteData::of([SiteData::Storage]).to_string(), r#""storage""#);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ClearSiteData {
    /// A bit for each kind, in the order of their declaration.
    kinds: u8,
}

/// A kind of what a browser keeps of a site.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SiteData {
    /// Answers that were kept for another time, also pages for the way back.
    Cache,
    /// Cookies, and what was remembered of HTTP authentication.
    Cookies,
    /// What scripts store: local and session storage, databases, service workers.
    Storage,
    /// Pages of the site that are open: they are loaded again. No browser of today does.
    ExecutionContexts,
    /// Which hints about itself the browser was asked to send.
    ClientHints,
    /// Answers that were fetched ahead of a click.
    PrefetchCache,
    /// Pages that were drawn ahead of a click.
    PrerenderCache,
    /// All of it, and what browsers will be able to forget one day.
    Everything,
}

const WORDS: [(&str, SiteData); 8] = [
    ("cache", SiteData::Cache),
    ("cookies", SiteData::Cookies),
    ("storage", SiteData::Storage),
    ("executionContexts", SiteData::ExecutionContexts),
    ("clientHints", SiteData::ClientHints),
    ("prefetchCache", SiteData::PrefetchCache),
    ("prerenderCache", SiteData::PrerenderCache),
    ("*", SiteData::Everything),
];

// === impl ClearSiteData ===

impl ClearSiteData {
    /// The header's name.
    pub const NAME: HeaderName = HeaderName::from_static("clear-site-data");

    /// What OWASP Secure Headers asks for where somebody signs out: cache, cookies and storage.
    #[must_use]
    pub fn of_who_leaves() -> Self {
        Self::of([SiteData::Cache, SiteData::Cookies, SiteData::Storage])
    }

    /// These kinds, each once. None clears nothing: a browser ignores the empty header.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = SiteData>) -> Self {
        Self { kinds: kinds.into_iter().fold(0, |known, kind| known | kind.bit()) }
    }

    /// The kinds, in the order of their declaration.
    pub fn kinds(self) -> impl Iterator<Item = SiteData> {
        WORDS.into_iter().map(|(_, kind)| kind).filter(move |kind| self.kinds & kind.bit() != 0)
    }

    /// The header, for an answer.
    #[must_use]
    pub fn header(self) -> (HeaderName, HeaderValue) {
        // Quotes, letters, commas and spaces are a value.
        let value = HeaderValue::try_from(self.to_string());
        (Self::NAME, value.unwrap_or_else(|_| HeaderValue::from_static("\"*\"")))
    }
}

/// Shows the header's value: a list of strings.
impl fmt::Display for ClearSiteData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, kind) in self.kinds().enumerate() {
            write!(f, "{}\"{kind}\"", if nth == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Reads what the header says, or the same without the quotes.
impl FromStr for ClearSiteData {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = |part: &str| {
            let part = part.trim_ascii();
            let quoted = part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            quoted.unwrap_or(part).parse::<SiteData>()
        };
        Ok(Self::of(text.split(',').map(word).collect::<Result<Vec<_>, _>>()?))
    }
}

// === impl SiteData ===

impl SiteData {
    /// The kind as the header says it, without quotes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let word = WORDS.iter().find(|(_, kind)| *kind == self);
        word.map_or("*", |(word, _)| word)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Cache => 1,
            Self::Cookies => 1 << 1,
            Self::Storage => 1 << 2,
            Self::ExecutionContexts => 1 << 3,
            Self::ClientHints => 1 << 4,
            Self::PrefetchCache => 1 << 5,
            Self::PrerenderCache => 1 << 6,
            Self::Everything => 1 << 7,
        }
    }
}

impl FromStr for SiteData {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("kind of site data", text, &WORDS)
    }
}

impl fmt::Display for SiteData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
