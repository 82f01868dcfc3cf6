//! Why a token was refused, or cannot be judged.

use std::fmt;

use palisade_core::Code;

/// Why a token was refused: which check found it. Or why nobody can judge it now. It never holds a part of the token.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than the limit.
    TooLong,
    /// No compact JWS: characters, parts, base64, JSON, a claim of the wrong type, encrypted, or content left out.
    Malformed,
    /// `crit` or `b64`: extensions we do not implement must not be ignored (RFC 7515 section 4.1.11).
    Critical,
    /// Another algorithm than the key's; `none` too.
    Algorithm,
    /// A `typ` that is not accepted, or an ID token.
    Type,
    /// No key of this name.
    UnknownKey,
    /// The signature is not the key's.
    Signature,
    /// `exp` has come.
    Expired,
    /// `nbf` or `iat` has not come.
    NotYetValid,
    /// Not from an issuer we trust.
    Issuer,
    /// Not meant for us.
    Audience,
    /// No `sub` that could name anyone.
    Subject,
    /// The issuer was asked, and does not accept it.
    Rejected,
    /// Not known to be bad: the keys of its issuer did not come yet.
    KeysUnavailable,
    /// Not known to be bad: the client brought too many tokens that are, and nothing is computed for it.
    TooManyFailures,
    /// Not known to be bad: its issuer, which must be asked about it, was not asked or does not answer.
    AuthUnavailable,
}

// === impl TokenError ===

impl TokenError {
    /// The stable code: `invalid-token.` and the check; `keys-unavailable` or `auth-unavailable` if nobody can judge, and
    /// `quota-exceeded.invalid-tokens` if nobody did.
    #[must_use]
    pub const fn code(self) -> Code {
        let code = match self {
            Self::TooLong => "invalid-token.too-long",
            Self::Malformed => "invalid-token.malformed",
            Self::Critical => "invalid-token.critical",
            Self::Algorithm => "invalid-token.algorithm",
            Self::Type => "invalid-token.type",
            Self::UnknownKey => "invalid-token.unknown-key",
            Self::Signature => "invalid-token.signature",
            Self::Expired => "invalid-token.expired",
            Self::NotYetValid => "invalid-token.not-yet-valid",
            Self::Issuer => "invalid-token.issuer",
            Self::Audience => "invalid-token.audience",
            Self::Subject => "invalid-token.subject",
            Self::Rejected => "invalid-token.rejected",
            Self::KeysUnavailable => "keys-unavailable",
            Self::TooManyFailures => "quota-exceeded.invalid-tokens",
            Self::AuthUnavailable => "auth-unavailable",
        };
        Code::new(code, self.description())
    }

    /// A fixed sentence for the client, within the characters RFC 6750 section 3 allows in `error_description`.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::TooLong => "The token is too long",
            Self::Malformed => "The token is malformed",
            Self::Critical => "The token needs an extension that is not supported",
            Self::Algorithm => "The token is signed with an algorithm that is not accepted",
            Self::Type => "The token is of a type that is not accepted",
            Self::UnknownKey => "The token is signed with an unknown key",
            Self::Signature => "The signature of the token is not valid",
            Self::Expired => "The token has expired",
            Self::NotYetValid => "The token is not valid yet",
            Self::Issuer => "The issuer of the token is not trusted",
            Self::Audience => "The token is not meant for this service",
            Self::Subject => "The token names no subject",
            Self::Rejected => "The issuer does not accept the token",
            Self::KeysUnavailable => "The keys of the issuer are not available",
            Self::TooManyFailures => "Too many invalid tokens",
            Self::AuthUnavailable => "The issuer of the token does not answer",
        }
    }

    /// Whether nobody can judge the token now, and somebody may later.
    #[must_use]
    pub const fn is_unavailable(self) -> bool {
        matches!(self, Self::KeysUnavailable | Self::AuthUnavailable)
    }

    /// Whether the same token may be good later: in time, with a key that comes, or once somebody answers.
    pub(crate) fn may_heal(self) -> bool {
        matches!(self, Self::UnknownKey | Self::NotYetValid | Self::TooManyFailures)
            || self.is_unavailable()
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description())
    }
}

impl std::error::Error for TokenError {}
