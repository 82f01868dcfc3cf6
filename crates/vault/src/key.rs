//! A key of the ring.

use std::{fmt, str::FromStr};

use aws_lc_rs::{constant_time::verify_slices_are_equal, rand};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use palisade_core::ConfigError;
use zeroize::Zeroizing;

use crate::{SealError, Secret};

/// How many different bytes a key has at least. Of 2⁵⁰ random ones, about one has fewer.
const LEAST_DIFFERENT: usize = 16;

/// The longest text that is looked at. A key has 64 characters at most.
const LONGEST: usize = 128;

/// A key of the ring: 256 random bits, overwritten in memory when it is dropped, and never shown.
///
/// As a text it is 64 hexadecimal digits, or base64 in either alphabet: `openssl rand -base64 32` makes one. What nobody drew
/// at random is refused: repeated bytes, a sequence, a text.
pub struct Key {
    /// In one place: a value that is moved leaves a copy behind.
    bytes: Box<Zeroizing<[u8; 32]>>,
}

// === impl Key ===

impl Key {
    /// Draws a key.
    ///
    /// # Errors
    ///
    /// [`SealError::Library`] if the system has no random bytes.
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        rand::fill(bytes.as_mut_slice())?;
        Ok(Self { bytes })
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// It has another length, is neither hexadecimal nor base64, or was not drawn at random. The error does not show it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::read(text).map_err(|expected| not_shown().expected(expected))
    }

    /// The key as base64, to be put where the ring is read from.
    #[must_use]
    pub fn expose_base64(&self) -> Secret {
        Secret::new(Zeroizing::new(STANDARD.encode(self.expose()).into_bytes()))
    }

    /// The key that `text` is, or what it should have been.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let bytes = decoded(text)?;
        match weakness(&bytes) {
            Some(weakness) => Err(format!("32 random bytes; {weakness}")),
            None => Ok(Self { bytes }),
        }
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.bytes.as_slice(), other.bytes.as_slice()).is_ok()
    }
}

impl FromStr for Key {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

fn not_shown() -> ConfigError {
    ConfigError::new("vault key", "(not shown)")
}

fn decoded(text: &str) -> Result<Box<Zeroizing<[u8; 32]>>, String> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(format!("32 bytes; {} characters are more", text.len()));
    }
    let mut room = Zeroizing::new([0; LONGEST]);
    let length = match from_hex(text, room.as_mut_slice()) {
        Some(length) => length,
        None => from_base64(text, room.as_mut_slice())
            .ok_or("32 bytes, as 64 hexadecimal digits or as base64")?,
    };
    match room.first_chunk::<32>() {
        Some(bytes) if length == 32 => Ok(Box::new(Zeroizing::new(*bytes))),
        _ => Err(format!("32 bytes; these are {length}")),
    }
}

/// Hexadecimal digits: 64 of them, or 32, which who has counted digits for bytes must be told.
fn from_hex(text: &str, room: &mut [u8]) -> Option<usize> {
    let digits = text.as_bytes();
    if ![32, 64].contains(&digits.len()) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let value =
        |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| value.try_into().ok());
    for (byte, pair) in room.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let (high, low): (u8, u8) = (value(high)?, value(low)?);
        *byte = (high << 4) | low;
    }
    Some(digits.len() / 2)
}

fn from_base64(text: &str, room: &mut [u8]) -> Option<usize> {
    let mut plain = Zeroizing::new(text.trim_end_matches('=').as_bytes().to_vec());
    for char in plain.iter_mut() {
        match *char {
            b'-' => *char = b'+',
            b'_' => *char = b'/',
            _ => {}
        }
    }
    STANDARD_NO_PAD.decode_slice(plain.as_slice(), room).ok()
}

/// How one sees that nobody drew these bytes at random.
fn weakness(bytes: &[u8; 32]) -> Option<&'static str> {
    let mut sorted = Zeroizing::new(*bytes);
    sorted.sort_unstable();
    let different = sorted.chunk_by(|one, other| one == other).count();
    let mut steps =
        bytes.iter().zip(bytes.iter().skip(1)).map(|(one, next)| next.wrapping_sub(*one));
    let first = steps.next();
    if first.is_some() && steps.all(|step| Some(step) == first) {
        return Some("these are a sequence");
    }
    if different < LEAST_DIFFERENT {
        return Some("these repeat each other");
    }
    let is_text = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    is_text.then_some("these are a text")
}
