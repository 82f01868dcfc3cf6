//! Signs tokens of one's own, for development and tests.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use palisade_core::{ConfigError, RequestId};
use serde_json::json;

use crate::{Issuer, Keys, algorithm::Algorithm, backend};

/// Signs tokens with a shared secret, for development and tests. Whoever holds the secret can be anyone: in production
/// tokens come from an identity provider.
pub struct DevIssuer {
    name: Box<str>,
    audience: Box<str>,
    key: EncodingKey,
    keys: Keys,
}

// === impl DevIssuer ===

impl DevIssuer {
    /// Signs as the issuer `palisade-dev`, for the audience `palisade`, by HS256 with a secret of at least 32 bytes.
    ///
    /// # Errors
    ///
    /// If the secret is shorter.
    pub fn hs256(secret: &[u8]) -> Result<Self, ConfigError> {
        Ok(Self {
            name: "palisade-dev".into(),
            audience: "palisade".into(),
            keys: Keys::hs256(secret)?,
            key: EncodingKey::from_secret(secret),
        })
    }

    /// Signs as the issuer `name`.
    #[must_use]
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Signs for `audience`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<Box<str>>) -> Self {
        self.audience = audience.into();
        self
    }

    /// The issuer to trust, so that a verifier accepts these tokens.
    pub fn issuer(&self) -> Issuer {
        Issuer::new(self.name.clone(), self.keys.clone()).audience(self.audience.clone())
    }

    /// Signs a token for `subject` that lives from `now` on for `life`.
    ///
    /// # Errors
    ///
    /// If the subject is empty or the token would not live for a second.
    pub fn token(
        &self,
        subject: &str,
        roles: &[&str],
        life: Duration,
        now: SystemTime,
    ) -> Result<String, ConfigError> {
        if subject.trim().is_empty() {
            return Err(ConfigError::new("subject", subject).expected("a name"));
        }
        let issued = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let expires = issued.saturating_add(life.as_secs());
        if expires == issued {
            return Err(ConfigError::new("life of a token", format!("{life:?}"))
                .expected("at least one second"));
        }
        let claims = json!({
            "iss": &*self.name,
            "aud": &*self.audience,
            "sub": subject,
            "roles": roles,
            "iat": issued,
            "exp": expires,
            // 128 random bits.
            "jti": RequestId::random().to_string(),
        });
        self.sign(&claims.to_string())
    }

    fn sign(&self, claims: &str) -> Result<String, ConfigError> {
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
        let signed = format!("{}.{}", encode(header), encode(claims));
        let algorithm = Algorithm::Hs256.engine();
        let signature = (backend::provider()?.signer_factory)(&algorithm, &self.key)
            .ok()
            .and_then(|signer| signer.try_sign(signed.as_bytes()).ok())
            .ok_or_else(|| ConfigError::new("secret for signing tokens", "this one"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for DevIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevIssuer").field("name", &self.name).finish_non_exhaustive()
    }
}
