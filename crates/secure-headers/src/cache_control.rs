//! `Cache-Control` (RFC 9111): what must not be given to a second person, or a second time.

use http::{HeaderMap, header};

/// `Cache-Control: private, no-store` on the answers that no cache may keep.
///
/// These are pages whose policy holds a nonce, since a kept nonce is known to who reads the page next; and answers to
/// requests with a credential. There is no `must-revalidate` in it: with that directive a shared cache may keep an
/// answer to `Authorization` (RFC 9111 section 3.5).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CacheControl {
    /// `private, no-store` where the answer is one of these; nothing elsewhere.
    #[default]
    WherePrivate,
    /// `private, no-store` on every answer.
    Always,
}

impl CacheControl {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        "private, no-store"
    }
}

/// Whether the answer is a page a browser shows and runs scripts in.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_TYPE).iter().any(|value| {
        let mut parts = value.as_bytes().split(|byte| *byte == b';' || *byte == b',');
        let kind = parts.next().unwrap_or_default().trim_ascii();
        [&b"text/html"[..], b"application/xhtml+xml"]
            .iter()
            .any(|page| kind.eq_ignore_ascii_case(page))
    })
}
