//! The nonce of one answer: what an inline script must carry to be run.

use std::{fmt, str};

use rand::Rng as _;

use crate::base64;

/// 144 bits: CSP 3 asks for 128, and 18 bytes are 24 characters of base64 without padding.
const BYTES: usize = 18;
const CHARACTERS: usize = 24;

/// The nonce of one answer: 144 bits from the generator the operating system seeded, as 24 characters of base64.
///
/// Drawn anew for every request and attached to the context, where handlers and templates find it:
/// `context.attached::<CspNonce>()`, or as an argument of an axum handler with the feature `axum`. It stands in the
/// answer's `Content-Security-Policy` and in its report-only twin; a page writes it into each inline script it means to
/// run, as `<script nonce="…">`. It holds letters, digits, `+` and `/` only, so it needs no escaping in an attribute: with
/// the features `askama` and `minijinja`, `{{ nonce }}` in a template of theirs writes it as it is.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct CspNonce([u8; CHARACTERS]);

impl CspNonce {
    /// Draws a new one. No system call, but for a reseed every 64 KiB.
    #[must_use]
    pub fn random() -> Self {
        let (mut bytes, mut text) = ([0; BYTES], [b'A'; CHARACTERS]);
        rand::rng().fill_bytes(&mut bytes);
        let groups = text.as_chunks_mut::<4>().0.iter_mut();
        for (characters, three) in groups.zip(bytes.as_chunks::<3>().0) {
            *characters = base64::group(*three);
        }
        Self(text)
    }

    /// The nonce, as it stands in the header and in the attribute.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Base64 is ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for CspNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Shows nothing of it: who knows the nonce of an answer that is still on its way can run a script in it.
impl fmt::Debug for CspNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CspNonce(..)")
    }
}
