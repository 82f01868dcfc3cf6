//! Refusals of authentication, with the challenges of RFC 6750 section 3.

use http::{HeaderValue, header};
use palisade_core::{Code, ConfigError, Rejection, RejectionKind, ViolationKind};

use crate::TokenError;

const CREDENTIALS_REQUIRED: Code = Code::new("credentials-required", "A credential is required");
const AMBIGUOUS: Code =
    Code::new("ambiguous-credentials", "More than one credential was presented");
const WRONG_SCHEME: Code =
    Code::new("invalid-token.scheme", "The credential is not a usable bearer token");

/// The longest realm.
const LONGEST_REALM: usize = 128;

/// The name of what is protected, as challenges tell it to clients. Default: `api`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Realm {
    /// The challenge that asks for a credential.
    bare: HeaderValue,
}

// === impl Realm ===

impl Realm {
    /// Names what is protected.
    ///
    /// # Errors
    ///
    /// If the name is empty, longer than 128 bytes, or holds anything but printable ASCII without quotes and
    /// backslashes: then it could end the header or add an attribute to it.
    pub fn new(name: &str) -> Result<Self, ConfigError> {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let challenge = HeaderValue::from_str(&format!("Bearer realm=\"{name}\"")).ok();
        challenge
            .filter(|_| (1..=LONGEST_REALM).contains(&name.len()) && name.bytes().all(is_plain))
            .map(|bare| Self { bare })
            .ok_or_else(|| {
                ConfigError::new("realm", name)
                    .expected("1 to 128 printable ASCII characters without quotes and backslashes")
            })
    }

    /// 401: no credential, and one is needed. No `error` attribute: the client did nothing wrong.
    pub(crate) fn credentials_required(&self) -> Rejection {
        Rejection::new(RejectionKind::Unauthenticated, CREDENTIALS_REQUIRED)
            .header(header::WWW_AUTHENTICATE, self.bare.clone())
    }

    /// 401: a token that is not valid.
    pub(crate) fn invalid(&self, error: TokenError) -> Rejection {
        self.invalid_token(error.code(), error.description())
    }

    /// 401: a credential of another scheme, or one that does not parse.
    pub(crate) fn wrong_scheme(&self) -> Rejection {
        self.invalid_token(WRONG_SCHEME, WRONG_SCHEME.title())
    }

    /// 400: more than one credential.
    pub(crate) fn ambiguous(&self) -> Rejection {
        let challenge = self.with_error("invalid_request", AMBIGUOUS.title());
        Rejection::new(RejectionKind::Malformed, AMBIGUOUS)
            .header(header::WWW_AUTHENTICATE, challenge)
    }

    fn invalid_token(&self, code: Code, description: &'static str) -> Rejection {
        Rejection::new(RejectionKind::Unauthenticated, code)
            .header(header::WWW_AUTHENTICATE, self.with_error("invalid_token", description))
            .violation(ViolationKind::AuthFailure)
    }

    /// `description` comes from our tables alone: nothing a client sent is echoed.
    fn with_error(&self, error: &'static str, description: &'static str) -> HeaderValue {
        let bare = self.bare.to_str().unwrap_or_default();
        let text = format!("{bare}, error=\"{error}\", error_description=\"{description}\"");
        HeaderValue::from_str(&text).unwrap_or_else(|_| self.bare.clone())
    }
}

impl Default for Realm {
    fn default() -> Self {
        Self { bare: HeaderValue::from_static("Bearer realm=\"api\"") }
    }
}
