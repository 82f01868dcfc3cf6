//! Codes of refusals that were read back.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use palisade_core::Code;

/// The most codes that are known by name; this program has about a hundred.
const MOST: usize = 1024;
/// The longest of them, in bytes.
const LONGEST: usize = 128;
/// What is read of any other.
const UNKNOWN: Code = Code::new(UNNAMED, "A code that this version does not know");
const UNNAMED: &str = "unknown";

/// Codes by their text. A [`Code`] lives as long as the program, so one that is read from a file and that nobody used since the
/// start stays in memory: 128 kB of them at the most.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    known: Mutex<HashMap<&'static str, Code>>,
}

// === impl Codes ===

impl Codes {
    /// Remembers codes with their titles.
    pub(crate) fn learn(&self, codes: impl Iterator<Item = Code>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for code in codes {
            if known.len() < MOST || known.contains_key(code.as_str()) {
                known.insert(code.as_str(), code);
            }
        }
    }

    /// The code that is written like this.
    pub(crate) fn called(&self, text: &str) -> Code {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = known.get(text) {
            return *code;
        }
        if known.len() >= MOST || text.len() > LONGEST {
            return UNKNOWN;
        }
        let text: &'static str = Box::leak(text.into());
        let code = Code::new(text, text);
        known.insert(text, code);
        code
    }
}
