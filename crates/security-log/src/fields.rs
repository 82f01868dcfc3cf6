//! Writes the fields of one event as members of an object.

use std::{
    borrow::Cow,
    error::Error,
    fmt::{self, Write},
};

use palisade_core::SECURITY_TARGET;
use tracing::field::{Field, Visit};

use crate::json;

/// The most fields of an event.
pub(crate) const MOST_FIELDS: usize = 64;
/// The most bytes of one value, as it is written.
pub(crate) const MOST_OF_VALUE: usize = 4096;
/// The most bytes of what any client writes as long as it likes, as it is written to the security log.
pub(crate) const MOST_OF_SHORT: usize = 512;
/// What these are: refusals have them, and a client can cause many.
const SHORT: [&str; 2] = ["path", "user_agent"];
/// The most bytes of all fields of an event.
const MOST_OF_ALL: usize = 22 * 1024;
/// The most bytes of an event's name.
const MOST_OF_EVENT: usize = 256;
/// The most bytes of a field's name.
const MOST_OF_NAME: usize = 64;

/// Members that this crate writes. A field of that name gets another one.
const RESERVED: [&str; 5] = ["time", "level", "target", "cut", "left_off"];

/// What one event says, written as it is visited. Kept by each thread for its next event.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) event: Option<String>,
    message: Option<String>,
    members: String,
    names: Vec<Cow<'static, str>>,
    is_cut: bool,
    left_off: usize,
    /// Whether they are of the security log.
    is_security: bool,
}

// === impl Fields ===

impl Fields {
    /// Forgets the last event; the next one is of this target.
    pub(crate) fn begin_event(&mut self, target: &str) {
        self.is_security = target == SECURITY_TARGET;
        self.event = None;
        self.message = None;
        self.members.clear();
        self.names.clear();
        self.is_cut = false;
        self.left_off = 0;
    }

    /// Writes everything but the first members: event, message, fields, and what is missing of them.
    pub(crate) fn write(&mut self, out: &mut String) {
        if let Some(event) = &self.event {
            out.push_str(",\"event\":");
            self.is_cut |= json::string(out, MOST_OF_EVENT, format_args!("{event}"));
        }
        if let Some(message) = &self.message {
            out.push_str(",\"message\":");
            // It was written as the inside of a string.
            out.push_str(message);
        }
        out.push_str(&self.members);
        if self.is_cut {
            out.push_str(",\"cut\":true");
        }
        if self.left_off > 0 {
            // A string takes whatever is written.
            _ = write!(out, ",\"left_off\":{}", self.left_off);
        }
    }

    /// Begins a member. Not where there is no room, or one of that name already: two would mean either.
    fn begin(&mut self, field: &Field) -> bool {
        let name = field.name();
        let name = if RESERVED.contains(&name) {
            Cow::Owned(format!("field_{name}"))
        } else {
            Cow::Borrowed(name.strip_prefix("r#").unwrap_or(name))
        };
        let is_full = self.names.len() >= MOST_FIELDS || self.members.len() >= MOST_OF_ALL;
        if is_full || self.names.contains(&name) {
            self.left_off = self.left_off.saturating_add(1);
            return false;
        }
        self.members.push(',');
        json::string(&mut self.members, MOST_OF_NAME, format_args!("{name}"));
        self.members.push(':');
        self.names.push(name);
        true
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        match field.name() {
            "event" => self.event(text),
            "message" => self.message(text),
            name => {
                let is_short = self.is_security && SHORT.contains(&name);
                let most = if is_short { MOST_OF_SHORT } else { MOST_OF_VALUE };
                if self.begin(field) {
                    self.is_cut |= json::string(&mut self.members, most, text);
                }
            }
        }
    }

    fn event(&mut self, text: fmt::Arguments<'_>) {
        if self.event.is_some() {
            self.left_off = self.left_off.saturating_add(1);
            return;
        }
        let mut event = String::new();
        _ = event.write_fmt(text);
        self.event = Some(event);
    }

    fn message(&mut self, text: fmt::Arguments<'_>) {
        if self.message.is_some() {
            self.left_off = self.left_off.saturating_add(1);
            return;
        }
        let mut message = String::new();
        self.is_cut |= json::string(&mut message, MOST_OF_VALUE, text);
        self.message = Some(message);
    }

    fn bare(&mut self, field: &Field, value: impl fmt::Display) {
        match field.name() {
            "event" | "message" => self.text(field, format_args!("{value}")),
            _ => {
                if self.begin(field) {
                    _ = write!(self.members, "{value}");
                }
            }
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for what is no number.
        if value.is_finite() {
            self.bare(field, format_args!("{value:?}"));
        } else {
            self.text(field, format_args!("{value}"));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        // Most readers have no number that large.
        self.text(field, format_args!("{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.text(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}
