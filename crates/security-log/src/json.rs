//! Writes texts as JSON strings, of which none can end a line, hide or turn what stands beside it.

use std::fmt::{self, Write};

use palisade_core::OneLine;

/// The inside of a JSON string, written piece by piece. What does not fit is cut off at a character.
#[derive(Debug)]
pub(crate) struct Inside<'a> {
    out: &'a mut String,
    /// The length of `out` that is not to be exceeded.
    end: usize,
    is_cut: bool,
}

// === impl Inside ===

impl<'a> Inside<'a> {
    /// Writes to the end of `out`, `room` bytes at most.
    pub(crate) fn new(out: &'a mut String, room: usize) -> Self {
        let end = out.len().saturating_add(room);
        Self { out, end, is_cut: false }
    }

    /// Whether something did not fit.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    fn push(&mut self, c: char) -> fmt::Result {
        let start = self.out.len();
        match c {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            // A terminal or a reader may take it for something else (RFC 8259 section 7: any character may be escaped).
            c if OneLine::deceives(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(self.out, "\\u{unit:04x}")?;
                }
            }
            c => self.out.push(c),
        }
        if self.out.len() <= self.end {
            return Ok(());
        }
        self.out.truncate(start);
        self.is_cut = true;
        Err(fmt::Error)
    }
}

impl Write for Inside<'_> {
    /// Fails where there is no more room, so that whoever formats something large stops.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_cut {
            return Err(fmt::Error);
        }
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if text.bytes().all(is_plain) && self.out.len().saturating_add(text.len()) <= self.end {
            self.out.push_str(text);
            return Ok(());
        }
        text.chars().try_for_each(|c| self.push(c))
    }
}

/// Writes a whole string with its quotes, of which the inside takes `room` bytes at most. Whether it was cut.
pub(crate) fn string(out: &mut String, room: usize, text: fmt::Arguments<'_>) -> bool {
    out.push('"');
    let mut inside = Inside::new(out, room);
    // What fails is what is full, or somebody's own way to show a value: what it wrote until then is shown.
    let failed = inside.write_fmt(text).is_err();
    let is_cut = inside.is_cut() || failed;
    out.push('"');
    is_cut
}
