//! The rows J1 to J17 of the adversarial list, each as a law that a judge keeps or breaks: ours keeps all, and every broken one
//! of `broken.rs` is found out.

pub(crate) mod keys;
pub(crate) mod memory;
pub(crate) mod requests;
pub(crate) mod tokens;

use std::fmt::{Debug, Display};

use palisade_authn_jwt::{Issuer, Keys, Verifier};
use palisade_core::ConfigError;

use crate::fixture::{ISSUER, SECRET, secret_jwk};

/// What a judge gets wrong.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Findings(Vec<String>);

/// An issuer, as an operator writes down that it is trusted. A judge is told nothing else.
#[derive(Clone)]
pub(crate) struct Trust {
    /// What its tokens say in `iss`; nothing, if they may say anything.
    pub(crate) name: Option<&'static str>,
    /// The file with its keys: a public RSA key in PEM, or JSON Web Keys.
    pub(crate) keys: String,
    pub(crate) audience: Audience,
    /// The one type that its tokens must have.
    pub(crate) typ: Option<&'static str>,
}

/// Whom tokens must be meant for.
#[derive(Clone, Copy)]
pub(crate) enum Audience {
    Unsaid,
    Any,
    Only(&'static str),
}

// === impl Findings ===

impl Findings {
    /// Notes what a judge says, if it is not what is right.
    pub(crate) fn check<T: Debug + PartialEq>(&mut self, what: impl Display, says: T, right: T) {
        if says != right {
            self.0.push(format!("{what}: {says:?}, not {right:?}"));
        }
    }
}

// === impl Trust ===

impl Trust {
    /// The tests' issuer, whose tokens are meant for `api`, with the keys of this file.
    pub(crate) fn by(keys: impl ToString) -> Self {
        let (name, audience) = (Some(ISSUER), Audience::Only("api"));
        Self { name, keys: keys.to_string(), audience, typ: None }
    }

    /// The same, with the tests' secret.
    pub(crate) fn usual() -> Self {
        Self::by(secret_jwk(SECRET))
    }

    fn issuer(&self) -> Result<Issuer, ConfigError> {
        let keys = keys_of(&self.keys)?;
        let issuer = match self.name {
            Some(name) => Issuer::new(name, keys),
            None => Issuer::any_name(keys),
        };
        let issuer = match self.audience {
            Audience::Unsaid => issuer,
            Audience::Any => issuer.accept_any_audience(),
            Audience::Only(audience) => issuer.audience(audience),
        };
        Ok(match self.typ {
            Some(typ) => issuer.require_type(typ),
            None => issuer,
        })
    }
}

/// Our verifier, if these can be trusted.
pub(crate) fn verifier_of(trusted: &[Trust]) -> Result<Verifier, ConfigError> {
    let mut builder = Verifier::builder();
    for trust in trusted {
        builder = builder.issuer(trust.issuer()?);
    }
    builder.build()
}

/// The keys of a file.
pub(crate) fn keys_of(file: &str) -> Result<Keys, ConfigError> {
    let is_pem = file.starts_with("-----BEGIN");
    if is_pem { Keys::rsa_pem(file) } else { Keys::jwks_json_with_secrets(file) }
}
