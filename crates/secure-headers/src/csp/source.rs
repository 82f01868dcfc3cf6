//! One source of a directive: a keyword, the nonce, a hash, a scheme or a host.

use std::{borrow::Cow, fmt, str::FromStr};

use palisade_core::ConfigError;

use super::{directive::Grammar, host};
use crate::{keyword, reporting_endpoints::check_name};

/// One source of a directive, checked (CSP 3 section 2.3.1).
///
/// No source holds white space, `;`, `,` or a control character, so none can end its directive or its header.
///
/// ```
/// use palisade_secure_headers::Source;
///
/// assert_eq!("'self'".parse(), Ok(Source::SELF));
/// assert!("https://*.example.org:8443/assets/".parse::<Source>().is_ok());
/// assert!("example.org; script-src *".parse::<Source>().is_err());
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Source {
    kind: Kind,
    text: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    /// `'none'`.
    None,
    /// `'self'`.
    Own,
    /// A keyword about scripts or styles.
    Keyword,
    /// The nonce of each answer.
    Nonce,
    /// The hash of an inline script or style.
    Hash,
    /// A scheme.
    Scheme,
    /// A host.
    Host,
    /// A word of a directive that takes no sources: a sandbox flag, a name, an address.
    Word,
}

/// What is written in quotes; the nonce comes here without its value.
const KEYWORDS: [(&str, Kind); 11] = [
    ("'self'", Kind::Own),
    ("'none'", Kind::None),
    ("'nonce'", Kind::Nonce),
    ("'strict-dynamic'", Kind::Keyword),
    ("'unsafe-inline'", Kind::Keyword),
    ("'unsafe-eval'", Kind::Keyword),
    ("'wasm-unsafe-eval'", Kind::Keyword),
    ("'unsafe-hashes'", Kind::Keyword),
    ("'report-sample'", Kind::Keyword),
    ("'inline-speculation-rules'", Kind::Keyword),
    ("'trusted-types-eval'", Kind::Keyword),
];
/// Bytes of a hash in characters of base64, without padding.
const HASHES: [(&str, usize); 3] = [("sha256-", 43), ("sha384-", 64), ("sha512-", 86)];
/// Written without the colon these would be hosts.
const SCHEMES: [&str; 9] =
    ["data", "blob", "http", "https", "ws", "wss", "mediastream", "filesystem", "about"];
/// The flags of HTML's `sandbox`.
const SANDBOX: [(&str, ()); 14] = [
    ("allow-downloads", ()),
    ("allow-forms", ()),
    ("allow-modals", ()),
    ("allow-orientation-lock", ()),
    ("allow-pointer-lock", ()),
    ("allow-popups", ()),
    ("allow-popups-to-escape-sandbox", ()),
    ("allow-presentation", ()),
    ("allow-same-origin", ()),
    ("allow-scripts", ()),
    ("allow-storage-access-by-user-activation", ()),
    ("allow-top-navigation", ()),
    ("allow-top-navigation-by-user-activation", ()),
    ("allow-top-navigation-to-custom-protocols", ()),
];

// === impl Source ===

impl Source {
    /// `'none'`: nothing.
    pub const NONE: Self = Self::known(Kind::None, "'none'");
    /// `'self'`: the page's own origin.
    pub const SELF: Self = Self::known(Kind::Own, "'self'");
    /// `'nonce'`: what carries the nonce of this answer. In the header it stands with its value.
    pub const NONCE: Self = Self::known(Kind::Nonce, "'nonce'");
    /// `'strict-dynamic'`: what a trusted script loads is trusted; hosts are not.
    pub const STRICT_DYNAMIC: Self = Self::known(Kind::Keyword, "'strict-dynamic'");
    /// `'unsafe-inline'`: every inline script or style, also an attacker's.
    pub const UNSAFE_INLINE: Self = Self::known(Kind::Keyword, "'unsafe-inline'");
    /// `*`: every host over the page's scheme, HTTP or a WebSocket.
    pub const ANY: Self = Self::known(Kind::Host, "*");

    /// The source as it stands in the header; the nonce as `'nonce'`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Reads one word of a directive with this grammar.
    pub(super) fn read(grammar: Grammar, text: &str) -> Result<Self, ConfigError> {
        // Before all else: a byte that could end the source, the directive, the policy or the header (RFC 9110
        // section 5.6.1 joins two policies by a comma).
        let breaks = |byte: u8| !byte.is_ascii_graphic() || byte == b';' || byte == b',';
        if text.is_empty() || text.bytes().any(breaks) {
            return Err(ConfigError::new("csp source", text)
                .expected("one word of visible ASCII without `;` and `,` (write them `%3B` and `%2C` in a path, other letters in punycode)"));
        }
        match grammar {
            Grammar::Inline | Grammar::Places => Self::place(text),
            Grammar::SandboxFlags => {
                keyword::find("sandbox flag", text, &SANDBOX).map(|()| Self::word(text))
            }
            Grammar::Nothing => {
                Err(ConfigError::new("word of this directive", text).expected("no word at all"))
            }
            Grammar::TrustedSink => {
                keyword::find("sink of trusted types", text, &[("'script'", ())])
                    .map(|()| Self::word(text))
            }
            Grammar::TrustedNames => Self::trusted_name(text),
            Grammar::Endpoint => check_name(text).map(|()| Self::word(text)),
            Grammar::References => host::reference_fault(text).map_or_else(
                || Ok(Self::word(text)),
                |fault| Err(ConfigError::new("address for reports", text).expected(fault)),
            ),
        }
    }

    const fn known(kind: Kind, text: &'static str) -> Self {
        Self { kind, text: Cow::Borrowed(text) }
    }

    fn of(kind: Kind, text: &str) -> Self {
        Self { kind, text: Cow::Owned(text.to_owned()) }
    }

    pub(super) fn hash(text: &str) -> Self {
        Self::of(Kind::Hash, text)
    }

    fn word(text: &str) -> Self {
        Self::of(Kind::Word, text)
    }

    fn place(text: &str) -> Result<Self, ConfigError> {
        if text.starts_with('\'') || text.starts_with('"') {
            return Self::quoted(text);
        }
        if let Some(meant) = unquoted(text) {
            let quoted = "keywords, nonces and hashes in single quotes, schemes with their colon";
            return Err(ConfigError::new("csp source", text).expected(quoted).meant(meant));
        }
        if text.strip_suffix(':').is_some_and(host::is_scheme) {
            return Ok(Self::of(Kind::Scheme, text));
        }
        match host::host_fault(text) {
            None => Ok(Self::of(Kind::Host, text)),
            Some(fault) => Err(ConfigError::new("csp source", text).expected(fault)),
        }
    }

    fn quoted(text: &str) -> Result<Self, ConfigError> {
        let bare = text.trim_matches(|letter| letter == '\'' || letter == '"');
        let single = format!("'{bare}'");
        let words = || KEYWORDS.iter().map(|(word, _)| *word);
        let error = ConfigError::new("csp source", text);
        if text != single {
            return Err(error
                .expected("single quotes around a keyword, none around a host")
                .meant(if words().any(|word| word.eq_ignore_ascii_case(&single)) {
                    single
                } else {
                    bare.to_owned()
                }));
        }
        if let Some((word, kind)) =
            KEYWORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text))
        {
            return Ok(Self::known(*kind, word));
        }
        if starts_with(bare, "nonce-") {
            let once = "a nonce that differs in every answer, never one from a configuration";
            return Err(error.expected(once).meant("'nonce'"));
        }
        if let Some((_, letters)) = HASHES.iter().find(|(prefix, _)| starts_with(bare, prefix)) {
            return if is_hash(bare, *letters) {
                Ok(Self::hash(text))
            } else {
                Err(error.expected(format!("{letters} characters of base64 and their padding")))
            };
        }
        let error =
            error.expected(format!("a hash (`'sha256-…'`) or {}", keyword::one_of(words())));
        let host = || (bare.contains('.') && host::host_fault(bare).is_none()).then_some(bare);
        Err(match keyword::nearest(text, words()).or_else(host) {
            Some(meant) => error.meant(meant),
            None => error,
        })
    }

    fn trusted_name(text: &str) -> Result<Self, ConfigError> {
        match text {
            "'none'" => return Ok(Self::NONE),
            "*" | "'allow-duplicates'" => return Ok(Self::word(text)),
            _ => {}
        }
        // tt-policy-name of Trusted Types, section 4.1.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-#=_/@.%".contains(&byte);
        if text.bytes().all(fits) {
            return Ok(Self::word(text));
        }
        Err(ConfigError::new("name of a trusted types policy", text)
            .expected("letters, digits and `-#=_/@.%`; or `'allow-duplicates'`, `'none'`, `*`"))
    }
}

impl FromStr for Source {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(Grammar::Inline, text)
    }
}

impl AsRef<str> for Source {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a bare word should have been: without its quotes or its colon, a browser takes it for a host.
fn unquoted(text: &str) -> Option<String> {
    let quoted = format!("'{text}'");
    let known = KEYWORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(&quoted));
    if let Some((word, _)) = known {
        return Some((*word).to_owned());
    }
    if starts_with(text, "nonce-") {
        return Some("'nonce'".to_owned());
    }
    if HASHES.iter().any(|(prefix, _)| starts_with(text, prefix)) {
        return Some(quoted);
    }
    let scheme = SCHEMES.iter().find(|scheme| scheme.eq_ignore_ascii_case(text));
    scheme.map(|scheme| format!("{scheme}:"))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Base64 in either alphabet, of exactly this length without its padding.
fn is_hash(bare: &str, letters: usize) -> bool {
    let Some((_, value)) = bare.split_once('-') else { return false };
    let unpadded = value.strip_suffix("==").or_else(|| value.strip_suffix('=')).unwrap_or(value);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    unpadded.len() == letters && unpadded.bytes().all(fits)
}
