//! Lines that no event is behind: what was folded, what was lost.

use std::{
    fmt::{self, Write},
    time::SystemTime,
};

use jiff::Timestamp;
use palisade_core::SECURITY_TARGET;
use tracing::Level;

use crate::{Line, fields::MOST_OF_SHORT, json};

/// The most bytes of a target. They are written by programmers.
const MOST_OF_TARGET: usize = 256;

/// The first members of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnLine<'a> {
    pub(crate) level: Level,
    pub(crate) event: &'a str,
    pub(crate) message: &'a str,
}

// === impl OwnLine ===

impl OwnLine<'_> {
    /// Makes the line, with what `members` writes behind them.
    pub(crate) fn with(self, at: SystemTime, members: impl FnOnce(&mut String)) -> Line {
        let mut json = String::new();
        begin(&mut json, at, self.level, SECURITY_TARGET);
        text(&mut json, "event", self.event);
        text(&mut json, "message", self.message);
        members(&mut json);
        json.push('}');
        Line::new(self.level, SECURITY_TARGET, Some(self.event), &json)
    }

    /// Makes the line as people read it, with `fields` behind it.
    pub(crate) fn for_people(self, at: SystemTime, fields: fmt::Arguments<'_>) -> Line {
        let Self { level, event, message } = self;
        let mut text = String::new();
        time(&mut text, at);
        display(
            &mut text,
            format_args!(" {level} {SECURITY_TARGET}: {message} event=\"{event}\" {fields}"),
        );
        Line::new(level, SECURITY_TARGET, Some(event), &text)
    }
}

/// Begins any line: time, level and target.
pub(crate) fn begin(out: &mut String, at: SystemTime, level: Level, target: &str) {
    out.push_str("{\"time\":\"");
    time(out, at);
    out.push_str("\",\"level\":\"");
    out.push_str(level.as_str());
    out.push_str("\",\"target\":");
    json::string(out, MOST_OF_TARGET, format_args!("{target}"));
}

/// Writes a member whose value is a text.
pub(crate) fn text(out: &mut String, name: &str, value: &str) {
    begin_member(out, name);
    // Of what is told in a sum, little is enough: there may be a thousand.
    json::string(out, MOST_OF_SHORT, format_args!("{value}"));
}

/// Writes a member whose value needs no quotes: a number, a boolean.
pub(crate) fn bare(out: &mut String, name: &str, value: impl fmt::Display) {
    begin_member(out, name);
    display(out, format_args!("{value}"));
}

/// Writes a member whose value is a time.
pub(crate) fn moment(out: &mut String, name: &str, at: SystemTime) {
    begin_member(out, name);
    out.push('"');
    time(out, at);
    out.push('"');
}

fn begin_member(out: &mut String, name: &str) {
    display(out, format_args!(",\"{name}\":"));
}

/// RFC 3339, in UTC and with milliseconds.
fn time(out: &mut String, at: SystemTime) {
    let at = Timestamp::try_from(at).unwrap_or_default();
    display(out, format_args!("{at:.3}"));
}

fn display(out: &mut String, text: fmt::Arguments<'_>) {
    // A string takes whatever is written.
    _ = out.write_fmt(text);
}
