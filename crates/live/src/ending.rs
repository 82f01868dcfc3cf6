//! Why a stream ended.

use std::fmt;

/// Why a stream ended: a word of small letters, digits and `-`, which its client is told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ending(&'static str);

// === impl Ending ===

impl Ending {
    /// The feed was closed: the server stops. The client may come back to the one that follows.
    pub const CLOSED: Self = Self("closed");
    /// The reader lost events and read nothing for as long as the feed has patience. The client may come back.
    pub const SLOW: Self = Self("slow");

    /// One of one's own.
    #[must_use]
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Ending {
    /// Nothing but small letters, digits and `-`: what else the word has is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |char: &char| matches!(char, 'a'..='z' | '0'..='9' | '-');
        self.0.chars().filter(is_plain).try_for_each(|char| fmt::Write::write_char(f, char))
    }
}
