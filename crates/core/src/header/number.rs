//! Numbers as header values.

use http::HeaderValue;

/// Numbers below this are not allocated.
const SMALL: usize = 1000;

/// All of them, three digits each.
static DIGITS: [u8; SMALL * 3] = digits();

/// A number as a header's value. No allocation below 1 000, one from there on; `HeaderValue::from` makes two.
#[must_use]
pub fn number(value: u64) -> HeaderValue {
    small(value).map_or_else(|| large(value), HeaderValue::from_static)
}

fn small(value: u64) -> Option<&'static str> {
    let value = usize::try_from(value).ok().filter(|value| *value < SMALL)?;
    let zeros = usize::from(value < 100).saturating_add(usize::from(value < 10));
    let start = value.saturating_mul(3);
    let digits = DIGITS.get(start.saturating_add(zeros)..start.saturating_add(3))?;
    str::from_utf8(digits).ok()
}

fn large(value: u64) -> HeaderValue {
    let mut digits = itoa::Buffer::new();
    HeaderValue::from_str(digits.format(value)).unwrap_or(HeaderValue::from_static("0"))
}

const fn digits() -> [u8; SMALL * 3] {
    let mut digits = [b'0'; SMALL * 3];
    let mut rest: &mut [u8] = &mut digits;
    let mut value = 0_u64;
    while let [hundreds, tens, ones, behind @ ..] = rest {
        *hundreds = ascii(value / 100);
        *tens = ascii(value / 10 % 10);
        *ones = ascii(value % 10);
        value = value.saturating_add(1);
        rest = behind;
    }
    digits
}

/// The digit of a number below 10.
const fn ascii(digit: u64) -> u8 {
    let [low, ..] = digit.to_le_bytes();
    b'0'.saturating_add(low)
}
