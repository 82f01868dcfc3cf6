//! The keys an issuer signs with.

use std::{collections::HashMap, collections::hash_map::Entry};

use palisade_core::ConfigError;

use crate::{
    algorithm::Algorithm,
    backend,
    json::Json,
    jwk::{self, Jwk, Secrets},
    key::Key,
    pem,
};

/// The keys an issuer signs with. Each has one algorithm, and a token only ever names one of them by `kid`.
///
/// A token without `kid` takes the key without a name, or the only key there is. A `kid` that no key has takes the key
/// without a name, if there is one of the token's algorithm; else the token is refused.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    named: HashMap<Box<str>, Key>,
    unnamed: Option<Key>,
    skipped: usize,
}

// === impl Keys ===

impl Keys {
    /// A shared secret for HS256, of at least 32 bytes.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn hs256(secret: &[u8]) -> Result<Self, ConfigError> {
        Key::secret(Algorithm::Hs256, secret).map(Self::one)
    }

    /// A shared secret for HS384, of at least 48 bytes.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn hs384(secret: &[u8]) -> Result<Self, ConfigError> {
        Key::secret(Algorithm::Hs384, secret).map(Self::one)
    }

    /// A shared secret for HS512, of at least 64 bytes.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn hs512(secret: &[u8]) -> Result<Self, ConfigError> {
        Key::secret(Algorithm::Hs512, secret).map(Self::one)
    }

    /// An RSA public key in PEM, for RS256.
    ///
    /// # Errors
    ///
    /// If it is none, is private, or has less than 2048 or more than 4096 bits.
    pub fn rsa_pem(pem: &str) -> Result<Self, ConfigError> {
        pem::rsa(pem, Algorithm::Rs256).map(Self::one)
    }

    /// An RSA public key in PEM, for PS256.
    ///
    /// # Errors
    ///
    /// If it is none, is private, or has less than 2048 or more than 4096 bits.
    pub fn rsa_pss_pem(pem: &str) -> Result<Self, ConfigError> {
        pem::rsa(pem, Algorithm::Ps256).map(Self::one)
    }

    /// An EC public key in PEM: on P-256 for ES256, on P-384 for ES384.
    ///
    /// # Errors
    ///
    /// If it is none, is private, or lies on another curve.
    pub fn ec_pem(pem: &str) -> Result<Self, ConfigError> {
        pem::ec(pem).map(Self::one)
    }

    /// An Ed25519 public key in PEM, for tokens that say `Ed25519` (RFC 9864) or `EdDSA` (RFC 8037).
    ///
    /// # Errors
    ///
    /// If it is none, or is private.
    pub fn ed_pem(pem: &str) -> Result<Self, ConfigError> {
        pem::ed25519(pem).map(Self::one)
    }

    /// One public JSON Web Key. Its `alg` is the algorithm; without one, RSA is RS256 and a curve speaks for itself.
    ///
    /// # Errors
    ///
    /// If it is not a supported public key to sign with.
    pub fn jwk_json(text: &str) -> Result<Self, ConfigError> {
        Self::from_jwk(text, Secrets::Refused)
    }

    /// One JSON Web Key, which may be a shared secret that names its `alg`.
    ///
    /// # Errors
    ///
    /// If it is not a supported key to sign with.
    pub fn jwk_json_with_secrets(text: &str) -> Result<Self, ConfigError> {
        Self::from_jwk(text, Secrets::Allowed)
    }

    /// A set of public JSON Web Keys (RFC 7517 section 5): at most 64, in at most 256 KiB. Keys that are not
    /// understood, not public, or whose name is taken are [skipped](Self::skipped).
    ///
    /// # Errors
    ///
    /// If it is no set, too large, or has no usable key.
    pub fn jwks_json(text: &str) -> Result<Self, ConfigError> {
        Self::from_jwks(text, Secrets::Refused)
    }

    /// A set of JSON Web Keys, in which shared secrets that name their `alg` count too.
    ///
    /// # Errors
    ///
    /// If it is no set, too large, or has no usable key.
    pub fn jwks_json_with_secrets(text: &str) -> Result<Self, ConfigError> {
        Self::from_jwks(text, Secrets::Allowed)
    }

    /// Names the key without a name, so that only tokens with this `kid` take it.
    ///
    /// # Errors
    ///
    /// If there is no key without a name, or the name is empty, longer than 256 bytes or taken.
    pub fn named(mut self, kid: &str) -> Result<Self, ConfigError> {
        let mistake = || {
            ConfigError::new("name of a key", kid)
                .expected("a new name of 1 to 256 bytes, for one key without a name")
        };
        let key = self.unnamed.take().ok_or_else(mistake)?;
        let is_name = (1..=crate::compact::LONGEST_KID).contains(&kid.len());
        if !is_name || !self.add(Some(kid.into()), key) {
            return Err(mistake());
        }
        Ok(self)
    }

    /// Adds the keys of `other`, as while one key replaces another.
    ///
    /// # Errors
    ///
    /// If two keys have the same name, or both sets a key without one: nobody could say which is meant.
    pub fn and(mut self, other: Self) -> Result<Self, ConfigError> {
        let others = other.named.into_iter().map(|(kid, key)| (Some(kid), key));
        for (kid, key) in others.chain(other.unnamed.map(|key| (None, key))) {
            let name = kid.as_deref().unwrap_or("no name").to_owned();
            if !self.add(kid, key) {
                return Err(ConfigError::new("name of a second key", name)
                    .expected("keys with different names, at most one of them without"));
            }
        }
        self.skipped = self.skipped.saturating_add(other.skipped);
        Ok(self)
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.named.len().saturating_add(usize::from(self.unnamed.is_some()))
    }

    /// Whether there is no key; only [`Keys::default`] is empty, and no token passes it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys of the sets this was made of were skipped. Worth a warning where it is read.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Finds the key for a token by a look-up, whatever the name holds.
    ///
    /// A name that no key has may be the name of a key that is not here, so the key without a name answers for it only
    /// where it could have signed.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let unnamed = self.unnamed.as_ref();
        match kid {
            Some(kid) => self.named.get(kid).or(unnamed.filter(|key| key.algorithm() == algorithm)),
            None => self.named.values().next().filter(|_| self.len() == 1).or(unnamed),
        }
    }

    /// Whether a key has this name. Without a name, none is meant.
    #[cfg(feature = "remote")]
    pub(crate) fn has_named(&self, kid: Option<&str>) -> bool {
        kid.is_some_and(|kid| self.named.contains_key(kid))
    }

    /// Adds those of `others` whose name, or the place of the one without, is free. The rest is skipped.
    #[cfg(feature = "remote")]
    pub(crate) fn fill(mut self, others: Self) -> Self {
        self.skipped = self.skipped.saturating_add(others.skipped);
        let named = others.named.into_iter().map(|(kid, key)| (Some(kid), key));
        for (kid, key) in named.chain(others.unnamed.map(|key| (None, key))) {
            let is_added = self.add(kid, key);
            self.skipped = self.skipped.saturating_add(usize::from(!is_added));
        }
        self
    }

    fn one(key: Key) -> Self {
        Self { unnamed: Some(key), ..Self::default() }
    }

    /// Adds a key unless its name, or the place of the one without, is taken.
    fn add(&mut self, kid: Option<Box<str>>, key: Key) -> bool {
        match kid.map(|kid| self.named.entry(kid)) {
            Some(Entry::Vacant(place)) => {
                place.insert(key);
                true
            }
            None if self.unnamed.is_none() => {
                self.unnamed = Some(key);
                true
            }
            _ => false,
        }
    }

    fn from_jwk(text: &str, secrets: Secrets) -> Result<Self, ConfigError> {
        let mistake = |expected| ConfigError::new("JSON Web Key", "this text").expected(expected);
        let members = members(text, mistake)?;
        let [member] = members.as_slice() else { return Err(mistake("one key")) };
        let (kid, key) = Jwk::parse(member, secrets).and_then(Jwk::into_key).map_err(mistake)?;
        let mut keys = Self::default();
        keys.add(kid, key);
        Ok(keys)
    }

    fn from_jwks(text: &str, secrets: Secrets) -> Result<Self, ConfigError> {
        let mistake =
            |expected| ConfigError::new("JSON Web Key Set", "this text").expected(expected);
        let mut keys = Self::default();
        for member in members(text, mistake)? {
            let is_added = Jwk::parse(&member, secrets)
                .and_then(Jwk::into_key)
                .is_ok_and(|(kid, key)| keys.add(kid, key));
            keys.skipped = keys.skipped.saturating_add(usize::from(!is_added));
        }
        if keys.is_empty() { Err(mistake("at least one usable key")) } else { Ok(keys) }
    }
}

fn members(
    text: &str,
    mistake: impl FnOnce(&'static str) -> ConfigError,
) -> Result<Vec<Json<'_>>, ConfigError> {
    backend::provider()?;
    jwk::members(text).map_err(mistake)
}
