//! The name of one request, by which a client can quote a refusal.

use std::{fmt, str::FromStr};

use crate::ConfigError;

/// The name of one request: 128 random bits, shown as 32 hexadecimal digits. A client's own `X-Request-Id` is not taken
/// over: it would let two requests share a name in the log.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct RequestId(u128);

impl RequestId {
    /// Draws a new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The 32 hexadecimal digits. Every answer carries them: the formatter takes ten times as long.
    #[must_use]
    pub fn digits(self) -> [u8; 32] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [b'0'; 32];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(self.0.to_be_bytes()) {
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        digits
    }
}

impl FromStr for RequestId {
    type Err = ConfigError;

    /// Reads the 32 digits, in lower case as they are shown.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let wrong =
            || ConfigError::new("request id", text).expected("32 lowercase hexadecimal digits");
        if text.len() != 32 || !digits {
            return Err(wrong());
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
