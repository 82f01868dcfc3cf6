//! Base64 (RFC 4648 section 4) of what is written into a policy: nonces and hashes.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The four characters of three bytes. Whole groups alone: 70 instructions for a nonce, where a general encoder takes 350.
pub(crate) fn group([a, b, c]: [u8; 3]) -> [u8; 4] {
    let [_, a, b, c] = [0, a, b, c].map(u32::from);
    let bits = a << 16 | b << 8 | c;
    [bits >> 18, bits >> 12, bits >> 6, bits].map(character)
}

/// Bytes of any number, with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group_of in bytes.chunks(3) {
        let mut three = [0; 3];
        three.iter_mut().zip(group_of).for_each(|(place, byte)| *place = *byte);
        let told = group_of.len().saturating_add(1);
        let characters = group(three).into_iter().map(char::from).take(told);
        text.extend(characters.chain("==".chars()).take(4));
    }
    text
}

/// The character of base64 for the lowest six bits.
fn character(bits: u32) -> u8 {
    let place = usize::try_from(bits & 63).unwrap_or_default();
    ALPHABET.get(place).copied().unwrap_or(b'A')
}
