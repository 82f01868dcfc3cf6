//! The field of GCM, and with it one ciphertext that two keys open.

use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, UnboundCipherKey},
    iv::FixedLength,
};

/// A ciphertext of `blocks` blocks and its tag which AES-256-GCM takes under both keys: whoever knows two keys can make it.
///
/// A tag is linear in the blocks: those of the one key and those of the other are made equal by the last one.
pub(crate) fn collision(
    keys: [&[u8; 32]; 2],
    nonce: &[u8; 12],
    aad: &[u8],
    blocks: usize,
) -> Vec<u8> {
    let first = [nonce.as_slice(), &[0, 0, 0, 1]].concat().try_into().unwrap();
    let [(one, pad_one), (two, pad_two)] =
        keys.map(|key| (number(block(key, [0; 16])), number(block(key, first))));
    let mut text: Vec<u128> =
        (0..blocks as u128).map(|count| count * 0x0123_4567_89ab_cdef).collect();
    text[blocks - 1] = 0;
    let lengths = ((aad.len() as u128 * 8) << 64) | (blocks as u128 * 128);
    let tag = |hash_key, pad, text: &[u128]| {
        let blocks = padded(aad).into_iter().chain(text.iter().copied()).chain([lengths]);
        blocks.fold(0, |sum, block| times(sum ^ block, hash_key)) ^ pad
    };
    // The last block counts by the square of the key: the length stands behind it.
    let apart = tag(one, pad_one, &text) ^ tag(two, pad_two, &text);
    text[blocks - 1] = times(apart, inverse(times(one, one) ^ times(two, two)));
    let tag_one = tag(one, pad_one, &text);
    assert_eq!(tag_one, tag(two, pad_two, &text), "the arithmetic");
    text.push(tag_one);
    text.into_iter().flat_map(u128::to_be_bytes).collect()
}

fn block(key: &[u8; 32], block: [u8; 16]) -> [u8; 16] {
    let key = UnboundCipherKey::new(&AES_256, key).unwrap();
    // CBC of one block, with a start of zeros, is the block cipher.
    let key = EncryptingKey::cbc(key).unwrap();
    let mut text = block;
    let start = aws_lc_rs::cipher::EncryptionContext::Iv128(FixedLength::from([0; 16]));
    key.less_safe_encrypt(&mut text, start).unwrap();
    text
}

fn number(block: [u8; 16]) -> u128 {
    u128::from_be_bytes(block)
}

fn padded(bytes: &[u8]) -> Vec<u128> {
    let block = |chunk: &[u8]| {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        number(block)
    };
    bytes.chunks(16).map(block).collect()
}

/// NIST SP 800-38D section 6.3: the first bit is the constant term.
fn times(one: u128, other: u128) -> u128 {
    let (mut product, mut power) = (0, other);
    for bit in (0..128).rev() {
        if one >> bit & 1 == 1 {
            product ^= power;
        }
        power = if power & 1 == 1 { (power >> 1) ^ (0xe1 << 120) } else { power >> 1 };
    }
    product
}

/// To the power of 2¹²⁸ - 2.
fn inverse(one: u128) -> u128 {
    let (mut result, mut square) = (1 << 127, one);
    for _ in 1..128 {
        square = times(square, square);
        result = times(result, square);
    }
    result
}
