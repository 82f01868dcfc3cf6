//! The text of a one-time ticket.

use std::fmt;

use palisade_core::TokenDigest;
use rand::Rng as _;

/// 160 bits.
const BYTES: usize = 20;

/// A one-time ticket: 160 bits from the generator the operating system seeded, as 40 hexadecimal digits. It does not print.
pub struct Ticket(Box<str>);

// === impl Ticket ===

impl Ticket {
    /// So long is every ticket.
    pub(crate) const CHARACTERS: usize = 40;

    pub(crate) fn random() -> Self {
        let mut bytes = [0_u8; BYTES];
        rand::rng().fill_bytes(&mut bytes);
        let digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let text: String =
            digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
        Self(text.into())
    }

    /// The ticket in clear, as it stands in `?ticket=`. It must not reach a log, an error or a file.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> TokenDigest {
        TokenDigest::of(&self.0)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(..)")
    }
}
