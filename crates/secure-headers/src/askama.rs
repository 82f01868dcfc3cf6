//! The nonce as a value of an askama template.

use std::fmt;

use askama::{FastWritable, Values, filters::HtmlSafe};

use crate::CspNonce;

/// Letters, digits, `+` and `/`: nothing in it ends an attribute, so `{{ nonce }}` is written as it is.
///
/// ```
/// use askama::Template;
/// use palisade_secure_headers::CspNonce;
///
/// #[derive(Template)]
/// #[template(ext = "html", source = r#"<script nonce="{{ nonce }}">run()</script>"#)]
/// struct Page {
///     nonce: CspNonce,
/// }
///
/// let nonce = CspNonce::random();
/// let page = Page { nonce }.render()?;
/// assert_eq!(page, format!("<script nonce=\"{nonce}\">run()</script>"));
/// # Ok::<_, askama::Error>(())
/// ```
impl HtmlSafe for CspNonce {}

impl FastWritable for CspNonce {
    fn write_into(&self, dest: &mut dyn fmt::Write, _values: &dyn Values) -> askama::Result<()> {
        Ok(dest.write_str(self.as_str())?)
    }
}
