//! The compiled list: who is blocked, at a moment in time.

use std::{collections::HashMap, fmt, net::IpAddr, time::SystemTime};

use palisade_core::{Country, TokenDigest};

use crate::{
    BlocklistBuilder, BlocklistError, EntryCounts,
    detail::{DetailId, Details},
    file_format,
    network::Network,
    networks::Networks,
};

/// A compiled list of who is blocked. It is built as a whole, by [`parse`](Self::parse) or
/// [`builder`](Self::builder), and then only read.
#[derive(Default)]
pub struct Blocklist {
    pub(crate) blocked: Networks,
    pub(crate) safe: Networks,
    pub(crate) users: HashMap<Box<str>, DetailId>,
    pub(crate) tokens: HashMap<TokenDigest, DetailId>,
    pub(crate) countries: HashMap<Country, DetailId>,
    pub(crate) details: Details,
}

/// The entry that matched. Shown as `203.0.113.0/24 (scanner)`; a token is shown by its digest.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    matched: Matched<'a>,
    reason: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
enum Matched<'a> {
    Network(Network),
    User(&'a str),
    Token(TokenDigest),
    Country(Country),
}

// === impl Blocklist ===

impl Blocklist {
    /// Starts an empty list.
    #[must_use]
    pub fn builder() -> BlocklistBuilder {
        BlocklistBuilder::default()
    }

    /// Reads the file format, see the [crate docs](crate#the-file). `source` names the text in messages.
    ///
    /// # Errors
    ///
    /// The first mistake, with the line and column where reading stopped.
    pub fn parse(json: impl AsRef<[u8]>, source: &str) -> Result<Self, BlocklistError> {
        file_format::parse(json.as_ref(), source)
    }

    /// The most specific network that blocks `addr` at `at`. The safelist is not asked, see [`is_safe`](Self::is_safe).
    #[must_use]
    pub fn blocked_ip(&self, addr: IpAddr, at: SystemTime) -> Option<Hit<'_>> {
        let (network, detail) = self.blocked.find(addr, |id| self.details.counts(id, at))?;
        Some(self.hit(Matched::Network(network), detail))
    }

    /// Whether `addr` is on the safelist at `at`.
    #[must_use]
    pub fn is_safe(&self, addr: IpAddr, at: SystemTime) -> bool {
        self.safe.find(addr, |id| self.details.counts(id, at)).is_some()
    }

    /// The entry that blocks the user `subject` at `at`.
    #[must_use]
    pub fn blocked_user(&self, subject: &str, at: SystemTime) -> Option<Hit<'_>> {
        let (subject, detail) = self.users.get_key_value(subject)?;
        self.counting(*detail, at).map(|detail| self.hit(Matched::User(subject), detail))
    }

    /// The entry that blocks the token with this `digest` at `at`.
    #[must_use]
    pub fn blocked_token(&self, digest: &TokenDigest, at: SystemTime) -> Option<Hit<'_>> {
        let detail = self.counting(*self.tokens.get(digest)?, at)?;
        Some(self.hit(Matched::Token(*digest), detail))
    }

    /// The entry that blocks `country` at `at`.
    #[must_use]
    pub fn blocked_country(&self, country: Country, at: SystemTime) -> Option<Hit<'_>> {
        let detail = self.counting(*self.countries.get(&country)?, at)?;
        Some(self.hit(Matched::Country(country), detail))
    }

    /// How many entries there are, expired ones included.
    #[must_use]
    pub fn counts(&self) -> EntryCounts {
        EntryCounts {
            addresses: self.blocked.len(),
            users: self.users.len(),
            tokens: self.tokens.len(),
            countries: self.countries.len(),
            safe_addresses: self.safe.len(),
        }
    }

    pub(crate) fn blocks_ips(&self) -> bool {
        self.blocked.len() > 0
    }

    pub(crate) fn blocks_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    fn counting(&self, detail: DetailId, at: SystemTime) -> Option<DetailId> {
        self.details.counts(detail, at).then_some(detail)
    }

    fn hit<'a>(&'a self, matched: Matched<'a>, detail: DetailId) -> Hit<'a> {
        Hit { matched, reason: self.details.reason(detail) }
    }
}

/// Shows how many entries there are, not which: some of them are tokens.
impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocklist").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

// === impl Hit ===

impl<'a> Hit<'a> {
    /// Why the entry stands in the list.
    #[must_use]
    pub fn reason(&self) -> Option<&'a str> {
        self.reason
    }
}

impl fmt::Display for Hit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.matched {
            Matched::Network(network) => network.fmt(f)?,
            Matched::User(subject) => f.write_str(subject)?,
            Matched::Token(digest) => write!(f, "sha256:{digest}")?,
            Matched::Country(country) => country.fmt(f)?,
        }
        self.reason.map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}
