//! Fields for people, of which none can end the line, colour it or turn what stands beside it.

use std::fmt::{self, Write};

use palisade_core::OneLine;
use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, format::Writer},
};

/// Formats fields for people, as `tracing_subscriber::fmt` does by itself, with each character escaped that a terminal or a
/// reader could take for something else.
///
/// What an event passes by its own way to be shown (`%value`) is written by that crate as it is, line breaks too.
///
/// ```
/// # use palisade_security_log::OneLineFields;
/// let layer = tracing_subscriber::fmt::layer::<tracing_subscriber::Registry>().fmt_fields(OneLineFields::new());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OneLineFields {
    _more: (),
}

struct Fields<'a> {
    writer: Writer<'a>,
    is_first: bool,
    result: fmt::Result,
}

struct Escaped<'a, 'w>(&'a mut Writer<'w>);

// === impl OneLineFields ===

impl OneLineFields {
    /// Makes the format.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<'writer> FormatFields<'writer> for OneLineFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Fields { writer, is_first: true, result: Ok(()) };
        fields.record(&mut visitor);
        visitor.result
    }
}

// === impl Fields ===

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
        if !std::mem::take(&mut self.is_first) {
            self.writer.write_char(' ')?;
        }
        if field.name() != "message" {
            let name = field.name().strip_prefix("r#").unwrap_or(field.name());
            if self.writer.has_ansi_escapes() {
                write!(self.writer, "\x1b[3m{name}\x1b[0m\x1b[2m=\x1b[0m")?;
            } else {
                write!(self.writer, "{name}=")?;
            }
        }
        write!(Escaped(&mut self.writer), "{value:?}")
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.result.is_ok() {
            self.result = self.write(field, value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.record_debug(field, &format_args!("{value}"));
        } else {
            self.record_debug(field, &value);
        }
    }
}

// === impl Escaped ===

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write!(self.0, "{}", OneLine(text))
    }
}
