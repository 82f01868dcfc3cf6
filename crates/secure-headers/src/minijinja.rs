//! The nonce as a value of a minijinja template.

use minijinja::Value;

use crate::CspNonce;

/// A string that is written as it is: where it escapes, minijinja would make `&#x2f;` of a `/`. A browser reads that as the
/// same nonce in HTML; whatever reads the page's text does not.
impl From<CspNonce> for Value {
    fn from(nonce: CspNonce) -> Self {
        Self::from_safe_string(nonce.as_str().to_owned())
    }
}
