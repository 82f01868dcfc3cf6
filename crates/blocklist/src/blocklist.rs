//! The compiled list: who is blocked, at a moment in time.

use std::{collections::HashMap, fmt, net::IpAddr, time::SystemTime};

use palisade_core::{Country, Identity, KeyedHash, TokenDigest};

use crate::{
    BlocklistBuilder, BlocklistError, EntryCounts, Hit,
    detail::{DetailId, Details},
    file_format,
    hit::Matched,
    networks::Networks,
    users::Users,
};

/// A compiled list of who is blocked. It is built as a whole, by [`parse`](Self::parse), [`parse_plain`](Self::parse_plain)
/// or [`builder`](Self::builder), and then only read.
///
/// An address is found by one search, whatever it is, and by one more for each network that ended or does not hold it but lies
/// in others. A million IPv4 networks take 6 MiB, a million IPv6 networks 18 MiB; those that have a reason or an end, one to
/// four bytes more each.
#[derive(Default)]
pub struct Blocklist {
    pub(crate) blocked: Networks,
    pub(crate) safe: Networks,
    pub(crate) users: Users,
    pub(crate) tokens: HashMap<TokenDigest, DetailId, KeyedHash>,
    pub(crate) countries: HashMap<Country, DetailId, KeyedHash>,
    pub(crate) details: Details,
}

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
    /// The first mistake, with the line and column where reading stopped. One of them is `includes`: only a
    /// [`BlocklistFile`](crate::BlocklistFile) knows the folder that those are in.
    pub fn parse(json: impl AsRef<[u8]>, source: &str) -> Result<Self, BlocklistError> {
        let mut builder = Self::builder();
        file_format::read(json.as_ref(), source, &mut builder, None)?;
        builder.build().map_err(|error| BlocklistError::new(source, error.to_string()))
    }

    /// Reads a [plain list](crate#plain-lists), one address or network a line. `source` names the text: in messages, and as
    /// the reason of each entry.
    ///
    /// # Errors
    ///
    /// The first line that is not one address or network, with its place.
    pub fn parse_plain(text: impl AsRef<[u8]>, source: &str) -> Result<Self, BlocklistError> {
        let list = Self::builder().import(text, source)?.build();
        list.map_err(|error| BlocklistError::new(source, error.to_string()))
    }

    /// The most specific network that blocks `addr` at `at`. The safelist is not asked, see [`safe_ip`](Self::safe_ip).
    #[must_use]
    pub fn blocked_ip(&self, addr: IpAddr, at: SystemTime) -> Option<Hit<'_>> {
        let (network, detail) = self.blocked.find(addr, &self.details, at)?;
        Some(self.hit(Matched::Network(network), detail))
    }

    /// The most specific network of the safelist that holds `addr` at `at`.
    #[must_use]
    pub fn safe_ip(&self, addr: IpAddr, at: SystemTime) -> Option<Hit<'_>> {
        let (network, detail) = self.safe.find(addr, &self.details, at)?;
        Some(self.hit(Matched::Network(network), detail))
    }

    /// Whether `addr` is on the safelist at `at`.
    #[must_use]
    pub fn is_safe(&self, addr: IpAddr, at: SystemTime) -> bool {
        self.safe.find(addr, &self.details, at).is_some()
    }

    /// The entry that blocks the user `who` at `at`: the one for his issuer alone, else the one for every issuer.
    #[must_use]
    pub fn blocked_user(&self, who: &Identity, at: SystemTime) -> Option<Hit<'_>> {
        let mut entries = self.users.find(who.subject(), who.issuer());
        let (user, detail) = entries.find(|(_, detail)| self.details.counts(*detail, at))?;
        Some(self.hit(Matched::User(user), detail))
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

    /// How many entries there are, expired ones included. What stands there twice is one.
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

    /// Whether any country is blocked at `at`.
    #[must_use]
    pub fn blocks_countries(&self, at: SystemTime) -> bool {
        self.countries.values().any(|detail| self.details.counts(*detail, at))
    }

    fn counting(&self, detail: DetailId, at: SystemTime) -> Option<DetailId> {
        self.details.counts(detail, at).then_some(detail)
    }

    fn hit<'a>(&'a self, matched: Matched<'a>, detail: DetailId) -> Hit<'a> {
        Hit::new(matched, self.details.reason(detail))
    }
}

/// Shows how many entries there are, not which: some of them are tokens.
impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocklist").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
