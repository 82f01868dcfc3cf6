//! What is protected, and the refusals of bearer tokens in its name (RFC 6750 section 3).

use http::{HeaderValue, header};

use crate::{Code, ConfigError, Rejection, RejectionKind, ViolationKind};

const CREDENTIALS_REQUIRED: Code = Code::new("credentials-required", "A credential is required");
const AMBIGUOUS: Code =
    Code::new("ambiguous-credentials", "More than one credential was presented");
const INSUFFICIENT_SCOPE: Code =
    Code::new("insufficient-scope", "The scope this needs is not yours");

/// The longest name.
const LONGEST: usize = 128;

/// The name of what is protected, as challenges tell it to clients. Default: `api`. Whoever refuses bearer tokens refuses
/// them in its name, in one manner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Realm {
    /// The challenge that asks for a credential. Every other one begins with it.
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
        let challenge = HeaderValue::from_str(&format!("Bearer realm=\"{name}\"")).ok();
        challenge
            .filter(|_| (1..=LONGEST).contains(&name.len()) && is_quotable(name))
            .map(|bare| Self { bare })
            .ok_or_else(|| {
                ConfigError::new("realm", name)
                    .expected("1 to 128 printable ASCII characters without quotes and backslashes")
            })
    }

    /// 401 `credentials-required`: no credential, and one is needed. No `error` attribute: the client did nothing wrong.
    #[must_use]
    pub fn credentials_required(&self) -> Rejection {
        Rejection::new(RejectionKind::Unauthenticated, CREDENTIALS_REQUIRED)
            .header(header::WWW_AUTHENTICATE, self.bare.clone())
    }

    /// 400 `ambiguous-credentials`: more than one credential.
    #[must_use]
    pub fn ambiguous_credentials(&self) -> Rejection {
        let challenge = self.challenge("invalid_request", AMBIGUOUS.title(), None);
        Rejection::new(RejectionKind::Malformed, AMBIGUOUS)
            .header(header::WWW_AUTHENTICATE, challenge)
    }

    /// 401: a credential that does not count, which is a violation. The title of `code` is all that the client reads of it;
    /// what it holds beyond the characters that RFC 6750 allows leaves the challenge bare.
    #[must_use]
    pub fn invalid_token(&self, code: Code) -> Rejection {
        let challenge = self.challenge("invalid_token", code.title(), None);
        Rejection::new(RejectionKind::Unauthenticated, code)
            .header(header::WWW_AUTHENTICATE, challenge)
            .violation(ViolationKind::AuthFailure)
    }

    /// 403 `insufficient-scope`: known, and without all of `scopes`, which the challenge names.
    #[must_use]
    pub fn insufficient_scope<S: AsRef<str>>(&self, scopes: &[S]) -> Rejection {
        let scopes: Vec<&str> = scopes.iter().map(AsRef::as_ref).collect();
        let (title, scopes) = (INSUFFICIENT_SCOPE.title(), scopes.join(" "));
        let challenge = self.challenge("insufficient_scope", title, Some(&scopes));
        Rejection::new(RejectionKind::Forbidden, INSUFFICIENT_SCOPE)
            .header(header::WWW_AUTHENTICATE, challenge)
    }

    /// Nothing that a client sent may come here.
    fn challenge(&self, error: &str, description: &str, scopes: Option<&str>) -> HeaderValue {
        let bare = self.bare.to_str().unwrap_or_default();
        let mut text = format!("{bare}, error=\"{error}\", error_description=\"{description}\"");
        if let Some(scopes) = scopes {
            text.push_str(", scope=\"");
            text.push_str(scopes);
            text.push('"');
        }
        HeaderValue::try_from(text)
            .ok()
            .filter(|_| is_quotable(description) && scopes.is_none_or(is_quotable))
            .unwrap_or_else(|| self.bare.clone())
    }
}

/// Whether `text` may stand between quotes in a challenge (RFC 6750 section 3).
fn is_quotable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

impl Default for Realm {
    fn default() -> Self {
        Self { bare: HeaderValue::from_static("Bearer realm=\"api\"") }
    }
}
