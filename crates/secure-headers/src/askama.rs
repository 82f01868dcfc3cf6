//! The nonce as a value of an askama template.

use std::fmt;

use askama::{FastWritable, Values, filters::HtmlSafe};

use crate::CspNonce;

/// Letters, digits, `+` and `/`: nothing in it ends an attribute, so `{{ nonce }}` is written as it is.
impl HtmlSafe for CspNonce {}

impl FastWritable for CspNonce {
    fn write_into(&self, dest: &mut dyn fmt::Write, _values: &dyn Values) -> askama::Result<()> {
        Ok(dest.write_str(self.as_str())?)
    }
}
