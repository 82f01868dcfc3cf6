//! Text that strangers sent, made harmless where it is written.

use std::fmt::{self, Write as _};

/// Shows text on one line, and in the order in which it was written.
///
/// A control character, a line separator, a bidirectional control or one without width appears as `\u{1b}`. JSON alone would
/// let the C1 controls and the bidirectional ones through, and a terminal obeys them (CVE-2021-42574, CVE-2025-58160).
#[derive(Clone, Copy, Debug)]
pub struct OneLine<'a>(pub &'a str);

// === impl OneLine ===

impl OneLine<'_> {
    /// Whether a terminal or a reader could take `c` for something other than a character of the text.
    #[must_use]
    pub fn deceives(c: char) -> bool {
        c.is_control()
            || matches!(
                c,
                '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            )
    }
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(Self::deceives) {
            return f.write_str(self.0);
        }
        for c in self.0.chars() {
            if Self::deceives(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}
