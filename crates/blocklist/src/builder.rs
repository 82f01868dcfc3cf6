//! Collects entries, checks each, and compiles them into a list.

use std::{collections::HashMap, hash::Hash};

use palisade_core::{ConfigError, Country, KeyedHash, TokenDigest};

use crate::{
    Blocklist, BlocklistError, Entry,
    detail::{Detail, DetailId, DetailsBuilder},
    entry::Line,
    network::Network,
    networks::NetworkDrafts,
    plain_list,
    users::{NamedUser, Users},
};

/// What an entry names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Subject {
    Address,
    User,
    Token,
    Country,
    SafeAddress,
}

/// Collects the entries of a [`Blocklist`]. Made by [`Blocklist::builder`].
#[derive(Debug, Default)]
pub struct BlocklistBuilder {
    blocked: NetworkDrafts,
    safe: NetworkDrafts,
    users: Users,
    tokens: HashMap<TokenDigest, DetailId, KeyedHash>,
    countries: HashMap<Country, DetailId, KeyedHash>,
    details: DetailsBuilder,
    mistake: Option<ConfigError>,
}

// === impl BlocklistBuilder ===

impl BlocklistBuilder {
    /// Blocks an address or a network.
    #[must_use]
    pub fn block_ip(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::Address, &entry.into())
    }

    /// Blocks a user by the subject of the identity, byte for byte; [`Entry::issuer`] says whose subject.
    #[must_use]
    pub fn block_user(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::User, &entry.into())
    }

    /// Blocks a token: `sha256:` and the hexadecimal digest of it, or the token itself.
    #[must_use]
    pub fn block_token(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::Token, &entry.into())
    }

    /// Blocks a country by the two letters of ISO 3166-1.
    #[must_use]
    pub fn block_country(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::Country, &entry.into())
    }

    /// Exempts an address or a network from every check of this list.
    #[must_use]
    pub fn safe_ip(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::SafeAddress, &entry.into())
    }

    /// Blocks every network of a [plain list](crate#plain-lists). `source` names the text: in messages, and as the reason of
    /// each of its entries.
    ///
    /// # Errors
    ///
    /// The first line that is not one address or network, with its place.
    pub fn import(mut self, text: impl AsRef<[u8]>, source: &str) -> Result<Self, BlocklistError> {
        self.import_as(text.as_ref(), source, source)?;
        Ok(self)
    }

    /// Compiles the list.
    ///
    /// # Errors
    ///
    /// The first entry that is not what its method takes. A token's value is never part of the message.
    pub fn build(self) -> Result<Blocklist, ConfigError> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let details = self.details.build();
        Ok(Blocklist {
            blocked: self.blocked.build(&details),
            safe: self.safe.build(&details),
            users: self.users,
            tokens: self.tokens,
            countries: self.countries,
            details,
        })
    }

    /// Imports a plain list that is called `source` in messages and `reason` in the log.
    pub(crate) fn import_as(
        &mut self,
        text: &[u8],
        source: &str,
        reason: &str,
    ) -> Result<(), BlocklistError> {
        let detail = self.details.add(Detail { reason: Some(reason.into()), expires: None });
        plain_list::read(text, source, |network| self.blocked.push(network, detail))
    }

    pub(crate) fn add(&mut self, subject: Subject, line: Line<'_>) -> Result<(), ConfigError> {
        match subject {
            Subject::Address | Subject::SafeAddress => {
                let network = Network::parse(line.value)?;
                let network = if line.wide { network } else { network.refuse_wide()? };
                let detail = self.detail(line);
                let list =
                    if subject == Subject::Address { &mut self.blocked } else { &mut self.safe };
                list.push(network, detail);
            }
            Subject::User => {
                let user = user(line)?;
                let detail = self.detail(line);
                self.users.insert(user, detail, &self.details);
            }
            Subject::Token => {
                let (token, detail) = (token(line.value)?, self.detail(line));
                insert(&mut self.tokens, token, detail, &self.details);
            }
            Subject::Country => {
                let (country, detail) = (country(line.value)?, self.detail(line));
                insert(&mut self.countries, country, detail, &self.details);
            }
        }
        Ok(())
    }

    fn detail(&mut self, line: Line<'_>) -> DetailId {
        if line.reason.is_none() && line.expires.is_none() {
            return DetailId::NONE;
        }
        self.details.add(Detail { reason: line.reason.map(Into::into), expires: line.expires })
    }

    fn with(mut self, subject: Subject, entry: &Entry) -> Self {
        let line = entry.line();
        let added = match line.issuer {
            Some(issuer) if subject != Subject::User => {
                Err(ConfigError::new("issuer", shown(issuer))
                    .expected("none: only the entry of a user has one"))
            }
            _ => self.add(subject, line),
        };
        if let Err(mistake) = added {
            self.mistake.get_or_insert(mistake);
        }
        self
    }
}

/// Of two entries for the same thing the longer one holds: a second line must not shorten a block.
fn insert<K: Eq + Hash>(
    map: &mut HashMap<K, DetailId, KeyedHash>,
    key: K,
    new: DetailId,
    details: &DetailsBuilder,
) {
    let known = map.entry(key).or_insert(new);
    *known = details.longer(*known, new);
}

/// Spaces around an id are a typo that would block nobody.
fn user(line: Line<'_>) -> Result<NamedUser<'_>, ConfigError> {
    let is_plain = |text: &str| !text.is_empty() && text.trim() == text;
    if !is_plain(line.value) {
        return Err(ConfigError::new("user id", shown(line.value))
            .expected("an id without spaces around it"));
    }
    if let Some(issuer) = line.issuer.filter(|issuer| !is_plain(issuer)) {
        return Err(ConfigError::new("issuer", shown(issuer))
            .expected("the `iss` of the user's tokens, without spaces around it"));
    }
    Ok(NamedUser { subject: line.value, issuer: line.issuer })
}

/// A long value may be a token in the wrong list: it is not repeated.
fn shown(value: &str) -> &str {
    if value.len() > 50 { "…" } else { value }
}

/// What is no country may be a token in the wrong list: a long one is not repeated.
fn country(value: &str) -> Result<Country, ConfigError> {
    if value.len() > 20 { "…" } else { value }.parse()
}

/// A token that no request can present would block nobody.
fn token(value: &str) -> Result<TokenDigest, ConfigError> {
    let wrong = |expected: &str| Err(ConfigError::new("token", "…").expected(expected));
    if let Some(hex) = value.strip_prefix("sha256:") {
        return TokenDigest::from_hex(hex)
            .map_or_else(|| wrong("64 hexadecimal digits behind `sha256:`"), Ok);
    }
    if value.split(' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")) {
        return wrong("the token alone, without `Bearer`");
    }
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return wrong("visible ASCII characters, or `sha256:` and the token's digest");
    }
    Ok(TokenDigest::of(value))
}
