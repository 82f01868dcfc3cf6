//! The credential a request presents, found once, before anyone judges it.

mod token_twin;

use std::{fmt, sync::OnceLock};

use http::{HeaderMap, HeaderName, HeaderValue, header, request};
use sha2::{Digest, Sha256};

use crate::{Route, RouteTag, header::lines};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What a request presents to say who it is from.
///
/// Found once per request, so that blocklist, bans and authentication judge the same value: a bearer token of
/// `Authorization` (RFC 6750 section 2.1), a key of `X-API-Key`, or `?token=` where the route is a stream that takes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Presented {
    /// Nothing.
    Nothing,
    /// Exactly one credential.
    One(Credential),
    /// More than one; RFC 6750 section 2 allows one. Nobody can say which was meant, so nobody guesses.
    Several,
    /// An `Authorization` of another scheme, or one that does not parse.
    Unusable,
}

/// One credential, not verified yet.
#[derive(Clone, Debug)]
pub struct Credential {
    kind: CredentialKind,
    place: CredentialPlace,
    token: Token,
}

/// The kind of a credential.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A bearer token.
    Bearer,
    /// An API key.
    ApiKey,
}

/// Where a credential stood.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CredentialPlace {
    /// In a header.
    Header,
    /// In the query of a stream route.
    Query,
}

/// The bytes of a credential. It does not print, and is compared by digest.
///
/// A token that is signed by ECDSA (ES256, ES384) has a twin: of the signature (r, s) anyone can make (r, n − s), which
/// verifies as well. So one token has two texts and two digests, and whoever looks tokens up by digest looks up
/// [both](Self::digests).
#[derive(Clone)]
pub struct Token {
    /// A shallow clone of the header's value: no copy is made.
    value: HeaderValue,
    start: usize,
    digests: OnceLock<Digests>,
}

/// The digest of a token, and that of its twin, if it may have one.
#[derive(Clone, Copy)]
struct Digests {
    own: TokenDigest,
    twin: Option<TokenDigest>,
}

/// The SHA-256 of a token: what lists, bans and files hold instead of the token.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TokenDigest([u8; 32]);

// === impl Presented ===

impl Presented {
    /// Finds the credential in `head`; `?token=` counts where `route` is a [stream](RouteTag::STREAM) that takes more than
    /// [tickets](RouteTag::TICKET_ONLY) alone.
    #[must_use]
    pub fn find(head: &request::Parts, route: Option<&Route>) -> Self {
        let takes_query = route.is_some_and(|route| {
            route.has_tag(RouteTag::STREAM) && !route.has_tag(RouteTag::TICKET_ONLY)
        });
        let query = if takes_query { head.uri.query().unwrap_or_default() } else { "" };
        let mut found = Self::bearer(&head.headers).or(Self::api_key(&head.headers));
        for value in query.split('&').filter_map(|pair| pair.strip_prefix("token=")) {
            found = found.or(Self::of(CredentialKind::Bearer, CredentialPlace::Query, value));
        }
        found
    }

    /// The one credential, if there is exactly one.
    #[must_use]
    pub fn one(&self) -> Option<&Credential> {
        if let Self::One(credential) = self { Some(credential) } else { None }
    }

    fn bearer(headers: &HeaderMap) -> Self {
        let mut lines = lines(headers, &header::AUTHORIZATION);
        let value = match (lines.next(), lines.next()) {
            (None, _) => return Self::Nothing,
            (Some(value), None) => value,
            (Some(_), Some(_)) => return Self::Several,
        };
        // `Bearer` in any letter case (RFC 9110 section 11.1), one or more spaces, the token.
        let bytes = value.as_bytes();
        let token = match bytes.split_at_checked(6) {
            Some((scheme, rest))
                if scheme.eq_ignore_ascii_case(b"bearer") && rest.first() == Some(&b' ') =>
            {
                rest.trim_ascii_start()
            }
            _ => return Self::Unusable,
        };
        if token.is_empty() || !is_all(token, |byte| byte.is_ascii_graphic() && byte != b',') {
            return Self::Unusable;
        }
        let start = bytes.len().saturating_sub(token.len());
        let token = Token { value: value.clone(), start, digests: OnceLock::new() };
        Self::One(Credential {
            kind: CredentialKind::Bearer,
            place: CredentialPlace::Header,
            token,
        })
    }

    fn api_key(headers: &HeaderMap) -> Self {
        let mut lines = lines(headers, &API_KEY);
        let value = match (lines.next(), lines.next()) {
            (None, _) => return Self::Nothing,
            (Some(value), None) => value,
            (Some(_), Some(_)) => return Self::Several,
        };
        if value.is_empty() || !is_all(value.as_bytes(), |byte| byte.is_ascii_graphic()) {
            return Self::Unusable;
        }
        let token = Token { value: value.clone(), start: 0, digests: OnceLock::new() };
        Self::One(Credential {
            kind: CredentialKind::ApiKey,
            place: CredentialPlace::Header,
            token,
        })
    }

    fn of(kind: CredentialKind, place: CredentialPlace, text: &str) -> Self {
        match HeaderValue::from_str(text) {
            Ok(value) if !value.is_empty() => Self::One(Credential {
                kind,
                place,
                token: Token { value, start: 0, digests: OnceLock::new() },
            }),
            _ => Self::Unusable,
        }
    }

    /// Both at once is more than one, whatever the two are.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, Self::Nothing) | (Self::Nothing, one) => one,
            _ => Self::Several,
        }
    }
}

/// Whether all bytes are of a kind. Looks at all of them whatever they are, so that the compiler looks at 16 at once: a
/// token of 1 KiB costs 500 instructions instead of 5 000.
fn is_all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & is(*byte))
}

// === impl Credential ===

impl Credential {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// Where it stood.
    #[must_use]
    pub fn place(&self) -> CredentialPlace {
        self.place
    }

    /// Its bytes.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }
}

// === impl Token ===

impl Token {
    /// A token by itself, such as one that was kept; none if it could not have stood in a header.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(text).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(Self { value, start: 0, digests: OnceLock::new() })
    }

    /// The token in clear. It must not reach a log, an error or a file.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Checked when it was found; this looks at eight bytes at once, `to_str` at one.
        let bytes = self.value.as_bytes().get(self.start..).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }

    /// The token's SHA-256, computed once, on the first call. It is that of the text that was presented.
    #[must_use]
    pub fn digest(&self) -> &TokenDigest {
        &self.both().own
    }

    /// The SHA-256 under which a list may know the token: that of its text, and that of its twin's. Lists hold one of
    /// them, and it is not known which.
    pub fn digests(&self) -> impl Iterator<Item = &TokenDigest> {
        let Digests { own, twin } = self.both();
        std::iter::once(own).chain(twin)
    }

    /// The one digest that the token and its twin have in common: the smaller of the two. It names the token to whoever
    /// computes digests from requests alone; a list that is written elsewhere may hold the other one.
    #[must_use]
    pub fn common_digest(&self) -> TokenDigest {
        let Digests { own, twin } = *self.both();
        twin.map_or(own, |twin| twin.min(own))
    }

    fn both(&self) -> &Digests {
        self.digests.get_or_init(|| Digests::of(self.expose()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

// === impl Digests ===

impl Digests {
    fn of(token: &str) -> Self {
        let signature = token.rsplit_once('.').map_or("", |(_, signature)| signature);
        let Some(twin) = token_twin::twin_of(signature) else {
            return Self { own: TokenDigest::of(token), twin: None };
        };
        // What both begin with is hashed once.
        let signed = token.strip_suffix(signature).unwrap_or_default();
        let begun = Sha256::new().chain_update(signed);
        let ending_with =
            |end: &str| TokenDigest(begun.clone().chain_update(end).finalize().into());
        Self { own: ending_with(signature), twin: Some(ending_with(&twin)) }
    }
}

// === impl TokenDigest ===

impl TokenDigest {
    /// Digests `token`.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits, in any letter case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        let pairs = text.as_bytes().chunks_exact(2);
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(pairs) {
            let [high, low] = pair else { return None };
            let value = char::from(*high)
                .to_digit(16)?
                .checked_mul(16)?
                .checked_add(char::from(*low).to_digit(16)?)?;
            *byte = u8::try_from(value).ok()?;
        }
        Some(Self(digest))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Shows 64 hexadecimal digits in lower case.
impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}
