//! Hashes of inline scripts and styles (CSP 3 section 6.7.3.3), for pages that are the same for everybody.

use sha2::{Digest, Sha256};

use super::Source;
use crate::base64;

impl Source {
    /// `'sha256-…'`: the one inline script or style whose text this is, from behind its opening tag to before its closing
    /// one, white space and all.
    ///
    /// Lines may end as they do on the server's disk: a browser makes each a line feed before it hashes (HTML
    /// section 13.2.3.5), and so does this.
    ///
    /// ```
    /// use palisade_secure_headers::Source;
    ///
    /// let script = "alert('Hello, world.');";
    /// let source = Source::sha256_of(script);
    /// assert_eq!(source.as_str(), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    /// ```
    #[must_use]
    pub fn sha256_of(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let digest = base64::encode(&Sha256::digest(text));
        Self::hash(&format!("'sha256-{digest}'"))
    }
}
