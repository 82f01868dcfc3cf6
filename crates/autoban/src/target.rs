//! Who is banned or counted.

use std::{fmt, sync::Arc};

use palisade_core::{ConfigError, IpKey, SecurityContext, TokenDigest, ViolationKind};

/// The longest user id that is counted and banned by itself. Subjects come from issuers, who may be generous.
pub(crate) const LONGEST_USER_ID: usize = 256;

/// Under whom violations are counted.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Offender {
    Ip(IpKey),
    User(Arc<str>),
}

/// Whom a ban is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    Ip(IpKey),
    User(Arc<str>),
    Token(TokenDigest),
}

// === impl Offender ===

impl Offender {
    /// Who answers for a violation of `kind`: the user for what a proven user did, else the verified address. `None`
    /// if neither is known.
    pub(crate) fn of(context: &SecurityContext, kind: ViolationKind) -> Option<Self> {
        // A failed credential is nobody's but the address's: the user it names did not present it (threat L9).
        if kind == ViolationKind::RateLimit
            && let Some(identity) = context.identity()
            && is_user_id(identity.subject())
        {
            return Some(Self::User(identity.subject().into()));
        }
        context.client_ip().map(|client| Self::Ip(client.key()))
    }
}

impl From<Offender> for Target {
    fn from(offender: Offender) -> Self {
        match offender {
            Offender::Ip(key) => Self::Ip(key),
            Offender::User(subject) => Self::User(subject),
        }
    }
}

// === impl Target ===

impl Target {
    /// The name of its kind in logs and answers.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Ip(_) => "ip",
            Self::User(_) => "user",
            Self::Token(_) => "token",
        }
    }
}

/// Shows a token by its digest.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(key) => key.fmt(f),
            Self::User(subject) => f.write_str(subject),
            Self::Token(digest) => write!(f, "sha256:{digest}"),
        }
    }
}

/// Whether `text` can be a user's id here.
pub(crate) fn is_user_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_USER_ID
}

/// Reads `sha256:<hex>`, or digests a token in clear. The value is never part of the error.
pub(crate) fn token_digest(text: &str) -> Result<TokenDigest, ConfigError> {
    let wrong = |expected: &str| Err(ConfigError::new("token", "…").expected(expected));
    match text.strip_prefix("sha256:") {
        Some(hex) => TokenDigest::from_hex(hex)
            .map_or_else(|| wrong("64 hexadecimal digits behind `sha256:`"), Ok),
        None if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            wrong("visible ASCII characters, or `sha256:` and the token's digest")
        }
        None => Ok(TokenDigest::of(text)),
    }
}
