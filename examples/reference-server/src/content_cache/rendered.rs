//! What was rendered: bytes, what they are, and their validator.

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

/// Content that is the same for anyone. Clones share the bytes.
#[derive(Clone, Debug)]
pub struct Rendered {
    media_type: &'static str,
    disposition: Option<HeaderValue>,
    body: Bytes,
    /// A strong one (RFC 9110 section 8.8.3): equal where the bytes are.
    etag: Option<HeaderValue>,
}

// === impl Rendered ===

impl Rendered {
    /// Bytes of this media type.
    #[must_use]
    pub fn new(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let digest = Sha256::new().chain_update(media_type).chain_update([0]).chain_update(&body);
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest.finalize()));
        let etag = HeaderValue::try_from(tag).ok();
        Self { media_type, disposition: None, body, etag }
    }

    /// A value as JSON.
    ///
    /// # Errors
    ///
    /// If it cannot be written as that.
    pub fn json(value: &serde_json::Value) -> std::io::Result<Self> {
        Ok(Self::new("application/json", serde_json::to_vec(value)?))
    }

    /// The same, offered as a file to keep or show.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        let is_safe = |char: &char| char.is_ascii_alphanumeric() || "-_.".contains(*char);
        let safe: String = name.chars().filter(is_safe).collect();
        self.disposition = HeaderValue::try_from(format!("inline; filename=\"{safe}\"")).ok();
        self
    }

    /// What the bytes are.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// As what it is offered, if that is said.
    #[must_use]
    pub fn disposition(&self) -> Option<&HeaderValue> {
        self.disposition.as_ref()
    }

    /// The bytes.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// Its validator.
    #[must_use]
    pub fn etag(&self) -> Option<&HeaderValue> {
        self.etag.as_ref()
    }

    pub(super) fn len(&self) -> usize {
        self.body.len()
    }
}
