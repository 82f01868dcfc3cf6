//! `Cache-Control` (RFC 9111): what must not be given to a second person, or a second time.

use http::{HeaderMap, header};
use palisade_core::header::lines;

/// `Cache-Control: private, no-store` on the answers that no cache may keep.
///
/// These are pages whose policy holds a nonce, since a kept nonce is known to who reads the page next; answers to requests
/// with a credential; and answers that set a cookie, which caches keep and hand out like any other (RFC 9111
/// section 7.3). There is no `must-revalidate` in it: with that directive a shared cache may keep an answer to
/// `Authorization` (RFC 9111 section 3.5).
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

/// Whether the answer says that it is a page a browser shows and runs scripts in. Of several types a browser takes the last
/// that it can read; here one of them is enough.
///
/// Other XML can hold scripts too, but nobody writes nonces into a feed, and a feed is what caches are for.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    let pages = [&b"text/html"[..], b"application/xhtml+xml", b"image/svg+xml"];
    lines(headers, &header::CONTENT_TYPE)
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|kind| kind.split(|byte| *byte == b';').next())
        .any(|kind| pages.iter().any(|page| kind.trim_ascii().eq_ignore_ascii_case(page)))
}
