//! The other signature that an ECDSA token may as well have, and which anyone can compute.

/// The order of the group of each curve, big-endian (SEC 2 sections 2.4.2 and 2.5.1).
const P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
const P384: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// The digits of base64url (RFC 4648 section 5).
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The twin of a signature in base64url: whoever has (r, s) has (r, n − s), and both verify. `None` if it has not the length of
/// a signature on P-256 or P-384, or is none.
///
/// Signatures of other kinds may have these lengths too. They then get a twin that verifies nowhere, which does no harm.
pub(super) fn twin_of(signature: &str) -> Option<String> {
    let order: &[u8] = match signature.len() {
        86 => &P256,
        128 => &P384,
        _ => return None,
    };
    let mut bytes = decode(signature)?;
    let (_, s) = bytes.split_at_checked(order.len())?;
    let negated = negate(order, s)?;
    bytes.truncate(order.len());
    bytes.extend(negated);
    Some(encode(&bytes))
}

/// `order` − `number`, if the number lies between zero and the order. Both are big-endian and of one length.
fn negate(order: &[u8], number: &[u8]) -> Option<Vec<u8>> {
    if number >= order || number.iter().all(|byte| *byte == 0) {
        return None;
    }
    let mut borrows = false;
    let subtract = |(from, byte): (&u8, &u8)| {
        let (difference, is_under) = from.overflowing_sub(*byte);
        let (difference, is_still_under) = difference.overflowing_sub(u8::from(borrows));
        borrows = is_under || is_still_under;
        difference
    };
    // From the last byte, the lowest, on.
    let mut difference: Vec<u8> = order.iter().zip(number).rev().map(subtract).collect();
    difference.reverse();
    Some(difference)
}

/// Decodes base64url without padding, in which the bits left over are zero.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for digits in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for place in 0..4 {
            let value = digits.get(place).map_or(Some(0), |digit| value_of(*digit))?;
            word = (word << 6) | value;
        }
        let [_, whole @ ..] = word.to_be_bytes();
        // Two digits hold one byte, three hold two, four hold three.
        let (whole, rest) = whole.split_at_checked(digits.len().checked_sub(1)?)?;
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend(whole);
    }
    Some(bytes)
}

fn value_of(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(71),
        b'0'..=b'9' => digit.checked_add(4),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    value.map(u32::from)
}

/// Encodes in base64url without padding.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(128);
    for bytes in bytes.chunks(3) {
        let mut word = [0; 4];
        for (place, byte) in word.iter_mut().skip(1).zip(bytes) {
            *place = *byte;
        }
        let word = u32::from_be_bytes(word);
        let values = [word >> 18, word >> 12, word >> 6, word];
        let digit = |value: u32| DIGITS.get(usize::try_from(value & 63).ok()?).copied();
        // One byte takes two digits, two take three, three take four.
        let count = bytes.len().saturating_add(1);
        text.extend(values.into_iter().take(count).filter_map(digit).map(char::from));
    }
    text
}
