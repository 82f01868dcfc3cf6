//! Collects entries, checks each, and compiles them into a list.

use std::{collections::HashMap, hash::Hash};

use palisade_core::{ConfigError, Country, TokenDigest};

use crate::{
    Blocklist, Entry,
    detail::{Detail, DetailId, Details},
    network::Network,
    networks::Networks,
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
    blocked: Vec<(Network, DetailId)>,
    safe: Vec<(Network, DetailId)>,
    users: HashMap<Box<str>, DetailId>,
    tokens: HashMap<TokenDigest, DetailId>,
    countries: HashMap<Country, DetailId>,
    details: Details,
    mistake: Option<ConfigError>,
}

// === impl BlocklistBuilder ===

impl BlocklistBuilder {
    /// Blocks an address or a network.
    #[must_use]
    pub fn block_ip(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::Address, entry.into())
    }

    /// Blocks a user by the subject of the identity, byte for byte.
    #[must_use]
    pub fn block_user(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::User, entry.into())
    }

    /// Blocks a token: `sha256:` and the hexadecimal digest of it, or the token itself.
    #[must_use]
    pub fn block_token(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::Token, entry.into())
    }

    /// Blocks a country by the two letters of ISO 3166-1.
    #[must_use]
    pub fn block_country(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::Country, entry.into())
    }

    /// Exempts an address or a network from every check of this list.
    #[must_use]
    pub fn safe_ip(self, entry: impl Into<Entry>) -> Self {
        self.with(Subject::SafeAddress, entry.into())
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
        Ok(Blocklist {
            blocked: Networks::build(self.blocked),
            safe: Networks::build(self.safe),
            users: self.users,
            tokens: self.tokens,
            countries: self.countries,
            details: self.details,
        })
    }

    pub(crate) fn add(&mut self, subject: Subject, entry: Entry) -> Result<(), ConfigError> {
        let Entry { value, reason, expires, wide } = entry;
        let detail = Detail { reason, expires };
        match subject {
            Subject::Address | Subject::SafeAddress => {
                let network = Network::parse(&value)?;
                let network = if wide { network } else { network.refuse_wide()? };
                let detail = self.details.add(detail);
                let list =
                    if subject == Subject::Address { &mut self.blocked } else { &mut self.safe };
                list.push((network, detail));
            }
            Subject::User => insert(&mut self.users, user(value)?, &mut self.details, detail),
            Subject::Token => insert(&mut self.tokens, token(&value)?, &mut self.details, detail),
            Subject::Country => {
                insert(&mut self.countries, country(&value)?, &mut self.details, detail);
            }
        }
        Ok(())
    }

    fn with(mut self, subject: Subject, entry: Entry) -> Self {
        if let Err(mistake) = self.add(subject, entry) {
            self.mistake.get_or_insert(mistake);
        }
        self
    }
}

/// Of two entries for the same thing the longer one holds: a second line must not shorten a block.
fn insert<K: Eq + Hash>(
    map: &mut HashMap<K, DetailId>,
    key: K,
    details: &mut Details,
    detail: Detail,
) {
    let new = details.add(detail);
    map.entry(key).and_modify(|known| *known = details.longer(*known, new)).or_insert(new);
}

/// Spaces around an id are a typo that would block nobody.
fn user(value: Box<str>) -> Result<Box<str>, ConfigError> {
    if value.is_empty() || value.trim() != &*value {
        return Err(ConfigError::new("user id", value).expected("an id without spaces around it"));
    }
    Ok(value)
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
