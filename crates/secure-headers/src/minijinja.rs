//! The nonce as a value of a minijinja template.

use minijinja::Value;

use crate::CspNonce;

/// A string that is written as it is: where it escapes, minijinja would make `&#x2f;` of a `/`. A browser reads that as the
/// same nonce in HTML; whatever reads the page's text does not.
///
/// ```
/// use minijinja::{AutoEscape, Environment, context};
/// use palisade_secure_headers::CspNonce;
///
/// let mut templates = Environment::new();
/// templates.set_auto_escape_callback(|_| AutoEscape::Html);
///
/// let nonce = CspNonce::random();
/// let source = r#"<script nonce="{{ nonce }}">run()</script>"#;
/// let page = templates.render_str(source, context! { nonce })?;
/// assert_eq!(page, format!("<script nonce=\"{nonce}\">run()</script>"));
/// # Ok::<_, minijinja::Error>(())
/// ```
impl From<CspNonce> for Value {
    fn from(nonce: CspNonce) -> Self {
        Self::from_safe_string(nonce.as_str().to_owned())
    }
}
