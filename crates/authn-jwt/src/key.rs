//! One key: it has one algorithm, and nothing a token says changes that.

use std::fmt;

use jsonwebtoken::DecodingKey;
use palisade_core::ConfigError;

use crate::{
    TokenError,
    algorithm::{Algorithm, Family},
    backend,
    compact::Compact,
};

/// RSA moduli in bits: below, they can be factored; above, one forged token costs us milliseconds.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// The points of Ed25519 whose order divides 8, without their sign: their second coordinate, lowest byte first. The last two
/// are other spellings of 0 and 1.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// How files of keys begin, but for JWKs.
const KEY_FILES: [&[u8]; 4] = [b"-----BEGIN ", b"---- BEGIN ", b"ssh-", b"ecdsa-sha2-"];

/// One key and its algorithm.
#[derive(Clone)]
pub(crate) struct Key {
    algorithm: Algorithm,
    engine: DecodingKey,
}

// === impl Key ===

impl Key {
    pub(crate) fn new(algorithm: Algorithm, engine: DecodingKey) -> Result<Self, &'static str> {
        if backend::takes(algorithm, &engine) {
            Ok(Self { algorithm, engine })
        } else {
            Err("a key that lies on its curve")
        }
    }

    /// A shared secret, at least as long as the hash of its algorithm.
    pub(crate) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, ConfigError> {
        backend::provider()?;
        let shortest = algorithm.shortest_secret();
        if secret.len() < shortest {
            let given = format!("{} bytes", secret.len());
            return Err(ConfigError::new("secret for signing tokens", given)
                .expected(format!("at least {shortest} random bytes")));
        }
        if is_key_file(secret) {
            return Err(ConfigError::new("secret for signing tokens", "a file of a key")
                .expected("random bytes that nobody else has; a public key is given as one"));
        }
        Ok(Self { algorithm, engine: DecodingKey::from_secret(secret) })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Checks that `token` names this key's algorithm.
    pub(crate) fn check_algorithm(&self, token: &Compact<'_>) -> Result<(), TokenError> {
        if token.algorithm == self.algorithm { Ok(()) } else { Err(TokenError::Algorithm) }
    }

    /// Checks that `token` names this key's algorithm and carries its signature.
    pub(crate) fn check(&self, token: &Compact<'_>) -> Result<(), TokenError> {
        self.check_algorithm(token)?;
        let signature = token.signature()?;
        if backend::verifies(self.algorithm, &self.engine, token.signed.as_bytes(), &signature) {
            Ok(())
        } else {
            Err(TokenError::Signature)
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Whether a secret is the file of a key, which others may have as well: whoever has it could sign (CVE-2022-29217,
/// CVE-2024-37568).
pub(crate) fn is_key_file(secret: &[u8]) -> bool {
    let text = secret.trim_ascii_start();
    KEY_FILES.iter().any(|start| text.starts_with(start))
        || (text.starts_with(b"{") && text.windows(5).any(|name| name == b"\"kty\""))
}

/// An RSA public key from its numbers.
pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<DecodingKey, &'static str> {
    let modulus = without_leading_zeros(modulus);
    let exponent = without_leading_zeros(exponent);
    if !RSA_BITS.contains(&bits(modulus)) {
        return Err("an RSA key of 2048 to 4096 bits");
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    if !is_odd(modulus) || !is_odd(exponent) || exponent == [1] || exponent.len() > 4 {
        return Err("an RSA key with an odd public exponent between 3 and 2^32");
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, exponent))
}

/// A point on a curve, uncompressed (SEC 1 section 2.3.3). The engine checks that it lies on the curve.
pub(crate) fn ec(family: Family, point: &[u8]) -> Result<DecodingKey, &'static str> {
    let expected = match family {
        Family::P256 => 65,
        Family::P384 => 97,
        _ => return Err("a key on P-256 or P-384"),
    };
    if point.len() != expected || point.first() != Some(&4) {
        return Err("both coordinates of a point, at the full length of the curve");
    }
    Ok(DecodingKey::from_ec_der(point))
}

/// An Ed25519 public key.
pub(crate) fn ed25519(public: &[u8]) -> Result<DecodingKey, &'static str> {
    // The engine slices to this length without looking.
    let Ok(point) = <[u8; 32]>::try_from(public) else {
        return Err("an Ed25519 key of 32 bytes");
    };
    if has_small_order(point) {
        return Err("an Ed25519 key that is a point of the large group");
    }
    Ok(DecodingKey::from_ed_der(public))
}

/// Whether a point is one of the eight whose order divides 8, in any spelling: under such a key, one signature is good for
/// every token, or for every eighth (RFC 8032 section 5.1 leaves it open; libsodium refuses the same list).
fn has_small_order(mut point: [u8; 32]) -> bool {
    // The sign of the other coordinate.
    if let Some(last) = point.last_mut() {
        *last &= 0x7f;
    }
    let hex = |byte: &u8| [byte >> 4, byte & 15];
    let digits = point.iter().flat_map(hex).filter_map(|digit| char::from_digit(digit.into(), 16));
    let digits: String = digits.collect();
    SMALL_ORDER.contains(&digits.as_str())
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    number.get(start..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    let unused = usize::try_from(unused).unwrap_or_default();
    number.len().saturating_mul(8).saturating_sub(unused)
}
