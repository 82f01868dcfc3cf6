//! The digits of keys: Crockford's base32 in lower case, five bits each.

use rand::Rng as _;

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The digit of the lowest five bits.
pub(crate) fn digit(bits: u8) -> u8 {
    DIGITS.get(usize::from(bits & 31)).copied().unwrap_or(b'0')
}

/// Draws digits from the generator that the operating system seeded.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes.map(digit)
}

/// Whether there is nothing else in `text`.
pub(crate) fn are_all(text: &[u8]) -> bool {
    text.iter().all(|byte| DIGITS.contains(byte))
}
