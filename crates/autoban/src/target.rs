//! Who is banned or counted.

use std::{fmt, sync::Arc};

use palisade_core::{
    ClientIpSource, ConfigError, Identity, IpKey, Presented, SecurityContext, TokenDigest,
    ViolationKind,
};

/// The longest user id that is counted and banned by itself, and the longest name of an issuer. Subjects come from
/// issuers, who may be generous.
const LONGEST_USER_ID: usize = 256;

/// Whom a ban is for.
///
/// As JSON it is `{"kind":"ip","value":"203.0.113.9"}`, `{"kind":"user","value":"alice","issuer":"https://id.example"}`
/// without an issuer for those of all, or `{"kind":"token","value":"sha256:…"}`. Anything else is an error when it is read.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum BanTarget {
    /// An address, or an IPv6 network.
    Ip(IpKey),
    /// A user.
    User(BannedUser),
    /// A token, by its digest.
    Token(TokenDigest),
}

/// A user as a ban names him.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct BannedUser {
    /// Who vouches for the subject; if there is none, the ban is for the subject of every issuer. The empty text stands
    /// for identities that name no issuer, such as those of API keys.
    pub issuer: Option<Arc<str>>,
    /// The subject, byte for byte.
    pub subject: Arc<str>,
}

// === impl BanTarget ===

impl BanTarget {
    /// An address or an IPv6 network of 48 to 128 bits.
    ///
    /// # Errors
    ///
    /// If the text is neither.
    pub fn ip(text: &str) -> Result<Self, ConfigError> {
        text.parse().map(Self::Ip).map_err(|_| {
            let expected = "an address (`203.0.113.9`) or an IPv6 network of 48 to 128 bits (`2001:db8:1:2::/64`)";
            ConfigError::new("address", text).expected(expected)
        })
    }

    /// A user by the subject of the identity, whoever vouches for it.
    ///
    /// # Errors
    ///
    /// If the id is empty or longer than 256 bytes.
    pub fn user(subject: &str) -> Result<Self, ConfigError> {
        Self::named(None, subject)
    }

    /// A user by issuer and subject; an empty issuer stands for identities without one.
    ///
    /// # Errors
    ///
    /// If the id is empty, or one of the two is longer than 256 bytes.
    pub fn user_of(issuer: &str, subject: &str) -> Result<Self, ConfigError> {
        Self::named(Some(issuer), subject)
    }

    /// A token, given in clear or as `sha256:<hex>`. Its digest alone is kept.
    ///
    /// # Errors
    ///
    /// If no request can present such a token. The error does not repeat it.
    pub fn token(text: &str) -> Result<Self, ConfigError> {
        token_digest(text).map(Self::Token)
    }

    pub(crate) fn named(issuer: Option<&str>, subject: &str) -> Result<Self, ConfigError> {
        let wrong = |what, value| {
            let expected = format!("1 to {LONGEST_USER_ID} bytes");
            ConfigError::new(what, value).expected(expected)
        };
        if !is_user_id(subject) {
            return Err(wrong("user id", cut(subject)));
        }
        if let Some(issuer) = issuer.filter(|issuer| issuer.len() > LONGEST_USER_ID) {
            return Err(wrong("issuer", cut(issuer)));
        }
        Ok(Self::User(BannedUser::new(issuer, subject)))
    }

    /// Its kind in logs, files and answers: `ip`, `user` or `token`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Ip(_) => "ip",
            Self::User(_) => "user",
            Self::Token(_) => "token",
        }
    }

    /// Who vouches for the user, where the ban is for the subject of one issuer.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        if let Self::User(user) = self { user.issuer.as_deref() } else { None }
    }
}

/// Shows a token by its digest, and a user by the subject alone.
impl fmt::Display for BanTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(key) => key.fmt(f),
            Self::User(user) => f.write_str(&user.subject),
            Self::Token(digest) => write!(f, "sha256:{digest}"),
        }
    }
}

// === impl BannedUser ===

impl BannedUser {
    /// The subject of an issuer, or of every one.
    pub fn new(issuer: Option<&str>, subject: &str) -> Self {
        Self { issuer: issuer.map(Into::into), subject: subject.into() }
    }

    /// The one who was proven, if his names are short enough to be kept.
    fn proven(identity: &Identity) -> Option<Self> {
        let issuer = identity.issuer().unwrap_or_default();
        (is_user_id(identity.subject()) && issuer.len() <= LONGEST_USER_ID)
            .then(|| Self::new(Some(issuer), identity.subject()))
    }
}

/// Who answers for a violation of `kind`; nobody if nobody is known.
///
/// - A used-up quota: the user who was proven, else the verified address.
/// - A failed credential: the address. The user or token it names did not send it (threats L9, P15).
/// - A suspicious request: the address; if a credential was proven beside it, its token too, for whoever holds it misuses
///   it from whatever address. To have a token banned one has to hold it.
pub(crate) fn offenders(
    context: &SecurityContext,
    kind: ViolationKind,
) -> impl Iterator<Item = BanTarget> {
    let user = match kind {
        ViolationKind::RateLimit => context.identity().and_then(BannedUser::proven),
        _ => None,
    };
    let token = match kind {
        ViolationKind::Suspicious => bearer(context),
        _ => None,
    };
    let first = match user {
        Some(user) => Some(BanTarget::User(user)),
        None => address(context),
    };
    first.into_iter().chain(token)
}

/// The address, unless nobody vouches for it: where the header of a trusted proxy made no sense, it is the proxy's.
fn address(context: &SecurityContext) -> Option<BanTarget> {
    let client = context.client_ip()?;
    (client.source() != ClientIpSource::PeerAfterJunk).then(|| BanTarget::Ip(client.key()))
}

/// The token by which the request was proven to be somebody's.
pub(crate) fn bearer(context: &SecurityContext) -> Option<BanTarget> {
    context.identity()?;
    let credential = context.presented().and_then(Presented::one)?;
    Some(BanTarget::Token(credential.token().common_digest()))
}

/// Whether `text` can be a user's id here.
fn is_user_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_USER_ID
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_USER_ID).collect()
}

/// Reads `sha256:<hex>`, or digests a token in clear. The value is never part of the error.
fn token_digest(text: &str) -> Result<TokenDigest, ConfigError> {
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
