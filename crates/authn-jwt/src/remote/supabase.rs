//! A Supabase project as an issuer.

use palisade_core::ConfigError;

use super::{RemoteKeys, RemoteUser, endpoint::Schemes};
use crate::{Issuer, Keys};

/// A Supabase project as an issuer: its tokens say `<project>/auth/v1` in `iss` and `authenticated` in `aud`.
///
/// Whatever algorithm the project signs with (ES256, RS256, `EdDSA`), its key set names it. Projects that still sign with
/// their secret, or did lately, need [`legacy_secret`](Self::legacy_secret) beside it.
#[derive(Clone, Debug)]
#[must_use = "make an issuer of it"]
pub struct Supabase {
    /// Where its authentication is, which is its issuer's name too.
    auth: Box<str>,
    secret: Keys,
    schemes: Schemes,
}

// === impl Supabase ===

impl Supabase {
    /// The project at `url`, such as `https://abcdefghijklmnopqrst.supabase.co`.
    pub fn new(url: &str) -> Self {
        Self {
            auth: format!("{}/auth/v1", url.trim_end_matches('/')).into(),
            secret: Keys::default(),
            schemes: Schemes::Https,
        }
    }

    /// Accepts HS256 by the project's JWT secret too.
    ///
    /// # Errors
    ///
    /// If it is shorter than 32 bytes.
    pub fn legacy_secret(mut self, secret: &[u8]) -> Result<Self, ConfigError> {
        self.secret = Keys::hs256(secret)?;
        Ok(self)
    }

    /// Accepts a project without TLS, such as one on this machine: `supabase start`.
    pub fn dangerous_allow_http(mut self) -> Self {
        self.schemes = Schemes::HttpsAndHttp;
        self
    }

    /// Verifies tokens here, by the keys the project publishes. [`Verifier::fetch_keys`](crate::Verifier::fetch_keys)
    /// fetches them.
    pub fn issuer(&self) -> Issuer {
        let mut keys = RemoteKeys::jwks_url(format!("{}/.well-known/jwks.json", self.auth));
        keys.schemes = self.schemes;
        self.named(self.secret.clone()).remote_keys(keys)
    }

    /// Asks the project about each token, with its anon or publishable key: slower, and it knows who signed out. The secret
    /// is not used: then nobody would be asked.
    pub fn asked_issuer(&self, api_key: &str) -> Issuer {
        let mut user = RemoteUser::new(format!("{}/user", self.auth), api_key);
        user.schemes = self.schemes;
        self.named(Keys::default()).remote_user(user)
    }

    fn named(&self, keys: Keys) -> Issuer {
        Issuer::new(self.auth.clone(), keys).audience("authenticated")
    }
}
